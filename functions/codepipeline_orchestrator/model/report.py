"""The report: what a run knows about its end. It is the source of the result document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from codepipeline_orchestrator.model.documents import lambda_error_message
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.progress import Progress
from codepipeline_orchestrator.model.request import Request
from codepipeline_orchestrator.model.state import Execution, Memory
from codepipeline_orchestrator.model.target import Target

UNREADABLE = "unreadable"  # the status of a target that could not be read
BUSY = "busy"  # the status of a target that has as many executions as CodePipeline allows
NOT_STARTED = "not started"  # the status while no execution has begun after startedAfter


@dataclass(frozen=True)
class FailedAction:
    """An action that failed, or a rule of a stage condition that was not met."""

    stage: str
    action: str | None = None
    code: str | None = None  # errorDetails.code, such as JobFailed
    message: str | None = None  # errorDetails.message, or else the action's own summary
    approval: bool = False  # whether the action is an approval, which was rejected or timed out
    approver: str | None = None  # the ARN of the person who rejected it
    # The source revision of the action's input, if there is only one.
    revision: str | None = None
    link: str | None = None  # the page about this action in the provider's console
    log_link: str | None = None  # the log of the build or command that the action ran
    condition: str | None = None  # BEFORE_ENTRY or ON_SUCCESS, if a condition was not met
    rule: str | None = None  # the name of the condition's rule


@dataclass(frozen=True)
class ActionAttempt:
    """One execution of an action, with CodePipeline's own times."""

    name: str
    start_time: datetime
    end_time: datetime | None = None  # None if it was in progress when it was read
    status: str | None = None


@dataclass(frozen=True)
class StageAttempt:
    """One attempt at a stage: from the start of its first action to the end of its last one."""

    name: str
    start_time: datetime
    end_time: datetime | None = None  # None if an action was in progress when it was read
    status: str | None = None  # None if the actions do not show it
    actions: tuple[ActionAttempt, ...] = ()


@dataclass(frozen=True)
class Approval:
    """An approval that was given, with the approver and their comment."""

    stage: str
    action: str
    by: str | None = None
    summary: str | None = None


@dataclass(frozen=True)
class Revision:
    """A source revision that the execution used."""

    name: str | None
    revision_id: str


@dataclass(frozen=True)
class Difference:
    """A variable or source revision that differs between the execution and the input."""

    name: str  # such as variables.IMAGE or sourceRevisions.Source
    asked: str
    actual: str | None  # None if the execution lacks it


@dataclass(frozen=True)
class EndDetails:
    """Details of an ended execution, as CodePipeline shows them. They never decide the outcome."""

    start_time: datetime | None = None
    end_time: datetime | None = None
    status_summary: str | None = None
    stop_reason: str | None = None
    superseded_by: str | None = None
    rollback_of: str | None = None
    rolled_back_by: str | None = None  # the execution that rolls back the failed stage
    differences: tuple[Difference, ...] = ()
    variables: tuple[Mapping[str, str], ...] = ()
    source_revisions: tuple[Revision, ...] = ()
    failures: tuple[FailedAction, ...] = ()  # in the order in which they failed
    kinds_unknown: bool = False  # whether any of the failures might be an approval
    approvals: tuple[Approval, ...] = ()
    stages: tuple[StageAttempt, ...] = ()  # oldest first
    actions_unread: str | None = None  # why the actions could not be read
    target_variables: Mapping[str, str] | None = None
    missing_variables: tuple[str, ...] = ()

    @property
    def failure(self) -> FailedAction | None:
        """The first failure, or None if no failure is known."""
        return self.failures[0] if self.failures else None

    @property
    def has_decision(self) -> bool:
        """Whether an approval was rejected or timed out."""
        return any(each.approval for each in self.failures)


@dataclass(frozen=True)
class Report:
    """How a run ends, and the effects of the input's policies."""

    outcome: Outcome
    status: str | None = None  # the target execution's status, UNREADABLE, BUSY or NOT_STARTED
    progress: Progress | None = None  # the target's progress at the deadline
    seen_at: datetime | None = None  # when the run read the target
    details: EndDetails = field(default_factory=EndDetails)
    accepted: bool = False  # whether the input accepts the outcome as a success
    never_run: bool = False
    waited_for: tuple[str, ...] = ()  # the executions that kept the target from being idle
    newer_unknown: bool = False  # whether the superseding execution could not be found
    stopped: bool = False
    not_stopped: str | None = None  # why the target could not be stopped
    # Why the target's stage was not retried.
    not_retried: str | None = None
    retry_refused: bool = False  # whether CodePipeline would refuse a manual retry too
    error: str | None = None  # the error's name in Step Functions, if the outcome is Error
    # The cause of the error, or of the last failed attempt.
    cause: str | None = None

    @property
    def reason(self) -> str:
        """The cause without the stack trace that Lambda adds to a function's error."""
        return lambda_error_message(self.cause or "")


@dataclass(frozen=True)
class RunEnd:
    """A run's report, with everything else that the run knows."""

    run: str  # the run's ARN
    report: Report
    target: Target | None = None  # None if the run ended before it knew its target
    request: Request | None = None  # None if the run ended before it read its input
    execution: Execution | None = None
    memory: Memory = field(default_factory=Memory)

    @property
    def execution_id(self) -> str | None:
        """The target execution, if there is one."""
        return self.execution.pipeline_execution_id if self.execution else None
