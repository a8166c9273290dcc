"""The metrics that are recorded when a run ends."""

from __future__ import annotations

from datetime import datetime

from codepipeline_orchestrator.errors import OURS, InvokingActionEnded, RunAborted, failure_type
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.result.document import Result
from codepipeline_orchestrator.telemetry import count

# Deliberate ends, which do not count as errors.
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

    True for bugs, functions that died, and AWS outages that outlast a run's retries. False for the
    target's outcome, invalid input and missing permissions.
    """
    return failure_type(error) == "SystemUnavailable" and OURS.get(error) not in _ON_PURPOSE


def delay_of(result: Result, *, started: datetime | None, now: datetime) -> float | None:
    """Seconds from the target's end until now, when it is reported.

    None if the execution had ended before the run began, because the run did not wait for that end.
    `started` is None for a run with an older definition, which does not pass its start time.
    """
    end = result.end_time
    if result.outcome not in _OF_THE_TARGET or end is None or started is None or end < started:
        return None
    return max(0.0, (now - end).total_seconds())
