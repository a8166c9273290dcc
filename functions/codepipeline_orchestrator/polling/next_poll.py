"""When to poll the target again, and whether to renew the job lease before that."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from codepipeline_orchestrator.model.outcome import CONFIRM_FAILED, Outcome
from codepipeline_orchestrator.model.progress import worth_showing
from codepipeline_orchestrator.model.state import Memory, RunState
from codepipeline_orchestrator.polling.forecast import Forecast, forecast, step_is_over
from codepipeline_orchestrator.polling.interval import wait_seconds
from codepipeline_orchestrator.polling.pace import Pace

# A renewal lasts until CodePipeline has come back, and the run does not poll meanwhile.
_RENEWAL = 60.0  # seconds
_NEARLY_OVER = 300.0  # seconds that are left of a lease; it has 600 by default
_DAY = 24 * 3600
_LONG_STAGE = 180.0  # seconds until the next poll
_EVERY = 4  # polls; between them the progress that was read last is shown again


@dataclass(frozen=True)
class NextPoll:
    """When to poll again, and whether to `tell` the invoking action meanwhile."""

    wait_seconds: int
    tell: bool


def next_poll(state: RunState, memory: Memory, now: datetime) -> NextPoll:
    """The next poll. `state` is how this poll found the run, `memory` how it leaves it."""
    expected = _forecast(state, memory, now)
    seconds = wait_seconds(
        expected,
        age=state.request.age(now),
        remaining=state.request.remaining(now),
        polls=memory.polls,
        poll_cost=state.request.poll_cost,
    )
    # A failure that is certain is being retried, and that may take hours.
    unsure = CONFIRM_FAILED - memory.failed_for(now)
    if memory.status == Outcome.FAILED and unsure > 0:
        seconds = max(1, math.ceil(min(unsure, state.request.remaining(now))))
    lease = state.within_lease(_DAY, now)
    if expected.patience > 1 and lease < 2 * seconds:
        # The poll after the renewal is soon enough.
        seconds = min(lease, math.ceil(state.request.remaining(now)))
    # People should see where it is, unless it is known to be elsewhere soon.
    lasts = seconds >= _LONG_STAGE or not expected.endings
    tell = (lasts and worth_showing(state.memory.progress, memory.progress)) or (
        seconds >= _RENEWAL and _is_due_near_the_end(expected, state, seconds, now)
    )
    return NextPoll(state.within_lease(seconds, now), tell)


def is_progress_due(memory: Memory, now: datetime) -> bool:
    """Whether the target has probably come further; where that is unknown, now and then."""
    if memory.pace is None:
        return True
    over = step_is_over(Pace.of(memory.pace), memory.progress, now)
    return memory.polls % _EVERY == 0 if over is None else over


def runs_an_action(memory: Memory) -> bool:
    """Whether the target was last seen with an action in progress, and is not being stopped."""
    progress = memory.progress
    return progress is not None and bool(progress.actions) and not progress.stopping


def _forecast(state: RunState, memory: Memory, now: datetime) -> Forecast:
    return forecast(
        Pace.of(memory.pace), memory.progress, started=state.followed.start_time, now=now
    )


def _is_due_near_the_end(expected: Forecast, state: RunState, seconds: int, now: datetime) -> bool:
    """Whether the lease is over just when the execution is likely to end: now is better.

    A lease that has just been renewed is left alone, or there would be nothing but renewals; and if
    there is time for another poll, that one may say so.
    """
    if state.renew_at is None:
        return False
    left = (state.renew_at - now).total_seconds()
    return left <= min(_NEARLY_OVER, 2 * seconds) and expected.ends_about(left)
