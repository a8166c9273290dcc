"""The outcomes of a run, and the execution statuses that lead to them."""

from __future__ import annotations

from enum import StrEnum

CONFIRM_FAILED = 10  # seconds until another poll confirms a failure


class Outcome(StrEnum):
    """How a run ended. These values appear in results, metrics and output variables."""

    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    STOPPED = "Stopped"
    CANCELLED = "Cancelled"
    SUPERSEDED = "Superseded"
    TIMED_OUT = "TimedOut"
    STARTED = "Started"
    SKIPPED = "Skipped"
    IDLE = "Idle"
    ERROR = "Error"

    @property
    def succeeded(self) -> bool:
        """Whether the run succeeds regardless of its policies."""
        return self in {Outcome.SUCCEEDED, Outcome.STARTED, Outcome.SKIPPED, Outcome.IDLE}

    @property
    def error(self) -> str:
        """The state machine's error name for an outcome of the target, such as PipelineFailed."""
        return f"Pipeline{self.value}"


# The CodePipeline statuses of an execution that has not ended. Stopping later becomes Stopped.
UNFINISHED = {"InProgress", "Stopping"}
_ENDED = {
    "Succeeded": Outcome.SUCCEEDED,
    "Failed": Outcome.FAILED,
    "Stopped": Outcome.STOPPED,
    "Cancelled": Outcome.CANCELLED,
    "Superseded": Outcome.SUPERSEDED,
}


def is_end(status: str) -> bool:
    """Whether an execution with this status has ended. A retry can continue a failed execution."""
    return status in _ENDED


def outcome_of(status: str, *, failed_for: float) -> Outcome | None:
    """The outcome for a pipeline execution's status. None until the execution has ended.

    Failed counts only after polls have read it for 10 seconds (`failed_for`), because a stage with
    automatic retry may briefly show Failed before it continues.
    """
    outcome = _ENDED.get(status)
    if outcome is Outcome.FAILED and failed_for < CONFIRM_FAILED:
        return None
    return outcome
