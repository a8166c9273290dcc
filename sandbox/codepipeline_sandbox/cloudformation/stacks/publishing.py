"""The outputs of a stack, and their exports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.cloudformation import parsing
from moto.core.exceptions import ServiceException

from codepipeline_sandbox.cloudformation.errors import DeploymentFailed
from codepipeline_sandbox.cloudformation.stacks import imports

if TYPE_CHECKING:
    from codepipeline_sandbox.cloudformation.stacks.stack_state import Resources, StackState


def publish(stack: StackState, resources: Resources) -> None:
    """Compute and export the outputs whose conditions are met. Raises DeploymentFailed."""
    shown = [
        _output(key, output, resources)
        for key, output in resources.outputs().items()
        if "Condition" not in output or resources.lazy_condition_map[output["Condition"]]
    ]
    exported = [
        parsing.Export(stack.stack_id, each["ExportName"], each["OutputValue"])
        for each in shown
        if each["ExportName"] is not None
    ]
    for export in exported:
        _require_free(stack, export.name)
    _require_imports(stack, {export.name: export.value for export in exported})
    withdraw(stack)
    stack.shown, stack.exported = shown, exported
    stack.cross_stack_resources.update({export.name: export for export in exported})


def withdraw(stack: StackState) -> None:
    """Remove the stack's exports."""
    for export in stack.exported:
        del stack.cross_stack_resources[export.name]
    stack.exported = []


def _output(key: str, output: dict[str, Any], resources: Resources) -> dict[str, Any]:
    try:
        resolved = parsing.clean_json(output, resources)
    except ServiceException as error:
        raise DeploymentFailed(error.message) from error
    return {
        "OutputKey": key,
        "OutputValue": str(resolved["Value"]),
        "Description": resolved.get("Description"),
        "ExportName": resolved.get("Export", {}).get("Name"),
    }


def _require_imports(stack: StackState, exported: dict[str, str]) -> None:
    """Raise DeploymentFailed if another stack imports an export that would change."""
    for before in stack.exported:
        if exported.get(before.name) == before.value:
            continue
        if names := imports.importers(stack, before.name):
            change = "updated" if before.name in exported else "deleted"
            raise DeploymentFailed(
                f"Export {before.name} cannot be {change} as it is in use by {imports.text(names)}"
            )


def _require_free(stack: StackState, name: str) -> None:
    other = stack.cross_stack_resources.get(name)
    if other is not None and other.exporting_stack_id != stack.stack_id:
        exporter = other.exporting_stack_id.split("/")[1]
        raise DeploymentFailed(f"Export with name {name} is already exported by stack {exporter}")
