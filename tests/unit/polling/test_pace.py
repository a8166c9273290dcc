"""How long the steps of a pipeline usually take, from what ListActionExecutions shows."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepipeline_orchestrator.aws.answers import ActionDetail, read_answer
from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.polling.pace import Pace, Step, pace_of

DAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
NAMES = ("Source", "Build", "Deploy")


def moment(hour, second):
    return DAY + timedelta(hours=hour, seconds=second)


def action(of, name, begins, ends, status="Succeeded"):
    """An ActionExecutionDetail; each execution has an hour of its own."""
    return {
        "pipelineExecutionId": of,
        "stageName": name,
        "actionName": f"{name}It",
        "status": status,
        "startTime": moment(int(of), begins),
        "lastUpdateTime": moment(int(of), ends),
    }


def execution(of, *ends, fails=False):
    """Actions in a row, the first from second 0, newest first; with `fails` the last fails."""
    begins = (0, *ends)
    last = len(ends) - 1
    return [
        action(of, NAMES[n], begins[n], end, "Failed" if fails and n == last else "Succeeded")
        for n, end in reversed(list(enumerate(ends)))
    ]


def measured(*executions, but="99"):
    return pace_shown([each for one in reversed(executions) for each in one], but=but)


def pace_shown(details, but):
    return pace_of([read_answer(ActionDetail, each) for each in details], but=but)


def took(pace):
    return [(step.stage, step.action, step.seconds) for step in pace.steps]


def test_a_step_lasts_until_the_next_action_begins_and_the_last_one_to_the_end():
    # given an execution that pauses before it deploys
    pauses = [action("1", "Deploy", 200, 260), action("1", "Source", 0, 10)]

    # when
    pace = measured(pauses)

    # then the pause belongs to the step before
    assert pace is not None
    assert took(pace) == [("Source", "SourceIt", 200), ("Deploy", "DeployIt", 60)]
    assert pace.seconds == 260


def test_actions_side_by_side_are_steps_in_the_order_of_their_starts():
    # given two actions that begin one after the other, of which the first ends last
    beside = [
        action("1", "Deploy", 20, 50),
        action("1", "Build", 10, 400),
        action("1", "Source", 0, 10),
    ]

    # then the later one lasts until everything has ended
    pace = measured(beside)
    assert pace is not None
    assert [step.seconds for step in pace.steps] == [10, 10, 380]


def test_one_execution_tells_the_pace_and_that_it_is_hardly_known():
    pace = measured(execution("1", 10, 110, 410))
    assert pace == Pace(
        (
            Step("Source", "SourceIt", 10, 3),
            Step("Build", "BuildIt", 100, 28),
            Step("Deploy", "DeployIt", 300, 85),
        ),
        0.083,
    )


def test_the_more_has_been_seen_the_better_it_is_known():
    spreads = [
        measured(*(execution(str(n), 100) for n in range(count))).steps[0].spread
        for count in (1, 2, 4, 16)
    ]
    assert spreads == [28, 17, 11, 5]


def test_what_varies_is_known_to_vary():
    durations = (60, 90, 100, 110, 140)
    (step,) = measured(*(execution(str(n), took) for n, took in enumerate(durations))).steps
    assert (step.seconds, step.spread) == (100, 30)


@pytest.mark.parametrize("usual", [(100, 100, 100, 100), (100, 101, 99, 102)])
def test_an_action_that_hung_once_is_no_measure(usual):
    (step,) = measured(*(execution(str(n), took) for n, took in enumerate((*usual, 7_200)))).steps
    assert step.seconds == 100


def test_what_always_takes_as_long_may_take_a_little_longer():
    (step,) = measured(*(execution(str(n), took) for n, took in enumerate((60, 60, 60, 64)))).steps
    assert step.seconds == 61


def test_the_execution_that_is_followed_and_those_that_run_or_were_abandoned_do_not_count():
    runs = [action("2", "Build", 10, 20, "InProgress"), action("2", "Source", 0, 10)]
    abandoned = [action("3", "Build", 10, 900, "Abandoned"), action("3", "Source", 0, 900)]
    own = execution("4", 1, 2, 3)
    only = measured(execution("1", 10, 110, 410))
    assert measured(execution("1", 10, 110, 410), runs, abandoned, own, but="4") == only


def test_an_execution_that_ran_an_action_twice_does_not_count():
    # given a stage that was retried hours later
    retried = [
        action("2", "Build", 9_000, 9_100),
        action("2", "Build", 10, 110, "Failed"),
        action("2", "Source", 0, 10),
    ]

    # then it is as if it had not been
    only = measured(execution("1", 10, 110))
    assert measured(execution("1", 10, 110), retried) == only
    assert measured(retried) is None


def test_what_the_page_has_cut_and_a_rollback_do_not_count():
    # given executions whose source is missing: the oldest of the page, and one that rolled back
    cut = execution("1", 10, 110, 9_000)[:-1]
    rollback = [action("3", "Deploy", 0, 9_000)]

    # then
    only = measured(execution("2", 10, 110, 410))
    assert measured(cut, execution("2", 10, 110, 410), rollback) == only


def test_an_execution_that_was_superseded_counts_as_far_as_it_came():
    superseded = execution("2", 30, 130)  # its Build is not followed by anything
    pace = measured(execution("1", 10, 110, 410), superseded)
    assert pace is not None
    assert took(pace) == [
        ("Source", "SourceIt", 20),
        ("Build", "BuildIt", 100),
        ("Deploy", "DeployIt", 300),
    ]
    assert pace.failing == round(0.5 / 6, 3)


def test_a_step_with_another_name_counts_from_its_first_success():
    renamed = [action("2", "Ship", 110, 710), *execution("2", 10, 110)]
    pace = measured(execution("1", 10, 110, 410), renamed)
    assert pace is not None
    assert took(pace)[-1] == ("Ship", "ShipIt", 600)


def test_how_many_fail_is_counted_and_no_few_are_taken_for_all():
    good = [execution(str(n), 10, 110, 410) for n in range(5)]
    bad = [execution(str(n), 10, 60, fails=True) for n in range(5, 8)]
    assert measured(*good).failing == round(0.5 / 10, 3)
    assert measured(*good, *bad).failing == round(3.5 / 13, 3)


def test_what_failed_is_no_measure_of_its_action_but_of_those_before():
    pace = measured(execution("1", 10, 110, 410), execution("2", 30, 31, fails=True))
    assert pace is not None
    assert [step.seconds for step in pace.steps] == [20, 100, 300]


def test_nothing_is_known_of_a_pipeline_that_never_succeeded():
    assert measured() is None
    assert measured(execution("1", 10, 20, fails=True)) is None


@pytest.mark.parametrize("count, known", [(30, True), (31, False)])
def test_more_than_thirty_steps_are_too_many(count, known):
    many = [action("1", f"S{n}", n * 10, n * 10 + 10) for n in range(count)]
    assert (measured(many) is not None) is known


def test_an_approval_that_took_hours_is_a_step_like_the_others():
    approved = [
        [
            action(str(n), "Deploy", hours * 3_600 + 100, hours * 3_600 + 160),
            action(str(n), "Gate", 100, hours * 3_600 + 100),
            action(str(n), "Source", 0, 100),
        ]
        for n, hours in enumerate((1, 5, 9))
    ]
    pace = measured(*approved)
    assert pace is not None
    assert [step.seconds for step in pace.steps] == [100, 5 * 3_600, 60]
    assert pace.steps[1].spread > 3_600


def test_it_travels_between_the_states():
    pace = Pace((Step("S", "A", 10, 1), Step("S", "B", 20, 2)), 0.1)
    assert Pace.of(json.loads(json.dumps(to_document(pace)))) == pace


@pytest.mark.parametrize("document", [None, {}])
def test_what_is_not_known_is_none(document):
    assert Pace.of(document) is None


SECONDS = st.integers(0, 10_000)
SHOWN = st.lists(
    st.builds(
        action,
        st.sampled_from(["1", "2", "3", "4"]),
        st.sampled_from(NAMES),
        SECONDS,
        SECONDS,
        st.sampled_from(["Succeeded", "Succeeded", "Succeeded", "Failed", "InProgress"]),
    ),
    max_size=12,
)


@given(SHOWN)
def test_whatever_the_history_shows_the_pace_is_one(actions):
    pace = pace_shown(actions, but="4")
    if pace is None:
        return
    assert 0 < pace.failing < 1
    for step in pace.steps:
        assert step.seconds >= 0
        assert step.spread >= 1
        assert math.isfinite(step.spread)
    assert Pace.of(to_document(pace)) == pace
