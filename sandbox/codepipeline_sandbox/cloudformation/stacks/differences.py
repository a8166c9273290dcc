"""Predicts how an update would change the resources of a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError

from codepipeline_sandbox.cloudformation.stacks import replacement
from codepipeline_sandbox.cloudformation.stacks.changing import physical_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.cloudformation.stacks.stack_state import Resources

_UNKNOWN = object()


def between(before: Resources, after: Resources) -> list[dict[str, Any]]:
    """List the changes. Modifies `after`, which must not be used again."""
    existing = before.existing()
    changes = []
    for name in after.order:
        if name not in existing:
            changes.append(_change("Add", after, name))
            continue
        changed = changed_properties(before.resolved(name), _foreseen(after, name))
        replaced = changed & replacement.CREATE_ONLY.get(after.declared(name)["Type"], frozenset())
        # A replaced resource is not added to `after`, so references to it count as changes.
        if not replaced:
            after.put(name, before[name])
        if changed:
            changes.append(
                _change(
                    "Modify",
                    before,
                    name,
                    Replacement="True" if replaced else "False",
                    Scope=["Properties"],
                    Details=[_detail(key, key in replaced) for key in sorted(changed)],
                )
            )
    removed = [name for name in existing if name not in after.order]
    return [*changes, *(_change("Remove", before, name) for name in removed)]


def _foreseen(after: Resources, name: str) -> dict[str, Any]:
    properties = after.declared(name)["Properties"]
    return {"Properties": {key: _value(each, after) for key, each in properties.items()}}


def _value(value: Any, after: Resources) -> Any:
    try:
        return parsing.clean_json(value, after)
    except ValidationError:  # the value refers to a resource that does not exist yet
        return _UNKNOWN


def changed_properties(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """The names of the properties that differ between two states of a resource."""
    before, after = old["Properties"], new["Properties"]
    names = {*before, *after}
    return {name for name in names if before.get(name) != after.get(name)}


def _change(action: str, resources: Resources, name: str, **more: Any) -> dict[str, Any]:
    return {
        "Type": "Resource",
        "ResourceChange": {
            "Action": action,
            "LogicalResourceId": name,
            "PhysicalResourceId": physical_id(resources[name]) or None,
            "ResourceType": resources.declared(name)["Type"],
            **more,
        },
    }


def _detail(name: str, recreates: bool) -> dict[str, Any]:  # noqa: FBT001 - a plain fact
    return {
        "Target": {
            "Attribute": "Properties",
            "Name": name,
            "RequiresRecreation": "Always" if recreates else "Never",
        },
        "Evaluation": "Static",
        "ChangeSource": "DirectModification",
    }
