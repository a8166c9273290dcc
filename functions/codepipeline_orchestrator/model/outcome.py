"""How a run ends, and which statuses of an execution mean what."""

from __future__ import annotations

from enum import StrEnum

CONFIRM_FAILED = 10  # seconds after which a failure that is read again is certain


class Outcome(StrEnum):
    """How a run ended. The values are what users read, in results, metrics and variables."""

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
        """Whether the run ends SUCCEEDED, whatever its policies say."""
        return self in {Outcome.SUCCEEDED, Outcome.STARTED, Outcome.SKIPPED, Outcome.IDLE}

    @property
    def error(self) -> str:
        """The state machine's error name for an outcome of the target: `PipelineFailed`."""
        return f"Pipeline{self.value}"


# Statuses of the CodePipeline API, first those of an execution that has not ended: Stopping becomes
# Stopped.
UNFINISHED = {"InProgress", "Stopping"}
_ENDED = {
    "Succeeded": Outcome.SUCCEEDED,
    "Failed": Outcome.FAILED,
    "Stopped": Outcome.STOPPED,
    "Cancelled": Outcome.CANCELLED,
    "Superseded": Outcome.SUPERSEDED,
}


def is_end(status: str) -> bool:
    """Whether a pipeline execution with this status has ended. Failed may still continue."""
    return status in _ENDED


def outcome_of(status: str, *, failed_for: float) -> Outcome | None:
    """The outcome that a pipeline execution's status means, or None while there is none.

    Failed counts only when it has been read for 10 seconds, which `failed_for` tells: a stage with
    automatic retry may show Failed for a moment before it goes on.
    """
    outcome = _ENDED.get(status)
    if outcome is Outcome.FAILED and failed_for < CONFIRM_FAILED:
        return None
    return outcome
