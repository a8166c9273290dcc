"""A deployment package: the zip's files in a directory, its modules compiled once."""

from __future__ import annotations

import io
import zipfile
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from types import CodeType


class DeploymentPackage:
    """The code of a function, as every container of it loads it."""

    def __init__(self, zip_bytes: bytes, root: Path) -> None:
        self.root = root
        self._compiled: dict[Path, CodeType] = {}
        with zipfile.ZipFile(io.BytesIO(zip_bytes)) as archive:
            archive.extractall(root)

    @cached_property
    def top_level(self) -> frozenset[str]:
        """The names of the modules and packages that lie in the zip's root."""
        return frozenset(
            path.stem if path.suffix == ".py" else path.name
            for path in self.root.iterdir()
            if path.suffix == ".py" or (path.is_dir() and any(path.rglob("*.py")))
        )

    def find(self, module_name: str) -> tuple[Path, bool] | None:
        """The module's file, and whether it is a package; None when the zip has no such module."""
        base = self.root.joinpath(*module_name.split("."))
        if (base / "__init__.py").is_file():
            return base / "__init__.py", True
        if base.with_suffix(".py").is_file():
            return base.with_suffix(".py"), False
        return (base, True) if base.is_dir() else None  # a namespace package has no code

    def code(self, path: Path) -> CodeType:
        """The file's code, compiled once for all containers."""
        if path not in self._compiled:
            source = "" if path.is_dir() else path.read_text(encoding="utf-8")
            self._compiled[path] = compile(source, str(path), "exec", dont_inherit=True)
        return self._compiled[path]
