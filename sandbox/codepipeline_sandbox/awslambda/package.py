"""Extracts a function's zip file, and compiles each module only once."""

from __future__ import annotations

import io
import shutil
import tempfile
import weakref
import zipfile
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import CodeType, ModuleType


@lru_cache(maxsize=32)  # clouds are replaced often and usually run the same code
def extracted(zip_bytes: bytes) -> DeploymentPackage:
    """Return the package for a zip file. Its directory is deleted along with the package."""
    return DeploymentPackage(zip_bytes)


class DeploymentPackage:
    """A function's code in a temporary directory, shared by all containers."""

    def __init__(self, zip_bytes: bytes) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="sandbox-lambda-"))
        weakref.finalize(self, shutil.rmtree, self.root, ignore_errors=True)
        self.definitions: dict[str, ModuleType] = {}  # modules shared by all containers
        self._compiled: dict[Path, CodeType] = {}
        self._found: dict[str, tuple[Path, bool] | None] = {}
        with zipfile.ZipFile(io.BytesIO(zip_bytes)) as archive:
            archive.extractall(self.root)

    @cached_property
    def top_level(self) -> frozenset[str]:
        """The names of the modules and packages at the root of the zip."""
        return frozenset(
            path.stem if path.suffix == ".py" else path.name
            for path in self.root.iterdir()
            if path.suffix == ".py" or (path.is_dir() and any(path.rglob("*.py")))
        )

    def find(self, module_name: str) -> tuple[Path, bool] | None:
        """Find the module's file, and whether the module is a package.

        Returns None if the zip does not contain the module.
        """
        if module_name not in self._found:
            self._found[module_name] = self._find(module_name)
        return self._found[module_name]

    def _find(self, module_name: str) -> tuple[Path, bool] | None:
        base = self.root.joinpath(*module_name.split("."))
        if (base / "__init__.py").is_file():
            return base / "__init__.py", True
        if base.with_suffix(".py").is_file():
            return base.with_suffix(".py"), False
        return (base, True) if base.is_dir() else None  # a namespace package has no code

    def code(self, path: Path) -> CodeType:
        """Return the file's compiled code."""
        if path not in self._compiled:
            source = "" if path.is_dir() else path.read_text(encoding="utf-8")
            self._compiled[path] = compile(source, str(path), "exec", dont_inherit=True)
        return self._compiled[path]
