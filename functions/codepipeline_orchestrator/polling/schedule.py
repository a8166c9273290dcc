"""When to poll the target again.

Without events a run polls after a quarter of the time to the target's usual end, or since then, so
most polls are where an end is likely. docs/waiting.md has the figures.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from codepipeline_orchestrator.clock import whole_second
from codepipeline_orchestrator.model.listening import ANNOUNCED
from codepipeline_orchestrator.model.outcome import CONFIRM_FAILED, Outcome
from codepipeline_orchestrator.model.progress import worth_showing
from codepipeline_orchestrator.model.report import UNREADABLE
from codepipeline_orchestrator.model.request import Request
from codepipeline_orchestrator.model.state import Memory, RunState
from codepipeline_orchestrator.polling.pace import Pace

_SHORTEST, _LONGEST = 5.0, 90.0  # seconds between two polls
_SHARE = 1 / 4  # of the time between now and the usual end
_SHORTEST_OF_UNKNOWN = 20.0  # seconds
_SHARE_OF_UNKNOWN = 1 / 40  # of the age
_FOR_PEOPLE = 300.0  # seconds; people take hours
_MOST_WITH_EVENTS = 900.0  # seconds; then a poll only finds an end whose event was lost
_AFTER_THE_USUAL_END = 60.0  # seconds
# The history of a run holds 25,000 events: room for 1,400 polls in a year, and 200 after events.
_AT_ONCE = 300  # polls that come as soon as the rest of the schedule says
_SHARE_OF_AGE = 1 / 100  # of the run, between the others
_LASTS = 300.0  # seconds; a renewal for each shorter action costs more calls than polling


def next_poll(state: RunState, memory: Memory, now: datetime) -> datetime:
    """When to poll next, or to renew the job if that comes first.

    `memory` is what the run knows after the poll that took place now. Before there is an execution
    to follow, the poll is the next attempt to find or start one.
    """
    poll_at = _next_poll(state, memory, now)
    return poll_at if state.job is None else state.job.before_poll(poll_at, now)


def _next_poll(state: RunState, memory: Memory, now: datetime) -> datetime:
    unsure = CONFIRM_FAILED - memory.failed_for(now)
    if memory.status == Outcome.FAILED and unsure > 0:
        return soon(state.request, unsure, now)
    listening = state.listening
    if listening is not None and listening.told and memory.status != UNREADABLE:
        return soon(state.request, ANNOUNCED[listening.polls], now)
    # An end that was told and could not be read is no reason to wait for another event.
    proven = listening is not None and listening.is_proven and not listening.told
    room = _SHARE_OF_AGE * state.request.age(now) if memory.polls > _AT_ONCE else 0.0
    wait = _wait_with_events(state, memory, now) if proven else _wait(state, memory, now)
    return soon(state.request, max(_SHORTEST, wait, room), now)


def soon(request: Request, seconds: float, now: datetime) -> datetime:
    """So many seconds from now, at least 1, but not after the deadline; a whole second.

    Step Functions cuts fractions of a second off. A wait that ends early would be repeated.
    """
    return whole_second(now + timedelta(seconds=max(1.0, min(seconds, request.remaining(now)))))


def is_worth_telling(
    before: Memory, memory: Memory, now: datetime, *, shown_at: datetime | None
) -> bool:
    """Whether the invoking action should show the progress now, not only at the next renewal.

    It should when the execution has begun to wait for something since the poll `before`, and when
    an action that began after the action last showed progress, at `shown_at`, lasts.
    """
    progress = memory.progress
    if progress is None:
        return False
    if progress.waits_for_people or progress.actions is None:
        return worth_showing(before.progress, progress)
    if progress.latest is None:
        return False
    since = progress.latest.since
    is_shown = shown_at is not None and since <= shown_at
    return not is_shown and (now - since).total_seconds() >= _LASTS


def _wait(state: RunState, memory: Memory, now: datetime) -> float:
    if _waits_for_people(memory):
        return _FOR_PEOPLE
    usual_end = _usual_end(state, memory)
    if usual_end is None:
        wait = max(_SHORTEST_OF_UNKNOWN, _SHARE_OF_UNKNOWN * _age(state, now))
    else:
        wait = _SHARE * _between(now, usual_end)
    return min(wait, _LONGEST)


def _wait_with_events(state: RunState, memory: Memory, now: datetime) -> float:
    """Until shortly after the usual end, then as long again as the execution is late."""
    if _waits_for_people(memory):
        return _MOST_WITH_EVENTS
    usual_end = _usual_end(state, memory)
    away = _age(state, now) if usual_end is None else _between(now, usual_end)
    return min(away + _AFTER_THE_USUAL_END, _MOST_WITH_EVENTS)


def _waits_for_people(memory: Memory) -> bool:
    return memory.progress is not None and memory.progress.waits_for_people


def _usual_end(state: RunState, memory: Memory) -> datetime | None:
    """When the execution ends if it takes as long as earlier ones; None if that is not known."""
    pace, progress = Pace.of(memory.pace), memory.progress
    if pace is None:
        return None
    if progress is not None and progress.latest is not None:
        rest = pace.rest(progress.stage, progress.latest.action)
        if rest is not None:
            return progress.latest.since + timedelta(seconds=rest)
    start = state.execution.start_time if state.execution else None
    return start + timedelta(seconds=pace.seconds) if start else None


def _age(state: RunState, now: datetime) -> float:
    """Seconds since the execution began, or the run if that is not known.

    Clocks may differ, so the start of an execution may lie ahead.
    """
    age = state.execution.age(now) if state.execution else None
    return max(0.0, state.request.age(now) if age is None else age)


def _between(one: datetime, other: datetime) -> float:
    return abs((one - other).total_seconds())
