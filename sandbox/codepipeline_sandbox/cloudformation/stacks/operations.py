"""Creates and deletes stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codepipeline_sandbox.cloudformation.errors import DeploymentFailed, ResourceFailed
from codepipeline_sandbox.cloudformation.stacks import changing, imports, publishing

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from codepipeline_sandbox.cloudformation.stacks.stack_state import StackState

_ENDINGS = {"ROLLBACK": "Rollback", "DELETE": "Delete"}
RETAINED = ("Retain", "RetainExceptOnCreate")


def create(stack: StackState, *, on_failure: str = "ROLLBACK") -> None:
    """Create the stack's resources and outputs. If one fails, `on_failure` decides what remains."""
    stack.enter("CREATE_IN_PROGRESS", "User Initiated")
    try:
        for name in stack.resource_map.order:
            changing.create(stack, stack.resource_map, name)
        publishing.publish(stack, stack.resource_map)
    except DeploymentFailed as error:
        stack.failure = error
        _give_up(stack, why(error, "create"), on_failure)
    else:
        stack.enter("CREATE_COMPLETE")


def delete(stack: StackState) -> None:
    """Delete the stack's resources. The status becomes DELETE_FAILED if one cannot be deleted.

    If another stack imports an export, nothing is deleted and the status does not change.
    """
    for export in stack.exported:
        if names := imports.importers(stack, export.name):
            stack.enter(
                stack.status,
                f"Delete canceled. Cannot delete export {export.name} as it is in use by "
                f"{imports.text(names)}.",
            )
            return
    stack.enter("DELETE_IN_PROGRESS", "User Initiated")
    if failed := _remove_all(stack, RETAINED):
        stack.enter("DELETE_FAILED", _not_deleted(failed))
    else:
        publishing.withdraw(stack)
        stack.enter("DELETE_COMPLETE")


def why(error: DeploymentFailed, operation: str) -> str:
    """The reason in the stack's events when an operation fails."""
    if isinstance(error, ResourceFailed):
        return f"The following resource(s) failed to {operation}: [{error.logical_id}]."
    return str(error)


def _give_up(stack: StackState, reason: str, on_failure: str) -> None:
    if on_failure == "DO_NOTHING":
        stack.enter("CREATE_FAILED", reason)
        return
    ending = "DELETE" if on_failure == "DELETE" else "ROLLBACK"
    stack.enter(
        f"{ending}_IN_PROGRESS", f"{reason.rstrip('.')}. {_ENDINGS[ending]} requested by user."
    )
    if failed := _remove_all(stack, ("Retain",)):
        stack.enter(f"{ending}_FAILED", _not_deleted(failed))
    else:
        stack.enter(f"{ending}_COMPLETE")


def _remove_all(stack: StackState, retained: Collection[str]) -> list[str]:
    """Delete all resources, and return the names of those that could not be deleted."""
    resources = stack.resource_map
    return [
        name
        for name in reversed(resources.existing())
        if not changing.delete(stack, resources, name, retained)
    ]


def _not_deleted(names: Sequence[str]) -> str:
    return f"The following resource(s) failed to delete: [{', '.join(names)}]. "
