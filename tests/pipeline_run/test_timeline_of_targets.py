"""The timeline rows of a target that the user cannot read."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from codepipeline_orchestrator.model.target import Target
from pipeline_run.timeline.model import Bar
from pipeline_run.timeline.poll_rows import rows_from_polls
from pipeline_run.timeline.steps import RunStep
from pipeline_run.timeline.target_rows import rows_from_actions, rows_from_result
from tests.pipeline_run.described import START, run_of

ID, NEWER = "3f0c9a51", "90c192cf"
ROLE = "arn:aws:iam::222233334444:role/target"
TARGET = Target("web", "222233334444", "eu-west-1", "aws", ROLE, None, "run-1")


def moment(second):
    return START + timedelta(seconds=second)


def polled(second, stage=None, actions=(), since=None, *, status="InProgress", of=ID, **progress):
    """A poll that took a second. `since` is the last action of `actions` that has a known start."""
    snapshot = {"target": "web", "status": status, "pipelineExecutionId": of}
    if stage:
        latest = {"action": actions[-1], "since": moment(since).isoformat()} if since else None
        snapshot["progress"] = {"stage": stage, "actions": actions, "latest": latest, **progress}
    return RunStep("GetState", moment(second), moment(second + 1), {"snapshot": snapshot})


def run(result=None, stopped=120):
    """A run that is still going on, or that failed with this result."""
    cause = json.dumps({"error": "PipelineFailed", "message": "It failed.", **(result or {})})
    ended = {"status": "FAILED", "stopDate": moment(stopped), "cause": cause}
    return run_of(**({} if result is None else ended))


def bars(*polls, result=None):
    """The times of the bars in each row, in seconds."""
    return {
        (row.kind.value, row.name): [_seconds(bar) for bar in row.bars]
        for row in rows_from_polls(polls, run(result))
    }


def _seconds(bar):
    names = ("start", "started_by", "ended_after", "end", "as_of")
    times = {name: getattr(bar, name) for name in names}
    return {name: (time - START).total_seconds() for name, time in times.items() if time}


def test_times_between_two_polls_are_known_only_within_them():
    build, lint = polled(10, "Build", ["Compile"]), polled(30, "Build", ["Lint"])

    found = bars(build, lint, polled(50, "Live", ["Go"]))

    assert found == {
        ("stage", "Build"): [{"start": 0, "started_by": 11, "ended_after": 30, "end": 51}],
        ("action", "Compile"): [{"start": 0, "started_by": 11, "ended_after": 10, "end": 31}],
        ("action", "Lint"): [{"start": 10, "started_by": 31, "ended_after": 30, "end": 51}],
        ("stage", "Live"): [{"start": 30, "started_by": 51, "as_of": 50}],
        ("action", "Go"): [{"start": 30, "started_by": 51, "as_of": 50}],
    }


def test_the_last_action_has_an_exact_start_by_which_earlier_ones_have_begun_or_ended():
    build = polled(10, "Build", ["Lint", "Compile"], since=4)

    found = bars(build, polled(30, "Live", ["Go"], since=22))

    assert found == {
        ("stage", "Build"): [{"start": 0, "started_by": 4, "ended_after": 10, "end": 22}],
        ("action", "Lint"): [{"start": 0, "started_by": 4, "ended_after": 10, "end": 22}],
        ("action", "Compile"): [{"start": 4, "ended_after": 10, "end": 22}],
        ("stage", "Live"): [{"start": 10, "started_by": 22, "as_of": 30}],
        ("action", "Go"): [{"start": 22, "as_of": 30}],
    }


def test_a_pending_approval_has_an_exact_start():
    approval = {"approval": {"action": "Ask", "since": moment(5).isoformat()}}

    found = bars(polled(10, "Live", ["Ask", "Go"], **approval))

    assert found["action", "Ask"] == [{"start": 5, "as_of": 10}]


def test_an_execution_begins_when_it_was_started_at_the_earliest():
    execution = {"pipelineExecutionId": ID, "startTime": moment(7).isoformat()}
    started = RunStep("StartExecution", moment(6), moment(8), {"changes": {"execution": execution}})

    found = bars(started, polled(10, "Build", ["Compile"]))

    assert found["stage", "Build"] == [{"start": 6, "started_by": 11, "as_of": 10}]


@pytest.mark.parametrize(
    "silent",
    [
        polled(30, "Build", ["Do"], readAt=moment(10).isoformat()),
        polled(30),
        polled(30, status="unreadable"),
    ],
    ids=["repeats the last one", "progress unknown", "unreadable"],
)
def test_a_poll_that_reads_no_progress_shows_nothing(silent):
    build = polled(10, "Build", ["Do"], readAt=moment(10).isoformat())

    found = bars(build, silent, polled(50, "Live", ["Go"]))

    assert found["stage", "Build"] == [{"start": 0, "started_by": 11, "ended_after": 10, "end": 51}]


def test_an_execution_that_waits_to_enter_a_stage_is_not_in_it():
    waiting = polled(30, "Live", None)

    found = bars(polled(10, "Build", ["Do"]), waiting, polled(50, "Live", ["Go"]))

    assert found["stage", "Build"] == [{"start": 0, "started_by": 11, "ended_after": 10, "end": 31}]
    assert found["stage", "Live"] == [{"start": 30, "started_by": 51, "as_of": 50}]


def test_executions_that_the_run_waits_for_are_not_shown():
    assert bars(polled(10, "Build", ["Do"], of=None)) == {}


def test_a_stage_that_runs_again_has_another_bar():
    failed = polled(30, status="Failed")

    found = bars(polled(10, "Live", ["Go"]), failed, polled(50, "Live", ["Go"], since=45))

    assert found["action", "Go"] == [
        {"start": 0, "started_by": 11, "ended_after": 10, "end": 31},
        {"start": 45, "as_of": 50},
    ]


def test_an_older_execution_ends_before_the_newer_one_is_polled():
    found = bars(polled(10, "Build", ["Do"]), polled(30, "Build", ["Do"], since=20, of=NEWER))

    assert found["action", "Do"] == [
        {"start": 0, "started_by": 11, "ended_after": 10, "end": 31},
        {"start": 20, "as_of": 30},
    ]


@pytest.mark.parametrize(
    "outcome, status, last",
    [
        ("Stopped", "Stopped", {"ended_after": 10, "end": 18}),
        ("TimedOut", "InProgress", {"as_of": 10}),
    ],
)
def test_an_action_ends_with_its_execution_at_the_latest(outcome, status, last):
    result = {"outcome": outcome, "endTime": moment(18).isoformat()}

    found = bars(polled(10, "Live", ["Go"], since=5), polled(30, status=status), result=result)

    assert found["action", "Go"] == [{"start": 5, **last}]


@pytest.mark.parametrize("known, end", [({"endTime": moment(18).isoformat()}, 18), ({}, 31)])
def test_a_failure_between_two_polls_has_a_bar_that_spans_them(known, end):
    failure = {"stage": "Live", "action": "Go"}
    result = {"outcome": "Failed", "failure": failure, **known}
    polls = [polled(10, "Build", ["Do"]), polled(30, status="Failed")]

    rows = rows_from_polls(polls, run(result))

    span = {"start": 10, "started_by": end, "ended_after": 10, "end": end}
    assert [(row.name, row.bars[0].status) for row in rows] == [
        ("Build", "Succeeded"),
        ("Do", "Succeeded"),
        ("Live", "Failed"),
        ("Go", "Failed"),
    ]
    assert [_seconds(row.bars[0]) for row in rows[2:]] == [span, span]
    times = dict(rows[3].bars[0].details)["times"]
    assert times == f"from the run's polls: started and failed between 09:00:10 and 09:00:{end}"


def test_the_details_of_a_bar_say_how_exact_its_times_are():
    polls = [polled(10, "Build", ["Do"]), polled(30, "Live", ["Go"], since=22)]

    rows = rows_from_polls(polls, run())

    do, go = [dict(row.bars[0].details)["times"] for row in rows[1::2]]
    assert do == (
        "from the run's polls: started between 09:00:00 and 09:00:11, "
        "ended between 09:00:10 and 09:00:22"
    )
    assert go == "from the run's polls: started at 09:00:22, last seen in progress at 09:00:30"


@pytest.mark.parametrize(
    "bounds, end, text",
    [
        ({}, 42, "42s"),
        ({}, None, "50s so far"),
        ({"ended_after": moment(30)}, 42, "<= 42s"),
        ({"as_of": moment(30)}, None, "30s as of 09:00:30"),
        ({"as_of": moment(30), "started_by": moment(9)}, None, "<= 30s as of 09:00:30"),
    ],
)
def test_a_duration_says_how_exact_it_is(bounds, end, text):
    bar = Bar("Go", START, moment(end) if end else None, **bounds)

    assert bar.took(moment(50)) == text


def attempt(name, start, end=None, status="Succeeded", **more):
    known = {"endTime": moment(end).isoformat()} if end else {}
    return {"name": name, "startTime": moment(start).isoformat(), "status": status, **known, **more}


def test_the_stages_in_a_result_have_codepipelines_own_times():
    go = [attempt("Ask", 5, 6), attempt("Go", 7, 40, "Failed")]
    again = [attempt("Go", 50, None, "InProgress")]
    result = {
        "outcome": "TimedOut",
        "endTime": moment(90).isoformat(),
        "pipelineExecutionId": ID,
        "approvals": [{"stage": "Live", "action": "Ask", "by": "arn:aws:iam::1:user/ann"}],
        "stages": [
            attempt("Live", 5, 40, "Failed", actions=go),
            attempt("Live", 50, None, "InProgress", actions=again),
        ],
    }

    live, ask, acted = rows_from_result(run(result), TARGET)

    assert [(bar.name, bar.status, _seconds(bar)) for bar in live.bars] == [
        ("Live", "Failed", {"start": 5, "end": 40}),
        ("Live, attempt 2", "InProgress", {"start": 50, "as_of": 90}),
    ]
    assert dict(live.bars[0].details) == {"actions": "Ask, Go", "failed": "Go"}
    assert [(bar.name, _seconds(bar)) for bar in acted.bars] == [
        ("Go", {"start": 7, "end": 40}),
        ("Go, attempt 2", {"start": 50, "as_of": 90}),
    ]
    assert ("answered by", "arn:aws:iam::1:user/ann") in ask.bars[0].details
    assert f"/web/executions/{ID}" in ask.bars[0].links[0][1]


def test_the_failure_in_a_result_is_shown_at_the_last_attempt():
    stages = [
        attempt("Live", start, start + 9, "Failed", actions=[attempt("Go", start, start + 9)])
        for start in (5, 50)
    ]
    failure = {"stage": "Live", "action": "Go", "code": "JobFailed", "link": "https://x.example/1"}

    result = {"outcome": "Failed", "failure": failure, "stages": stages}

    _, go = rows_from_result(run(result), TARGET)

    assert [dict(bar.details).get("code") for bar in go.bars] == [None, "JobFailed"]
    assert go.bars[1].links[0] == ("What the action ran", "https://x.example/1")


def test_a_result_without_stages_has_no_rows():
    assert rows_from_result(run({"outcome": "Failed"}), TARGET) == []


def test_each_followed_execution_has_its_own_bars():
    def acted(of, start):
        end = moment(start + 5)
        return {
            "pipelineExecutionId": of,
            "stageName": "Build",
            "actionName": "Do",
            "status": "Succeeded",
            "startTime": moment(start),
            "lastUpdateTime": end,
        }

    build, do = rows_from_actions([acted(ID, 5), acted(NEWER, 20)], TARGET, {})

    spans = [{"start": 5, "end": 10}, {"start": 20, "end": 25}]
    assert [_seconds(bar) for bar in build.bars] == spans
    assert [_seconds(bar) for bar in do.bars] == spans
    assert [bar.name for bar in build.bars] == ["Build", "Build"]
