"""What is counted and measured of a run's end."""

from __future__ import annotations

from datetime import datetime

from codepipeline_orchestrator.errors import OURS, InvokingActionEnded, RunAborted, failure_type
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.result.document import Result
from codepipeline_orchestrator.telemetry import count

# Somebody meant these.
_ON_PURPOSE = (RunAborted, InvokingActionEnded)
_OF_THE_TARGET = {
    Outcome.SUCCEEDED,
    Outcome.FAILED,
    Outcome.STOPPED,
    Outcome.CANCELLED,
    Outcome.SUPERSEDED,
}


def count_end(outcome: str, error: str | None, *, unread: bool = False) -> None:
    """Count a run that has ended; apart from it, one that whoever runs us should look into.

    `unread`: the target's status could not be read at the run's deadline.
    """
    count("RunsEnded", by={"Outcome": outcome}, error=error)
    if error is not None and (unread or is_our_own(error)):
        count("RunErrors", error=error)


def is_our_own(error: str) -> bool:
    """Whether the error is neither the target's outcome, nor the input's, nor a missing permission.

    What is left is for whoever runs the deployment: a defect, a function that died, or AWS, which
    did not answer for as long as a run tries.
    """
    return failure_type(error) == "SystemUnavailable" and OURS.get(error) not in _ON_PURPOSE


def delay_of(result: Result, *, started: datetime | None, now: datetime) -> float | None:
    """Seconds from the target's end to now, when it is told; None if the run did not wait for it.

    `started` is when the run was; None in a run whose definition does not say it yet. An
    execution that had ended before the run began was not waited for.
    """
    end = result.end_time
    if result.outcome not in _OF_THE_TARGET or end is None or started is None or end < started:
        return None
    return max(0.0, (now - end).total_seconds())
