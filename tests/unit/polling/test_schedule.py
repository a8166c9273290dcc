from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.listening import ANNOUNCED, Listening
from codepipeline_orchestrator.model.progress import (
    DisabledTransition,
    PendingApproval,
    Progress,
    RunningAction,
)
from codepipeline_orchestrator.model.state import Execution, Memory
from codepipeline_orchestrator.polling.pace import Pace, Step
from codepipeline_orchestrator.polling.schedule import next_poll, should_show_progress, soon
from tests.function.runs import ID, OTHER, START, STATE, moment

DAY = 24 * 3_600
YEAR = 365 * DAY
PACE = to_document(Pace((Step("Build", "Make", 1_000), Step("Deploy", "Put", 400))))


def until(seconds):
    """A run whose deadline is this many seconds after its start."""
    return replace(STATE, request=replace(STATE.request, deadline=moment(seconds)))


STATE_OF_A_YEAR = until(YEAR)


def wait(second, memory=None, state=STATE_OF_A_YEAR, *, proven=False, announced=None):
    """Seconds from a poll at this second to the next poll.

    `announced` is the number of polls since an event announced the end.
    """
    memory = memory or Memory(4, "InProgress", pace={})
    end_announced = announced is not None
    heard = 1 if proven or end_announced else None
    listening = Listening("key", heard, end_announced=end_announced, polls=announced or 0)
    made = next_poll(replace(state, listening=listening), memory, moment(second))
    return (made - moment(second)).total_seconds()


def running(stage="Build", action="Make", since=0, polls=4, pace=PACE):
    progress = Progress(stage, (action,), latest=RunningAction(action, moment(since)))
    return Memory(polls, "InProgress", progress=progress, pace=pace)


BLOCKED = Progress("Deploy", behind=OTHER)
ASKS = Progress("Gate", ("Ask",), PendingApproval("Ask"), latest=RunningAction("Ask", START))
DISABLED = Progress("Deploy", transition=DisabledTransition())


# --- without events ---


@pytest.mark.parametrize(
    "second, seconds",
    [
        (0, 90),
        (640, 90),
        (644, 89),
        (800, 50),
        (960, 10),
        (980, 5),
        (1_000, 5),
        (1_020, 5),
        (1_100, 25),
        (1_360, 90),
        (9_999, 90),
    ],
)
def test_a_wait_is_a_quarter_of_the_time_to_or_since_the_usual_end(second, seconds):
    assert wait(second, running()) == seconds


def test_the_usual_end_is_estimated_from_the_start_of_the_running_action():
    # The action began late. It usually starts 400 seconds before the end.
    assert wait(1_700, running("Deploy", "Put", 1_500)) == 50


@pytest.mark.parametrize("progress", [None, Progress("Deploy", ()), BLOCKED])
def test_without_an_action_the_usual_end_is_estimated_from_the_start_of_the_execution(progress):
    assert wait(800, replace(running(), progress=progress)) == 50


def test_an_unknown_action_is_treated_like_no_action():
    assert wait(800, running("Build", "Renamed", 500)) == 50


@pytest.mark.parametrize("pace", [None, {}])
@pytest.mark.parametrize(
    "second, seconds", [(0, 20), (800, 20), (1_600, 40), (3_600, 90), (DAY, 90)]
)
def test_without_earlier_executions_the_wait_grows_with_the_age(pace, second, seconds):
    assert wait(second, running(pace=pace)) == seconds


def test_the_age_of_the_execution_is_used():
    state = replace(STATE_OF_A_YEAR, execution=Execution(ID, moment(-1_600)))
    assert wait(0, state=state) == 40


def test_an_execution_that_starts_in_the_future_has_an_age_of_zero():
    state = replace(STATE_OF_A_YEAR, execution=Execution(ID, moment(9)))
    assert wait(0, state=state) == 20
    assert wait(0, state=state, proven=True) == 60


@pytest.mark.parametrize("execution", [None, Execution(ID)])
@pytest.mark.parametrize("pace", [{}, PACE])
def test_without_a_start_time_the_age_of_the_run_is_used(execution, pace):
    state = replace(STATE_OF_A_YEAR, execution=execution)
    assert wait(1_600, Memory(4, pace=pace), state) == 40


@pytest.mark.parametrize("progress", [ASKS, DISABLED])
def test_a_target_that_waits_for_a_person_is_polled_less_often(progress):
    assert wait(800, replace(running(), progress=progress)) == 300


# --- with events ---


@pytest.mark.parametrize(
    "second, seconds", [(0, 900), (300, 760), (1_000, 60), (1_060, 120), (1_180, 240), (2_000, 900)]
)
def test_with_events_polls_start_a_minute_after_the_usual_end_and_become_rarer(second, seconds):
    assert wait(second, running(), proven=True) == seconds


@pytest.mark.parametrize(
    "second, seconds", [(0, 60), (60, 120), (180, 240), (840, 900), (DAY, 900)]
)
def test_with_events_and_no_earlier_executions_each_wait_is_longer(second, seconds):
    assert wait(second, proven=True) == seconds


def test_with_events_a_target_that_waits_for_a_person_is_polled_every_15_minutes():
    assert wait(800, replace(running(), progress=ASKS), proven=True) == 900


@pytest.mark.parametrize("announced, seconds", list(enumerate(ANNOUNCED)))
def test_an_announced_end_is_polled_for_again(announced, seconds):
    assert wait(300, running(), proven=True, announced=announced) == seconds


