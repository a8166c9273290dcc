"""When to look at the target again, and whether to renew the job lease before that."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.state import Progress, RunState
from codepipeline_orchestrator.pipeline.progress import worth_showing
from codepipeline_orchestrator.polling.forecast import Forecast, forecast
from codepipeline_orchestrator.polling.interval import CONFIRM_FAILED, wait_seconds
from codepipeline_orchestrator.polling.typical_durations import Pace

# A renewal lasts until CodePipeline has come back, and the run does not look meanwhile.
_RENEWAL = 60.0  # seconds
_NEARLY_OVER = 300.0  # seconds that are left of a lease; it has 600 by default
_DAY = 24 * 3600
_LONG_STAGE = 180.0  # seconds until the next look


def next_look(state: RunState, progress: Progress) -> dict[str, Any]:
    """`waitSeconds` until the next look, and whether to `tell` the invoking action meanwhile.

    `state` is how the look found the run, `progress` how it leaves it.
    """
    now = clock.now()  # the calls of this look have taken their time
    expected = _forecast(state, progress, now)
    seconds = wait_seconds(
        expected,
        age=state.request.age(now),
        remaining=state.request.remaining(now),
        polls=progress.polls,
        poll_cost=state.request.pollCost,
    )
    # A failure that was seen before is being retried, and that may take hours.
    if progress.status == Outcome.FAILED != state.progress.status:
        seconds = max(1, math.ceil(min(CONFIRM_FAILED, state.request.remaining(now))))
    lease = state.within_lease(_DAY, now)
    if expected.patience > 1 and lease < 2 * seconds:
        # The look after the renewal is soon enough.
        seconds = min(lease, math.ceil(state.request.remaining(now)))
    # People are to know where it stands, unless it is known to be elsewhere soon.
    lasts = seconds >= _LONG_STAGE or not expected.endings
    tell = (lasts and worth_showing(state.progress.where, progress.where)) or (
        seconds >= _RENEWAL and _is_due_near_the_end(expected, state, seconds, now)
    )
    return {"waitSeconds": state.within_lease(seconds, now), "tell": tell}


def _forecast(state: RunState, progress: Progress, now: datetime) -> Forecast:
    assert state.execution is not None  # the state machine looks only after StartExecution
    start = state.execution.startTime
    return forecast(
        Pace.of(progress.pace),
        progress.where,
        started=datetime.fromisoformat(start) if start else None,
        now=now,
    )


def _is_due_near_the_end(expected: Forecast, state: RunState, seconds: int, now: datetime) -> bool:
    """Whether the lease is over just when the execution is likely to end: now is better.

    A lease that has just been renewed is left alone, or there would be nothing but renewals; and if
    there is time for another look, that one may say so.
    """
    if state.renewAt is None:
        return False
    left = (datetime.fromisoformat(state.renewAt) - now).total_seconds()
    return left <= min(_NEARLY_OVER, 2 * seconds) and expected.ends_about(left)
