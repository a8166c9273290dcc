"""What the containers of a package share cannot carry anything from one to another."""

import importlib
from types import FunctionType, ModuleType

import pytest

from sandbox.awslambda.modules import DEFINITIONS

UNCHANGING = (str, int, float, bool, tuple, frozenset, type, FunctionType, type(None))


def changeable(module: ModuleType) -> list[str]:
    """The names of what could be changed in place; typing's aliases cannot."""
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("__")
        and not isinstance(value, UNCHANGING)
        and type(value).__module__ not in {"typing", "__future__"}
    ]


@pytest.mark.parametrize("name", sorted(DEFINITIONS))
def test_a_module_that_containers_share_holds_nothing_that_changes(name):
    assert changeable(importlib.import_module(name)) == []


def test_a_table_that_grows_would_be_found():
    module = ModuleType("growing")
    vars(module)["seen"] = {}
    assert changeable(module) == ["seen"]