# --- a failure ---


@pytest.mark.parametrize("since, seconds", [(3_000, 10), (2_998, 8), (2_990.5, 1)])
@pytest.mark.parametrize("known", [{}, {"proven": True}, {"proven": True, "announced": 0}])
def test_a_failure_is_read_again_after_ten_seconds(since, seconds, known):
    failed = Memory(5, "Failed", pace=PACE, failed_since=moment(since))
    assert wait(3_000, failed, **known) == seconds


def test_an_execution_still_running_after_a_final_failure_is_being_retried():
    failed = replace(running(), status="Failed", failed_since=moment(790))
    assert wait(800, failed) == 50


# --- the deadline and the history ---


@pytest.mark.parametrize("left, seconds", [(600, 120), (60, 60), (4.2, 5), (4, 4), (0.5, 1)])
@pytest.mark.parametrize(
    "memory, known",
    [
        (running(), {}),
        (running(), {"proven": True}),
        (Memory(5, "Failed", failed_since=moment(1_000)), {}),
        (running(), {"announced": 3}),
        (running(polls=9_999), {}),
    ],
)
def test_no_poll_is_scheduled_after_the_deadline(memory, known, left, seconds):
    state = until(1_000 + left)
    assert wait(1_000, memory, state, **known) <= seconds


def test_the_last_poll_is_at_the_deadline():
    assert wait(100, running(), until(160)) == 60
    assert wait(100, running(), until(100.2)) == 1


@pytest.mark.parametrize("seconds, left, waits", [(10, 60, 10), (9.1, 60, 10), (0, 60, 1)])
def test_the_time_of_an_early_poll_is_rounded_up_to_a_whole_second(seconds, left, waits):
    request = until(left).request
    assert soon(request, seconds, START) == START + timedelta(seconds=waits)


EAGER = to_document(Pace((Step("Build", "Make", 0),)))


def polls(deadline, **known):
    """The seconds at which a run polls a target that always seems about to end but never does."""
    state, taken = until(deadline), [0]
    while taken[-1] < deadline:
        memory = running(since=taken[-1], polls=len(taken), pace=EAGER)
        taken.append(taken[-1] + int(wait(taken[-1], memory, state, **known)))
    return taken


@pytest.mark.parametrize("deadline", [60, 3_600, DAY, 30 * DAY, YEAR])
def test_all_polls_until_any_deadline_fit_in_the_history(deadline):
    taken = polls(deadline)
    assert len(taken) <= 1_400
    assert taken[-1] == deadline
    assert taken[1] == 5


def test_after_300_polls_a_wait_is_at_least_a_hundredth_of_the_age_of_the_run():
    assert wait(DAY, running(since=DAY, polls=300, pace=EAGER)) == 5
    assert wait(DAY, running(since=DAY, polls=301, pace=EAGER)) == DAY / 100
    assert wait(DAY, running(since=DAY, polls=301, pace=EAGER), announced=0) == 5


MICROSECOND = 1e-6


@given(
    st.floats(-3_600, YEAR),
    st.floats(-3_600, YEAR),
    st.floats(0.001, YEAR),
    st.integers(0, 3_000),
    st.sampled_from([None, {}, PACE]),
    st.sampled_from([None, ASKS, DISABLED, BLOCKED]),
    st.booleans(),
    st.sampled_from([None, 0, 3]),
)
def test_a_wait_is_at_least_5_seconds_and_ends_within_a_second_of_the_deadline(
    second, since, left, polls, pace, progress, proven, announced
):
    memory = running(since=since, polls=polls, pace=pace)
    memory = replace(memory, progress=progress or memory.progress)
    taken = wait(second, memory, until(second + left), proven=proven, announced=announced)
    assert 1 <= taken < max(1, left) + 1 + MICROSECOND  # Rounding up can add a second.
    assert taken >= min(5, left) - MICROSECOND


# --- what to show ---


def is_shown(before, now, second=60, shown_at=None):
    shown = None if shown_at is None else moment(shown_at)
    polled, memory = Memory(progress=before), Memory(progress=now)
    return should_show_progress(polled, memory, moment(second), shown_at=shown)


BUILD, DEPLOY = (running(stage, "Put", since=100).progress for stage in ("Build", "Deploy"))


@pytest.mark.parametrize("now", [ASKS, DISABLED, BLOCKED, Progress("Deploy", waits=True)])
@pytest.mark.parametrize("shown_at", [None, 0, 50])
def test_a_waiting_target_is_shown_immediately(now, shown_at):
    assert is_shown(None, now, shown_at=shown_at)
    assert is_shown(BUILD, now, shown_at=shown_at)
    assert not is_shown(now, now, 9_999, shown_at)


@pytest.mark.parametrize("before", [None, BUILD, DEPLOY])
@pytest.mark.parametrize("shown_at, shown", [(None, True), (99, True), (100, False), (300, False)])
def test_a_long_action_is_shown_once(before, shown_at, shown):
    assert is_shown(before, DEPLOY, 400, shown_at) is shown
    assert is_shown(before, DEPLOY, 399, shown_at) is False


@pytest.mark.parametrize("before", [None, BUILD])
@pytest.mark.parametrize("now", [None, Progress("Deploy", ()), Progress("Deploy", ("Put",))])
def test_unknown_progress_is_not_shown(before, now):
    assert not is_shown(before, now, 9_999)
