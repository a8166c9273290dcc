"""Fast checks of values against the shapes of an API model.

A check only reports whether a value is valid. For an invalid value, `api_model` finds the problem.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from codepipeline_sandbox.api_model import constraints

Check = Callable[[Any], bool]

TYPES: dict[str, tuple[type, ...]] = {
    "structure": (Mapping,),
    "map": (Mapping,),
    "list": (list, tuple),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float, str, datetime),
    "blob": (str, bytes),
}


def check(shape: Any, *, closed: bool, left_out: Collection[tuple[str, str]] = ()) -> Check:
    """Build a check that returns whether a value fits the shape.

    If `closed` is true, members that are not in the model are invalid. `left_out` lists required
    members that may be missing, as pairs of the shape's name and the member's name.
    """
    within: dict[str, Any] = {"closed": closed, "left_out": left_out}
    if shape.type_name == "structure":
        return _structure(shape, within)
    if shape.type_name == "list":
        return _list(shape, check(shape.member, **within))
    if shape.type_name == "map":
        return _map(shape, check(shape.key, **within), check(shape.value, **within))
    return _scalar(shape)


def _structure(shape: Any, within: Mapping[str, Any]) -> Check:
    checks: dict[str, Check] = {}  # created on demand because a shape can contain itself
    required = [
        name for name in shape.required_members if (shape.name, name) not in within["left_out"]
    ]

    def fits(value: Any) -> bool:
        if not isinstance(value, dict):
            return False
        for name, inner in value.items():
            if name not in checks:
                if name not in shape.members:
                    if within["closed"]:
                        return False
                    continue
                checks[name] = check(shape.members[name], **within)
            if inner is not None and not checks[name](inner):
                return False
        return all(value.get(name) is not None for name in required)

    return fits


def _list(shape: Any, member: Check) -> Check:
    kept = constraints.kept(shape)
    return lambda value: (
        isinstance(value, (list, tuple)) and kept(value) and all(map(member, value))
    )


def _map(shape: Any, key: Check, inner: Check) -> Check:
    kept = constraints.kept(shape)
    return lambda value: (
        isinstance(value, dict)
        and kept(value)
        and all(map(key, value))
        and all(map(inner, value.values()))
    )


def _scalar(shape: Any) -> Check:
    kept, types = constraints.kept(shape), TYPES[shape.type_name]
    if shape.type_name == "boolean":
        return lambda value: isinstance(value, bool)
    return lambda value: (
        isinstance(value, types) and not isinstance(value, bool) and kept(value)  # bool is an int
    )
