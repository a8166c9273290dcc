"""Uses the sandbox in a fresh process, then runs pytest with the command-line arguments.

Writes a JSON object to standard output. `tests` is pytest's output. The other members list names in
other packages, except those that moto's own mock changes:

- `import`: changed by importing the sandbox
- `listed`: changed by an open cloud, according to the cloud
- `open`: found to be changed while the cloud is open
- `closed`: still changed after the cloud is closed
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
# These change anyway: weak references, caches, and a module that Python loads on demand.
DATA = {"logging._handlerList", "re._cache", "re._cache2", "random._sha512"}
_State = dict[str, dict[Any, Any]]  # the contents of modules, classes and collections, by name
_ABSENT = object()


def main() -> None:
    # Import the modules first, so that their original state is known.
    for name in sorted(set(imported_by(ROOT / "sandbox" / PACKAGE))):
        with suppress(ModuleNotFoundError):  # some of the names are functions or classes
            import_module(name)
    use_moto()  # makes moto and Python load what they only load on demand
    before = state()
    of_moto = {*DATA, *use_moto(before), *changes(before)}

    sandbox = import_module(PACKAGE)
    for name in sandbox.__all__:
        getattr(sandbox, name)  # loads the modules that are only imported on access
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
    assert release.action("Wait")["status"] == "Failed"  # the SSM parameter does not exist


def imported_by(package: Path) -> Iterator[str]:
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not str(node.module).startswith(PACKAGE):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def state() -> _State:
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
    """Whether a value can be a patch. Counters and similar values cannot."""
    return callable(value) or is_module(value) or isinstance(value, BackendDict | staticmethod)


def is_module(value: Any) -> bool:
    return isinstance(value, ModuleType)


if __name__ == "__main__":
    main()
