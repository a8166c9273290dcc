"""Decides when to poll the target again.

Without events, polls are frequent around the target's usual end and rare at other times: a run
waits for a quarter of the time until or since that end. See docs/waiting.md for the figures.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from codepipeline_orchestrator.model.listening import ANNOUNCED
from codepipeline_orchestrator.model.outcome import CONFIRM_FAILED, Outcome
from codepipeline_orchestrator.model.progress import worth_showing
from codepipeline_orchestrator.model.report import UNREADABLE
from codepipeline_orchestrator.model.request import Request
from codepipeline_orchestrator.model.state import Memory, RunState
from codepipeline_orchestrator.model.whole_seconds import round_up
from codepipeline_orchestrator.polling.pace import Pace

_SHORTEST, _LONGEST = 5.0, 90.0  # seconds between two polls
_SHARE = 1 / 4  # interval as a share of the time until or since the usual end
_SHORTEST_OF_UNKNOWN = 20.0  # seconds between polls if the usual end is unknown
_SHARE_OF_UNKNOWN = 1 / 40  # interval as a share of the execution's age
_WAITING_FOR_PEOPLE = 300.0  # seconds between polls while a person has to act
_MOST_WITH_EVENTS = 900.0  # seconds; these polls only find ends whose events were lost
_AFTER_THE_USUAL_END = 60.0  # seconds from the usual end to the first poll after it
# A run's history can hold 25,000 events, enough for 1,400 polls in a year and 200 after events.
_UNLIMITED_POLLS = 300  # polls before _SHARE_OF_AGE applies
_SHARE_OF_AGE = 1 / 100  # minimum interval between later polls, as a share of the run's age
_LONG_ACTION = 300.0  # seconds; renewals for shorter actions would take more calls than polling


def next_poll(state: RunState, memory: Memory, now: datetime) -> datetime:
    """When to poll or to renew the job next, whichever comes first.

    `memory` is what the run knows after the current poll. Until there is an execution to follow,
    the next poll is the next attempt to find or start one.
    """
    poll_at = _next_poll(state, memory, now)
    return poll_at if state.job is None else state.job.before_poll(poll_at, now)


def _next_poll(state: RunState, memory: Memory, now: datetime) -> datetime:
    unsure = CONFIRM_FAILED - memory.failed_for(now)
    if memory.status == Outcome.FAILED and unsure > 0:
        return soon(state.request, unsure, now)
    listening = state.listening
    if listening is not None and listening.end_announced and memory.status != UNREADABLE:
        return soon(state.request, ANNOUNCED[listening.polls], now)
    # If an event announced an end that could not be read, do not wait for another event.
    proven = listening is not None and listening.is_proven and not listening.end_announced
    room = _SHARE_OF_AGE * state.request.age(now) if memory.polls > _UNLIMITED_POLLS else 0.0
    wait = _wait_with_events(state, memory, now) if proven else _wait(state, memory, now)
    return soon(state.request, max(_SHORTEST, wait, room), now)


def soon(request: Request, seconds: float, now: datetime) -> datetime:
    """The time this many seconds from now: at least 1 second, and not after the deadline.

    The time is rounded up because Step Functions truncates fractions, and a wait that ends too
    early would have to be repeated.
    """
    return round_up(now + timedelta(seconds=max(1.0, min(seconds, request.remaining(now)))))


def should_show_progress(
    before: Memory, memory: Memory, now: datetime, *, shown_at: datetime | None
) -> bool:
    """Whether the invoking action should show the progress now rather than at the next renewal.

    True if the execution has begun to wait for something since the poll `before`, or if a long
    action has begun since `shown_at`, when the invoking action last showed progress.
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
    return not is_shown and (now - since).total_seconds() >= _LONG_ACTION


def _wait(state: RunState, memory: Memory, now: datetime) -> float:
    if _waits_for_people(memory):
        return _WAITING_FOR_PEOPLE
    usual_end = _usual_end(state, memory)
    if usual_end is None:
        wait = max(_SHORTEST_OF_UNKNOWN, _SHARE_OF_UNKNOWN * _age(state, now))
    else:
        wait = _SHARE * _between(now, usual_end)
    return min(wait, _LONGEST)


def _wait_with_events(state: RunState, memory: Memory, now: datetime) -> float:
    """The seconds from now to a minute after the usual end.

    Once the usual end has passed, the wait grows with the delay so far.
    """
    if _waits_for_people(memory):
        return _MOST_WITH_EVENTS
    usual_end = _usual_end(state, memory)
    away = _age(state, now) if usual_end is None else _between(now, usual_end)
    return min(away + _AFTER_THE_USUAL_END, _MOST_WITH_EVENTS)


def _waits_for_people(memory: Memory) -> bool:
    return memory.progress is not None and memory.progress.waits_for_people


def _usual_end(state: RunState, memory: Memory) -> datetime | None:
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
    """Seconds since the execution began, or since the run began if that is unknown.

    Clocks differ, so an execution may seem to start in the future.
    """
    age = state.execution.age(now) if state.execution else None
    return max(0.0, state.request.age(now) if age is None else age)


def _between(one: datetime, other: datetime) -> float:
    return abs((one - other).total_seconds())
