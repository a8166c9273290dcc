"""The CloudFormation backend, which stores the stacks of one account and Region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.cloudformation import models as moto_cloudformation
from moto.cloudformation.exceptions import AlreadyExistsException, ValidationError

from codepipeline_sandbox.cloudformation.stacks import operations, updating
from codepipeline_sandbox.cloudformation.stacks.change_sets import (
    ChangeSet,
    ChangeSetNotFound,
    InvalidChangeSetStatus,
)
from codepipeline_sandbox.cloudformation.stacks.stack_state import StackState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.cloudformation.stacks.submission import Submission
    from codepipeline_sandbox.kernel.patches import Patches


class Backend(moto_cloudformation.CloudFormationBackend):  # type: ignore[misc]
    """Adds rollbacks, failed deletions and change sets to moto's backend."""

    def create(
        self,
        name: str,
        submission: Submission,
        *,
        tags: Mapping[str, str] | None = None,
        protected: bool = False,
        on_failure: str = "ROLLBACK",
    ) -> StackState:
        """Create a stack and its resources. If that fails, `on_failure` decides what remains."""
        if self.find(name) is not None:
            raise AlreadyExistsException(f"Stack [{name}] already exists")
        stack = self.new_stack(name, tags or {}, protected=protected)
        stack.adopt(submission, stack.plan(submission))
        self.stacks[stack.stack_id] = stack
        operations.create(stack, on_failure=on_failure)
        self._forget_if_deleted(stack)
        return stack

    def update(
        self, stack: StackState, submission: Submission, tags: Mapping[str, str] | None
    ) -> None:
        """Update a stack to match the template, or roll back."""
        planned = updating.plan(stack, submission)
        for change_set in self.change_sets_of(stack):
            change_set.execution_status = "OBSOLETE"
        updating.update(stack, submission, planned)
        if tags:
            stack.tags = dict(tags)

    def for_change_set(self, name: str, change_set_name: str, *, is_new: bool) -> StackState:
        """Find the stack for a new change set, or make one if the change set will create it."""
        stack = self.find(name)
        if not is_new:
            if stack is None:
                raise ValidationError(message=f"Stack [{name}] does not exist")
            updating.require_updatable(stack)
        elif stack is None:
            return self.new_stack(name, {})
        elif stack.status != "REVIEW_IN_PROGRESS":
            raise ValidationError(
                message=f"Stack [{stack.name}] already exists and cannot be created again with the "
                f"changeSet [{change_set_name}]."
            )
        if any(
            each.name == change_set_name and not each.is_executed
            for each in self.change_sets_of(stack)
        ):
            raise AlreadyExistsException(f"ChangeSet [{change_set_name}] already exists")
        return stack

    def add_change_set(self, change_set: ChangeSet) -> None:
        """Store a change set, together with its stack if the stack is new."""
        stack = change_set.stack
        if stack.stack_id not in self.stacks:
            self.stacks[stack.stack_id] = stack
            stack.enter("REVIEW_IN_PROGRESS", "User Initiated")
        for each in self.change_sets_of(stack):
            if each.name == change_set.name:  # already executed, so the name is free again
                del self.change_sets[each.change_set_id]
        self.change_sets[change_set.change_set_id] = change_set

    def change_set(self, name_or_id: str, stack_name: str | None) -> ChangeSet:
        """Find a change set. Raises ChangeSetNotFound if it does not exist."""
        if (found := self.change_sets.get(name_or_id)) is not None:
            return found  # type: ignore[no-any-return]
        if stack_name is None and not name_or_id.startswith("arn:"):
            raise ValidationError(
                message="StackName must be specified if ChangeSetName is not specified as an ARN."
            )
        stack = self.find(stack_name) if stack_name is not None else None
        for change_set in self.change_sets_of(stack):
            if change_set.name == name_or_id:
                return change_set
        raise ChangeSetNotFound(name_or_id)

    def change_sets_of(self, stack: StackState | None) -> list[ChangeSet]:
        """The change sets of a stack, oldest first."""
        return [each for each in self.change_sets.values() if each.stack is stack]

    def execute(self, change_set: ChangeSet, on_failure: str) -> None:
        """Create or update the change set's stack, and delete the stack's other change sets."""
        if change_set.execution_status != "AVAILABLE":
            raise InvalidChangeSetStatus(change_set)
        stack, submission = change_set.stack, change_set.submission
        if change_set.is_new:
            stack.adopt(submission, stack.plan(submission))
            stack.tags = dict(change_set.tags)
            operations.create(stack, on_failure=on_failure)
        else:
            self.update(stack, submission, change_set.tags)
        self._forget_change_sets(stack)
        self.change_sets[change_set.change_set_id] = change_set
        failed = stack.failure is not None
        change_set.execution_status = "EXECUTE_FAILED" if failed else "EXECUTE_COMPLETE"
        self._forget_if_deleted(stack)

    def _forget_change_sets(self, stack: StackState) -> None:
        for change_set in self.change_sets_of(stack):
            del self.change_sets[change_set.change_set_id]

    def new_stack(
        self, name: str, tags: Mapping[str, str], *, protected: bool = False
    ) -> StackState:
        """Make a stack without resources. Callers do not see it until it is stored."""
        return StackState(
            self.account_id,
            self.region_name,
            name,
            self.exports,
            self.stacks,
            tags=tags,
            protected=protected,
        )

    def find(self, name_or_id: str) -> StackState | None:
        """Find a stack. Returns None if it does not exist or has been deleted."""
        if name_or_id in self.stacks:
            return self.stacks[name_or_id]  # type: ignore[no-any-return]
        return next((stack for stack in self.stacks.values() if stack.name == name_or_id), None)

    def delete_stack(self, name_or_stack_id: str) -> None:
        """Delete a stack, if it exists."""
        stack = self.find(name_or_stack_id)
        if stack is None:
            return
        if stack.enable_termination_protection:
            raise ValidationError(
                message=f"Stack [{stack.name}] cannot be deleted while TerminationProtection is "
                "enabled"
            )
        operations.delete(stack)
        self._forget_if_deleted(stack)

    def _forget_if_deleted(self, stack: StackState) -> None:
        """Free the name of a deleted stack. The stack can still be read by its id."""
        if stack.status == "DELETE_COMPLETE":
            self._forget_change_sets(stack)
            self.deleted_stacks[stack.stack_id] = self.stacks.pop(stack.stack_id)


def backend_of(account_id: str, region: str) -> Backend:
    """The backend of an account and Region."""
    backend: Backend = moto_cloudformation.cloudformation_backends[account_id][region]
    return backend


def install(patches: Patches) -> None:
    """Make moto use this backend."""
    patches.attribute(moto_cloudformation.cloudformation_backends, "backend", Backend)
