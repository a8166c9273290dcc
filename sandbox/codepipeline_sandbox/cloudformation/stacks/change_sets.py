"""Change sets: stack operations whose changes can be reviewed before they are executed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto.cloudformation.exceptions import CloudFormationError
from moto.cloudformation.utils import generate_changeset_id
from moto.core.utils import utcnow

from codepipeline_sandbox.cloudformation.stacks import differences, updating

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from codepipeline_sandbox.cloudformation.stacks.stack_state import StackState
    from codepipeline_sandbox.cloudformation.stacks.submission import Submission

NO_CHANGES = (
    "The submitted information didn't contain changes. "
    "Submit different information to create a change set."
)


class ChangeSetNotFound(CloudFormationError):  # type: ignore[misc]
    """The change set does not exist."""

    code = "ChangeSetNotFoundException"

    def __init__(self, name: str) -> None:
        super().__init__(f"ChangeSet [{name}] does not exist")


class InvalidChangeSetStatus(CloudFormationError):  # type: ignore[misc]
    """The change set cannot be executed."""

    code = "InvalidChangeSetStatusException"

    def __init__(self, change_set: ChangeSet) -> None:
        status = (
            f"status of [{change_set.status}]"
            if change_set.status == "FAILED"
            else f"execution status of [{change_set.execution_status}]"
        )
        super().__init__(
            f"ChangeSet [{change_set.change_set_id}] cannot be executed in its current {status}"
        )


@dataclass
class ChangeSet:
    """The changes that a template would make to a stack."""

    name: str
    stack: StackState
    submission: Submission
    is_new: bool  # whether executing it creates the stack
    capabilities: list[str]
    tags: Mapping[str, str]
    description: str | None
    on_failure: str
    change_set_id: str
    creation_time: datetime = field(default_factory=utcnow)
    status: str = "CREATE_COMPLETE"
    status_reason: str | None = None
    execution_status: str = "AVAILABLE"
    changes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_executed(self) -> bool:
        """Whether the change set has been executed, successfully or not."""
        return self.execution_status.startswith("EXECUTE")

    def compare(self) -> None:
        """Compute the changes. Raises a CloudFormation error if the template is not valid."""
        after = updating.plan(self.stack, self.submission)
        if not updating.differs(self.stack, self.submission, self.tags or None):
            self.fail(NO_CHANGES)
            return
        self.changes = differences.between(self.stack.resource_map, after)

    def fail(self, reason: str) -> None:
        """Mark the change set as failed, so that it cannot be executed."""
        self.status, self.status_reason = "FAILED", reason
        self.execution_status = "UNAVAILABLE"

    def summary(self) -> dict[str, Any]:
        """The change set as ListChangeSets shows it."""
        return {
            "ChangeSetName": self.name,
            "ChangeSetId": self.change_set_id,
            "StackName": self.stack.name,
            "StackId": self.stack.stack_id,
            "Description": self.description,
            "CreationTime": self.creation_time,
            "Status": self.status,
            "StatusReason": self.status_reason,
            "ExecutionStatus": self.execution_status,
            "IncludeNestedStacks": False,
        }

    def described(self) -> dict[str, Any]:
        """The change set as DescribeChangeSet shows it."""
        values = self.submission.values.items()
        return {
            **self.summary(),
            "Parameters": [{"ParameterKey": key, "ParameterValue": each} for key, each in values],
            "Capabilities": self.capabilities,
            "Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()],
            "Changes": self.changes,
        }


def new_id(name: str, account_id: str, region: str) -> str:
    """Generate the ARN of a new change set."""
    arn: str = generate_changeset_id(name, region, account_id)
    return arn
