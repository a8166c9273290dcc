"""Updates stacks by creating, changing, replacing and deleting resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.cloudformation.exceptions import ValidationError
from moto.core.exceptions import ServiceException

from codepipeline_sandbox.cloudformation.errors import (
    DeploymentFailed,
    NotSupported,
    ResourceFailed,
)
from codepipeline_sandbox.cloudformation.stacks import changing, publishing, replacement
from codepipeline_sandbox.cloudformation.stacks.differences import changed_properties
from codepipeline_sandbox.cloudformation.stacks.operations import RETAINED, why

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codepipeline_sandbox.cloudformation.stacks.stack_state import Resources, StackState
    from codepipeline_sandbox.cloudformation.stacks.submission import Submission

_UPDATABLE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}
_TEXTS = {"Description", "Metadata"}  # changing only these is not an update
_REPLACES = "Requested update requires the creation of a new physical resource; hence creating one."


def require_updatable(stack: StackState) -> None:
    """Raise ValidationError for a stack whose status does not allow updates."""
    if stack.status not in _UPDATABLE:
        raise ValidationError(
            message=f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated."
        )


def differs(stack: StackState, submission: Submission, tags: Mapping[str, str] | None) -> bool:
    """Whether an update would change anything."""
    before = stack.submission
    return (
        before is None
        or before.values != submission.values
        or _effective(before.document) != _effective(submission.document)
        or (tags is not None and tags != stack.tags)
    )


def _effective(template: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in template.items() if name not in _TEXTS}


def plan(stack: StackState, submission: Submission) -> Resources:
    """Evaluate a template for an update. Raises a CloudFormation error if it is not valid."""
    before, after = stack.resource_map, stack.plan(submission)
    changed = [
        name
        for name in after.order
        if name in before.existing()
        and before.declared(name)["Type"] != after.declared(name)["Type"]
    ]
    if changed:
        raise ValidationError(
            message="Update of resource type is not permitted. The new template modifies resource "
            f"type of the following resources: [{', '.join(changed)}]"
        )
    return after


def update(stack: StackState, submission: Submission, after: Resources) -> None:
    """Update the stack to the planned resources, or roll back."""
    stack.enter("UPDATE_IN_PROGRESS", "User Initiated")
    stack.failure = None
    before = stack.resource_map
    one = _Update(stack, before, after)
    try:
        for name in after.order:
            one.settle(name)
        publishing.publish(stack, after)
    except DeploymentFailed as error:
        stack.failure = error
        stack.enter("UPDATE_ROLLBACK_IN_PROGRESS", why(error, "update"))
        one.roll_back()
        return
    stack.adopt(submission, after)
    stack.enter("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    one.clean_up()
    stack.enter("UPDATE_COMPLETE")


class _Update:
    """One update of a stack. It can be rolled back until the cleanup."""

    def __init__(self, stack: StackState, before: Resources, after: Resources) -> None:
        self._stack = stack
        self._before = before
        self._after = after
        self._old = {name: before.resolved(name) for name in before.existing()}
        self._told = dict(stack.journal.resources)
        self._created: list[str] = []
        self._undo: list[Callable[[], object]] = []

    def settle(self, name: str) -> None:
        """Create, keep, change or replace a resource. Raises ResourceFailed."""
        if name not in self._old:
            self._create(name)
            return
        new = self._resolved(name)
        changed = changed_properties(self._old[name], new)
        if not changed:
            self._after.put(name, self._before[name])
        elif self._must_be_replaced(name, new, changed):
            self._create(name, _REPLACES)
        else:
            self._change(name, new)

    def clean_up(self) -> None:
        """Delete resources that were replaced or are no longer declared."""
        for name in reversed(list(self._old)):
            told = self._stack.journal.resources[name]
            if name in self._created or name not in self._after.order:
                changing.delete(self._stack, self._before, name, RETAINED)
            if name in self._created:
                self._stack.journal.resources[name] = told

    def roll_back(self) -> None:
        """Undo the changes, newest first."""
        done = [self._is_undone(undo) for undo in reversed(self._undo)]
        if not all(done):
            self._stack.enter("UPDATE_ROLLBACK_FAILED")
            return
        self._stack.enter("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        for name in reversed(self._created):
            changing.delete(self._stack, self._after, name, ("Retain",))
            if name in self._told:
                self._stack.journal.resources[name] = self._told[name]
        self._stack.enter("UPDATE_ROLLBACK_COMPLETE")

    @staticmethod
    def _is_undone(undo: Callable[[], object]) -> bool:
        try:
            undo()
        except ResourceFailed:
            return False
        return True

    def _resolved(self, name: str) -> dict[str, Any]:
        try:
            return self._after.resolved(name)
        except ServiceException as error:
            raise self._refused(name, error.message) from error

    def _create(self, name: str, reason: str | None = None) -> None:
        changing.create(self._stack, self._after, name, reason)
        self._created.append(name)

    def _change(self, name: str, new: dict[str, Any]) -> None:
        made, old = self._before[name], self._old[name]
        # Appended before the change, because a change that fails halfway must also be undone.
        self._undo.append(lambda: changing.update(self._stack, self._before, name, made, old))
        changing.update(self._stack, self._after, name, made, new)

    def _must_be_replaced(self, name: str, new: dict[str, Any], changed: set[str]) -> bool:
        try:
            needed = replacement.is_needed(new["Type"], changed)
        except NotSupported as error:
            raise self._refused(name, str(error)) from error
        given = replacement.name_of(new)
        if needed and given is not None and given == replacement.name_of(self._old[name]):
            raise self._refused(
                name,
                "CloudFormation cannot update a stack when a custom-named resource requires "
                f"replacing. Rename {given} and update the stack again.",
            )
        return needed

    def _refused(self, name: str, reason: str) -> ResourceFailed:
        return changing.refused(self._stack, self._before, name, reason)
