"""The order in which a stack's resources are created, derived from their references."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.cloudformation.exceptions import ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_IN_SUB = re.compile(r"\$\{([^!}][^}]*)\}")
_PSEUDO = "AWS::"


def creation_order(template: Mapping[str, Any], conditions: Mapping[str, bool]) -> list[str]:
    """List the resources whose conditions are met, in dependency order.

    Raises ValidationError for a reference to an unknown name and for circular references.
    """
    existing = _existing(template.get("Resources", {}), conditions)
    outputs = _existing(template.get("Outputs") or {}, conditions)
    needed = {name: set(_needed(one, conditions)) for name, one in existing.items()}
    shown = {name: set(_references(one, conditions)) for name, one in outputs.items()}
    defined = {*existing, *template.get("Parameters", {})}
    _require_defined(needed, defined, "Resources")
    _require_defined(shown, defined, "Outputs")
    order: dict[str, None] = {}
    for name in existing:
        _visit(name, needed, order, [])
    return list(order)


def _visit(
    name: str, needed: Mapping[str, set[str]], order: dict[str, None], path: list[str]
) -> None:
    if name in path:
        circle = ", ".join(sorted(path[path.index(name) :]))
        raise ValidationError(message=f"Circular dependency between resources: [{circle}]")
    if name in order or name not in needed:
        return
    for other in sorted(needed[name]):
        _visit(other, needed, order, [*path, name])
    order[name] = None


def _existing(
    members: Mapping[str, Any], conditions: Mapping[str, bool]
) -> dict[str, Mapping[str, Any]]:
    return {
        name: member
        for name, member in members.items()
        if "Condition" not in member or _is_met(member["Condition"], conditions)
    }


def _is_met(condition: str, conditions: Mapping[str, bool]) -> bool:
    if condition not in conditions:
        raise ValidationError(
            message=f"Template format error: Unresolved condition dependency {condition} in the "
            "template"
        )
    return conditions[condition]


def _require_defined(needed: Mapping[str, set[str]], defined: set[str], block: str) -> None:
    unknown = {
        name
        for names in needed.values()
        for name in names
        if name not in defined and not name.startswith(_PSEUDO)
    }
    if unknown:
        raise ValidationError(
            message=f"Template format error: Unresolved resource dependencies "
            f"[{', '.join(sorted(unknown))}] in the {block} block of the template"
        )


def _needed(resource: Mapping[str, Any], conditions: Mapping[str, bool]) -> Iterator[str]:
    after = resource.get("DependsOn", [])
    yield from [after] if isinstance(after, str) else after
    yield from _references(resource.get("Properties", {}), conditions)


def _references(value: Any, conditions: Mapping[str, bool]) -> Iterator[str]:
    """The names that a value refers to. Branches of Fn::If that do not apply are skipped."""
    if isinstance(value, list):
        for item in value:
            yield from _references(item, conditions)
    elif isinstance(value, dict):
        if len(value) == 1:
            ((function, argument),) = value.items()
            if (names := _of_function(function, argument, conditions)) is not None:
                yield from names
                return
        for item in value.values():
            yield from _references(item, conditions)


def _of_function(
    function: str, argument: Any, conditions: Mapping[str, bool]
) -> Iterator[str] | None:
    """The names that an intrinsic function refers to, or None if its arguments must be searched."""
    if function == "Ref":
        return iter([argument])
    if function == "Fn::GetAtt":
        return iter([argument.split(".")[0] if isinstance(argument, str) else argument[0]])
    if function == "Fn::Sub":
        return _of_sub(argument, conditions)
    if function == "Fn::If":
        condition, met, otherwise = argument
        return _references(met if _is_met(condition, conditions) else otherwise, conditions)
    return None


def _of_sub(argument: Any, conditions: Mapping[str, bool]) -> Iterator[str]:
    text, values = (argument, {}) if isinstance(argument, str) else argument
    yield from _references(list(values.values()), conditions)
    yield from (
        name for found in _IN_SUB.findall(text) if (name := found.split(".")[0]) not in values
    )
