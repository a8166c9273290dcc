"""Uses the sandbox in a fresh process. The arguments are pytest's for the tests to run at the end.

Writes a JSON object with lists of names to standard output: `import` is what the import of the
sandbox changes in other packages, `listed` what an open cloud says it changes, `open` what differs
while the cloud is open, and `closed` what still differs afterward. What moto's own mock changes is
omitted. `tests` is the output of pytest.
"""

from __future__ import annotations

import ast
import json
import os
import sys
from contextlib import redirect_stdout, suppress
from importlib import import_module
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws
from moto.cloudformation import parsing
from moto.core.base_backend import BackendDict
from moto.moto_api._internal import mock_random

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
PACKAGE = "codepipeline_sandbox"
GATE = ROOT / "examples" / "sandbox-action" / "template.yaml"
# Weak references, caches, and a module that Python loads when it is needed.
DATA = {"logging._handlerList", "re._cache", "re._cache2", "random._sha512"}
_State = dict[str, dict[Any, Any]]  # by the name of a module, class or collection: what it contains
_ABSENT = object()


def main() -> None:
    # A module's state before the cloud is known only if the module is loaded before.
    for name in sorted(set(imported_by(ROOT / "sandbox" / PACKAGE))):
        with suppress(ModuleNotFoundError):  # some names are those of functions and classes
            import_module(name)
    use_moto()  # once, so that what moto and Python load when needed is loaded
    before = state()
    of_moto = {*DATA, *use_moto(before), *changes(before)}

    sandbox = import_module(PACKAGE)
    for name in sandbox.__all__:
        getattr(sandbox, name)  # loads the modules of the names that load moto
    found = {"import": changes(before)}
    with sandbox.Cloud(seed=1) as cloud:
        found |= {"listed": set(cloud.patches), "open": changes(before)}
        run_an_action(sandbox, cloud)
    found["closed"] = changes(before)
    result = {key: sorted(names - of_moto) for key, names in found.items()}
    json.dump({**result, "tests": run_tests()}, sys.stdout)


def run_tests() -> str:
    with redirect_stdout(StringIO()) as written:
        pytest.main([*sys.argv[1:], "-p", f"{PACKAGE}.pytest_plugin"])
    return written.getvalue()


def use_moto(before: _State | None = None) -> set[str]:
    with mock_aws():
        return changes(before or {})


def run_an_action(sandbox: Any, cloud: Any) -> None:
    function = sandbox.deploy(cloud, GATE).resource("ReleaseGate")
    settings = {"FunctionName": function, "UserParameters": "/release/gate"}
    gate = sandbox.Action("Wait", provider="Lambda", configuration=settings)
    release = sandbox.add_pipeline(cloud, "release", {"Gate": [gate]})
    release.start()
    cloud.world.run()
    assert release.action("Wait")["status"] == "Failed"  # there is no parameter


def imported_by(package: Path) -> Iterator[str]:
    """Yield the names of other packages' modules, and of what is imported from them."""
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not str(node.module).startswith(PACKAGE):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def state() -> _State:
    """Copy the contents of modules, and of their classes and collections."""
    found: _State = {
        f"{parsing.__name__}.get_model_map()[]": dict(parsing.get_model_map()),
        f"{parsing.__name__}.get_name_type_map()[]": dict(parsing.get_name_type_map()),
        "moto.moto_api._internal.mock_random[]": {"state": mock_random.getstate()},
        "os.environ[]": dict(os.environ),
    }
    known: set[int] = set()
    for name, module in list(sys.modules.items()):
        if isinstance(module, ModuleType) and name.split(".")[0] not in {PACKAGE, "__main__"}:
            found[name] = dict(vars(module))
            for key, value in found[name].items():
                if isinstance(value, type) or id(value) not in known:
                    known.add(id(value))
                    found |= contents(name, key, value)
    return found


def contents(module: str, name: str, value: Any) -> _State:
    if isinstance(value, type) and value.__module__ == module:
        return {f"{module}.{value.__qualname__}": dict(vars(value))}
    if isinstance(value, BackendDict):
        return {f"{value.service_name}_backends#{id(value)}": {"backend": value.backend}}
    if type(value) is list:
        return {f"{module}.{name}[]": dict(enumerate(value))}
    return {f"{module}.{name}{{}}": dict(value)} if type(value) is dict else {}


def changes(before: _State) -> set[str]:
    """Name what has been replaced, added or removed since."""
    now = state()
    return {
        name[:-2] if name.endswith(("[]", "{}")) else f"{name.partition('#')[0]}.{key}"
        for name, items in before.items()
        for key in {**items, **now.get(name, items)}
        if differ(name, items.get(key, _ABSENT), now.get(name, items).get(key, _ABSENT))
    }


def differ(name: str, one: Any, other: Any) -> bool:
    if one is other or (type(one) in {bytes, str, tuple} and one == other):
        return False
    if name.endswith("{}"):
        return one is not _ABSENT  # a module's dictionary can be a cache, which grows
    return name.endswith("[]") or is_code(one) or (is_code(other) and not is_module(other))


def is_code(value: Any) -> bool:
    """Whether a value can be a patch, as opposed to a number that a library counts."""
    return callable(value) or is_module(value) or isinstance(value, BackendDict | staticmethod)


def is_module(value: Any) -> bool:
    return isinstance(value, ModuleType)


if __name__ == "__main__":
    main()
