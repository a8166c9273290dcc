"""Loads a package's modules separately for each container.

A container's modules are in `sys.modules` only while its task runs. Afterward, the previous modules
with the same names are restored. They belong to another container, or to a test that imports the
same module from the repository.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.util import spec_from_loader
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from pathlib import Path
    from types import CodeType, ModuleType

    from codepipeline_sandbox.awslambda.package import DeploymentPackage


_shared: set[str] = set()


def share(*names: str) -> None:
    """Load these modules and packages only once for all containers.

    This saves time at cold starts. A shared module must not have state or import a module
    that has state.
    """
    _shared.update(names)


def is_shared(name: str) -> bool:
    """Whether all containers of a package share the module."""
    parts = name.split(".")
    return any(".".join(parts[:count]) in _shared for count in range(2, len(parts) + 1))


class _Loader(InspectLoader):
    """Loads one module and records its name in the container's modules."""

    def __init__(self, modules: ContainerModules, path: Path, *, is_package: bool) -> None:
        self._modules = modules
        self._path = path
        self._is_package = is_package

    def is_package(self, fullname: str) -> bool:  # noqa: ARG002 - a loader has only one module
        return self._is_package

    def get_source(self, fullname: str) -> str | None:  # noqa: ARG002
        return None if self._path.is_dir() else self._path.read_text(encoding="utf-8")

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002
        return self._modules.package.code(self._path)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._modules.package.definitions.get(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        self._modules.names.add(name)
        if name not in self._modules.package.definitions:
            super().exec_module(module)
        if is_shared(name):
            self._modules.package.definitions[name] = module


class ContainerModules(MetaPathFinder):
    """One container's modules. `enter` adds them to `sys.modules`, and `leave` removes them."""

    def __init__(self, package: DeploymentPackage) -> None:
        self.package = package
        self.names: set[str] = set()  # the names of all modules loaded so far
        self._own: dict[str, ModuleType] = {}
        self._others: dict[str, ModuleType] = {}

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the package knows its files
        target: ModuleType | None = None,  # noqa: ARG002 - only given for reloads
    ) -> ModuleSpec | None:
        """The spec of a module in the package. None for any other module."""
        if fullname.partition(".")[0] not in self.package.top_level:
            return None
        found = self.package.find(fullname)
        if found is None:
            return None
        file, is_package = found
        loader = _Loader(self, file, is_package=is_package)
        spec = spec_from_loader(fullname, loader, origin=str(file), is_package=is_package)
        if spec is not None:
            spec.has_location = not file.is_dir()
            if is_package:
                folder = file if file.is_dir() else file.parent
                spec.submodule_search_locations = [str(folder)]
        return spec

    def enter(self) -> None:
        """Put the container's modules into sys.modules."""
        self._others = self._loaded_by_others()
        for name in self._others:
            del sys.modules[name]
        sys.modules.update(self._own)
        # Type hints of a shared class are looked up in its module, which this container may not
        # have imported yet.
        sys.modules.update(self.package.definitions)
        self.names.update(self.package.definitions)
        sys.meta_path.insert(0, self)

    def leave(self) -> None:
        """Remove the container's modules, and restore the previous ones."""
        sys.meta_path.remove(self)
        self._own = {name: sys.modules.pop(name) for name in self.names if name in sys.modules}
        sys.modules.update(self._others)

    def _loaded_by_others(self) -> dict[str, ModuleType]:
        top_level = self.package.top_level
        if not any(name in sys.modules for name in top_level):
            return {}
        # Not cached: after a switch from another container, `sys.modules` can have the same length
        # and last key but contain other modules.
        if any(isinstance(finder, ContainerModules) for finder in sys.meta_path):
            names = _names_below(top_level)
        else:
            # Loading a module changes the length of `sys.modules` or its last key, so a result
            # that was cached for the same length and key is still correct.
            names = _remembered_names(top_level, len(sys.modules), next(reversed(sys.modules)))
        return {name: sys.modules[name] for name in names if name in sys.modules}


def _names_below(top_level: frozenset[str]) -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] in top_level]


@cache
def _remembered_names(top_level: frozenset[str], _length: int, _last: str) -> list[str]:
    return _names_below(top_level)
