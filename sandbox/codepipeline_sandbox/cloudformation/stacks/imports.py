"""Finds the stacks that import an export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.cloudformation import parsing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codepipeline_sandbox.cloudformation.stacks.stack_state import StackState


def importers(stack: StackState, export: str) -> list[str]:
    """The names of the other stacks that import this export of the stack."""
    return [
        other.name
        for other in stack.neighbors.values()
        if other is not stack and export in _imported_by(other)
    ]


def text(names: list[str]) -> str:
    """The names as CloudFormation lists them: `a, b and c`."""
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _imported_by(stack: StackState) -> set[str]:
    resources = stack.resource_map
    declared = [resources.declared(name) for name in resources.existing()]
    return {
        parsing.clean_json(name, resources)
        for name in _names([declared, list(resources.outputs().values())])
    }


def _names(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        if "Fn::ImportValue" in value:
            yield value["Fn::ImportValue"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _names(item)
