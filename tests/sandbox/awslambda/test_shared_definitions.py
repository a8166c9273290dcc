"""The modules that containers share cannot carry state from one container to another."""

import importlib
from types import FunctionType, ModuleType

from sandbox.company import SHARED

UNCHANGING = (str, int, float, bool, tuple, frozenset, type, FunctionType, type(None))


def changeable(module: ModuleType) -> list[str]:
    """The names of values that can be changed in place. Type aliases do not count."""
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("__")
        and not isinstance(value, UNCHANGING)
        and type(value).__module__ not in {"typing", "__future__"}
    ]


def test_the_module_that_containers_share_holds_nothing_mutable():
    assert changeable(importlib.import_module(SHARED)) == []


def test_the_check_finds_a_mutable_table():
    module = ModuleType("growing")
    vars(module)["seen"] = {}
    assert changeable(module) == ["seen"]
