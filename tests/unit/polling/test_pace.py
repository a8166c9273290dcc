from __future__ import annotations

import json
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
    """One entry from ListActionExecutions. Each execution runs in a different hour."""
    return {
        "pipelineExecutionId": of,
        "stageName": name,
        "actionName": f"{name}It",
        "status": status,
        "startTime": moment(int(of), begins),
        "lastUpdateTime": moment(int(of), ends),
    }


def execution(of, *ends, fails=False):
    """Consecutive actions from second 0, newest first. With `fails`, the last action failed."""
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


def rests(*executions, but="99"):
    """Each stage, with the usual number of seconds from its start to the end of the execution."""
    pace = measured(*executions, but=but)
    assert pace is not None
    return [(step.stage, step.seconds) for step in pace.steps]


def test_the_pace_is_the_time_from_each_action_to_the_end_of_the_execution():
    pauses = [action("1", "Deploy", 200, 260), action("1", "Source", 0, 10)]

    pace = measured(pauses)

    assert pace == Pace((Step("Source", "SourceIt", 260), Step("Deploy", "DeployIt", 60)))
    assert pace.seconds == 260
    assert pace.rest("Deploy", "DeployIt") == 60
    assert pace.rest("Deploy", "Other") is None
    assert pace.rest("Other", "DeployIt") is None


def test_the_end_of_the_last_parallel_action_counts():
    beside = [
        action("1", "Deploy", 20, 50),
        action("1", "Build", 10, 400),
        action("1", "Source", 0, 10),
    ]

    assert rests(beside) == [("Source", 400), ("Build", 390), ("Deploy", 380)]


@pytest.mark.parametrize("usual", [(100, 100, 100, 100), (100, 98, 99, 102)])
def test_one_very_slow_execution_does_not_change_the_pace(usual):
    assert rests(*(execution(str(n), ends) for n, ends in enumerate((*usual, 7_200)))) == [
        ("Source", 100)
    ]


def test_running_failed_and_followed_executions_do_not_count():
    runs = [action("2", "Build", 10, 20, "InProgress"), action("2", "Source", 0, 10)]
    abandoned = [action("3", "Build", 10, 900, "Abandoned"), action("3", "Source", 0, 900)]
    failed = execution("5", 10, 20, 30, fails=True)
    own = execution("4", 1, 2, 3)
    only = rests(execution("1", 10, 110, 410))
    assert rests(execution("1", 10, 110, 410), runs, abandoned, failed, own, but="4") == only


@pytest.mark.parametrize(
    "member", ["pipelineExecutionId", "stageName", "actionName", "startTime", "lastUpdateTime"]
)
def test_an_action_without_its_name_or_times_does_not_count(member):
    incomplete = {**action("1", "Test", 10, 20), member: None}
    assert rests([incomplete, *execution("1", 10, 110)]) == [("Source", 110), ("Build", 100)]


def test_cut_off_rolled_back_and_superseded_executions_do_not_count():
    cut = execution("1", 10, 110, 9_000)[:-1]
    rollback = [action("3", "Deploy", 0, 9_000)]
    superseded = execution("4", 10, 9_000)

    only = rests(execution("2", 10, 110, 410))
    assert rests(cut, execution("2", 10, 110, 410), rollback, superseded) == only


def test_only_the_last_attempt_of_a_retried_stage_counts():
    retried = [
        action("2", "Build", 9_000, 9_100),
        action("2", "Build", 10, 110, "Failed"),
        action("2", "Source", 0, 10),
    ]
    assert rests(retried) == [("Source", 9_100), ("Build", 100)]


def test_a_renamed_action_counts_from_its_first_success():
    renamed = [action("2", "Ship", 110, 710), *execution("2", 10, 110)]
    assert rests(execution("1", 10, 110, 410), renamed)[-1] == ("Ship", 600)


def test_a_pipeline_that_never_succeeded_has_no_pace():
    assert measured() is None
    assert measured(execution("1", 10, 20, fails=True)) is None


@pytest.mark.parametrize("count, known", [(30, True), (31, False)])
def test_a_pipeline_with_more_than_thirty_actions_has_no_pace(count, known):
    many = [action("1", f"S{n}", n * 10, n * 10 + 10) for n in range(count)]
    assert (measured(many) is not None) is known


def test_a_pace_reads_back_unchanged():
    pace = Pace((Step("S", "A", 30), Step("S", "B", 20)))
    assert Pace.of(json.loads(json.dumps(to_document(pace)))) == pace


@pytest.mark.parametrize("document", [None, {}])
def test_an_invalid_pace_reads_as_none(document):
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
def test_any_history_gives_a_valid_pace_or_none(actions):
    pace = pace_shown(actions, but="4")
    if pace is None:
        return
    assert len(pace.steps) >= 1
    assert Pace.of(to_document(pace)) == pace


def test_a_stage_usually_takes_until_the_next_one_starts():
    steps = [("Source", "Git", 90), ("Build", "A", 80), ("Build", "B", 70), ("Deploy", "Do", 20)]

    assert Pace(tuple(Step(*each) for each in steps)).stage_seconds == {
        "Source": 10,
        "Build": 60,
        "Deploy": 20,
    }
