"""The metrics of a run's end."""

from __future__ import annotations

from datetime import datetime

from codepipeline_orchestrator.errors import OURS, InvokingActionEnded, RunAborted, failure_type
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.result.document import Result
from codepipeline_orchestrator.telemetry import count

# Deliberate ends, which are not errors.
_ON_PURPOSE = (RunAborted, InvokingActionEnded)
_OF_THE_TARGET = {
    Outcome.SUCCEEDED,
    Outcome.FAILED,
    Outcome.STOPPED,
    Outcome.CANCELLED,
    Outcome.SUPERSEDED,
}


def count_end(outcome: str, error: str | None, *, unread: bool = False) -> None:
    """Count a run that has ended, and also its error if the operator should look into it.

    `unread` means that the target's status could not be read at the run's deadline.
    """
    count("RunsEnded", by={"Outcome": outcome}, error=error)
    if error is not None and (unread or is_our_own(error)):
        count("RunErrors", error=error)


def is_our_own(error: str) -> bool:
    """Whether the deployment's operator should look into the error.

    Such an error comes from a bug, from a function that died, or from an AWS outage that lasts
    longer than a run retries. It is not the target's outcome, invalid input or a missing
    permission.
    """
    return failure_type(error) == "SystemUnavailable" and OURS.get(error) not in _ON_PURPOSE


def delay_of(result: Result, *, started: datetime | None, now: datetime) -> float | None:
    """Seconds from the target's end to its report now; None if the run did not wait for that end.

    `started` is the start of the run; None if an older definition of the run does not pass it. A
    run does not wait for an execution that ended before the run began.
    """
    end = result.end_time
    if result.outcome not in _OF_THE_TARGET or end is None or started is None or end < started:
        return None
    return max(0.0, (now - end).total_seconds())
