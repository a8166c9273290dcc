"""What `list` shows about a run: why it ended, who started it, and how it fits the line."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from codepipeline_orchestrator.aws.answers import PipelineContext
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.progress import PendingApproval, Progress
from codepipeline_orchestrator.model.snapshot import Snapshot
from pipeline_run.caller import person_in
from pipeline_run.columns import columns
from pipeline_run.commands.list import (
    NEVER_ACCEPTED,
    number_searched,
    possible_statuses,
)
from pipeline_run.output import age
from pipeline_run.reason import reason
from pipeline_run.run_logs import ActionLog, log_of_failure
from pipeline_run.run_table import beginning
from pipeline_run.runs import RUNNING
from pipeline_run.snapshots import TimedSnapshot
from tests.pipeline_run.described import run_of

CONSOLE = "https://eu-west-1.console.aws.amazon.com"
ACTION = {"stage": "Deploy", "action": "Rollout"}
STAGE = {"name": "Deploy", "startTime": "2026-01-05", "status": "InProgress"}
SSO = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Dev_1/maria.diaz@example.com"


def run(status="FAILED", name="nightly", document="{}", **result):
    cause = json.dumps({"error": "x", "outcome": "Error", "message": "m", **result})
    return run_of(name, status, input=document, cause=cause)


@pytest.mark.parametrize(
    "result, words",
    [
        (
            {"outcome": "Failed", "failure": {**ACTION, "code": "JobFailed", "message": "exit 1"}},
            "Deploy/Rollout: exit 1",
        ),
        ({"outcome": "Failed", "failure": {**ACTION, "code": "Jobs"}}, "Deploy/Rollout: Jobs"),
        ({"outcome": "Failed", "failure": {"stage": "Deploy", "rule": "Alarm"}}, "Deploy/Alarm"),
        (
            {
                "outcome": "Failed",
                "failure": {**ACTION, "approval": True, "approver": SSO, "message": "not yet"},
            },
            "Deploy/Rollout rejected by maria-diaz: not yet",
        ),
        (
            {"outcome": "Failed", "failure": {**ACTION, "approval": True, "message": "too late"}},
            "Deploy/Rollout: too late",
        ),
        ({"outcome": "Superseded", "supersededBy": "9b1d6c04-11"}, "newer execution 9b1d6c04"),
        ({"outcome": "Superseded"}, "newer execution"),
        ({"outcome": "TimedOut"}, "deadline passed"),
        ({"outcome": "Stopped", "stopReason": "wrong branch"}, "wrong branch"),
        ({"outcome": "Cancelled", "message": "Pipeline web was canceled."}, "Pipeline web was can"),
    ],
)
def test_the_reason_is_what_people_need_first(result, words):
    assert reason(run(**result)).startswith(words)


@pytest.mark.parametrize(
    "stages, place",
    [
        (
            [
                {**STAGE, "name": "Build", "status": "Succeeded"},
                {
                    **STAGE,
                    "actions": [
                        {"name": "Plan", "startTime": "2026-01-05", "status": "Succeeded"},
                        {"name": "Web", "startTime": "2026-01-05", "status": "InProgress"},
                        {"name": "Api", "startTime": "2026-01-05", "status": "InProgress"},
                    ],
                },
            ],
            " in Deploy/Web, Api",
        ),
        ([{**STAGE, "actions": []}], ""),
        ([STAGE], ""),
        ([[]], ""),
        (7, ""),
    ],
)
def test_the_reason_for_a_timeout_is_where_the_target_was(stages, place):
    assert reason(run(outcome="TimedOut", stages=stages)) == f"deadline passed{place}"


def test_the_reason_for_an_error_is_the_first_sentence_of_its_message():
    message = "The role a.b was denied. Check the role.\nTo see the run:\npipeline-run show nightly"

    assert reason(run(error="TargetRoleNotAssumable", message=message)) == (
        "TargetRoleNotAssumable: The role a.b was denied"
    )


@pytest.mark.parametrize(
    "progress, words",
    [
        (Progress("Gate", approval=PendingApproval("QA", None)), "Gate/QA: waiting for approval"),
        (Progress("Deploy", actions=("Web",)), "in stage Deploy, action Web"),
        (None, "InProgress"),
    ],
)
def test_a_running_run_shows_what_it_waits_for(progress, words):
    snapshot = Snapshot(target="web", status="InProgress", progress=progress)

    assert TimedSnapshot(snapshot).short() == words


def listed(*hours):
    return [{"startDate": datetime(2026, 1, 5, hour, tzinfo=UTC)} for hour in hours]


def test_a_search_that_leaves_out_runs_says_how_many_it_searched(monkeypatch):
    monkeypatch.setattr("pipeline_run.commands.list.NAMES_SEARCHED", 3)
    runs, nine = listed(10, 9, 8), datetime(2026, 1, 5, 9, tzinfo=UTC)

    assert number_searched(runs, runs, runs[:2], None) == 2
    assert number_searched(runs, runs[:1], runs[:1], None) == 3  # older runs were not listed
    assert number_searched(runs, runs[:2], runs[:2], nine) is None  # they would be too old
    assert number_searched(runs[:2], runs[:1], runs[:1], None) is None  # there are no older runs


@pytest.mark.parametrize("outcome", [RUNNING, *Outcome])
def test_no_run_is_left_out_for_a_status_that_fits_its_outcome(outcome):
    found = possible_statuses(outcome)

    assert ("RUNNING" in found, "PENDING_REDRIVE" in found, "FAILED" in found) == (
        (True, True, False) if outcome == RUNNING else (False, False, True)
    )
    assert ("SUCCEEDED" in found) == (outcome not in {RUNNING, *NEVER_ACCEPTED})


def test_the_reason_for_a_stopped_run_is_the_cause_that_was_given():
    stopped = run("ABORTED")

    assert reason(replace(stopped, described={**stopped.described, "cause": "wrong"})) == (
        "run stopped: wrong"
    )


@pytest.mark.parametrize(
    "name, document, caller",
    [
        ("3f0c9a51b2e4-by-maria", "{}", "person maria"),
        ("3f0c9a51-by-maria", "{}", None),
        ("x", {"clientRequestToken": "release 7"}, None),
        (
            "x",
            {"clientRequestToken": "arn:aws:scheduler:eu-west-1:1:schedule/group/night 2026"},
            "schedule night",
        ),
        (
            "x",
            {
                "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": "arn:aws:states:eu-west-1:"
                "111122223333:execution:parent:run-1"
            },
            "workflow parent",
        ),
        ("x", {"job": {"id": "x", "secret": "5e"}, "input": {}}, "a pipeline"),
        ("x", {"job": {"secret": 1}, "input": {}}, None),
    ],
)
def test_the_caller_is_read_from_the_name_and_the_input(name, document, caller):
    text = document if isinstance(document, str) else json.dumps(document)

    found = run(name=name, document=text).caller

    assert (str(found) if found else None) == caller


def test_the_caller_of_an_action_is_its_pipeline():
    started = run(document='{"job": {"secret": "5e"}, "input": {}}')

    found = replace(started, invoking=PipelineContext(pipeline_name="release")).caller

    assert str(found) == "pipeline release"


@pytest.mark.parametrize(
    "arn, person",
    [
        (SSO, "maria-diaz"),
        ("arn:aws:iam::111122223333:user/dev/maria", "maria"),
        ("arn:aws:iam::111122223333:root", "root"),
        ("arn:aws:sts::111122223333:assumed-role/ci/GitHubActions", "GitHubActions"),
        ("arn:aws:sts::111122223333:assumed-role/ci/@", "unknown"),
        (f"arn:aws:iam::111122223333:user/{'x' * 64}", "x" * 60),
    ],
)
def test_a_person_is_named_by_user_or_session(arn, person):
    assert person_in(arn) == person


@pytest.mark.parametrize(
    "seconds, text",
    [(-3, "0s"), (59.9, "59s"), (60, "1m"), (7_199, "1h"), (90_000, "1d")],
)
def test_a_time_is_shown_relative_to_now(seconds, text):
    assert age(seconds) == text


@pytest.mark.parametrize(
    "name, found",
    [
        ("3f0c9a51-1111", "3f0c9a51-11"),
        ("3f0c9a51-1222", "3f0c9a51-12"),
        ("9b1d6c04-1111", "9b1d6c04"),
        ("web", "web"),
        ("web-release-1", "web-release-1"),
    ],
)
def test_a_name_is_shortened_while_it_stays_unique(name, found):
    names = ["3f0c9a51-1111", "3f0c9a51-1222", "9b1d6c04-1111", "web", "web-release-1"]

    assert beginning(name, [*names, "web-release-12"]) == found


def test_the_widest_texts_are_cut_first():
    row = {"A": "a" * 8, "B": "b" * 30, "C": "東京" * 20}

    assert columns([row], 40, {"B": 0, "C": 0}) == [
        "A         B               C",
        "aaaaaaaa  bbbbbbbbbbbbb…  東京東京東京 …",
    ]
    assert columns([row], 40, {"B": 8, "C": 0})[1] == "aaaaaaaa  bbbbbbbbbbbbbbbbb…  東京東京 …"


@pytest.mark.parametrize(
    "failure, log",
    [
        (
            {
                "logLink": f"{CONSOLE}/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group"
                "/$252Faws$252Fshop/log-events/5b7c$252FRollout"
            },
            ActionLog("/aws/shop", "5b7c/Rollout", "eu-west-1"),
        ),
        (
            {
                "link": f"{CONSOLE}/codesuite/codebuild/projects/shop/build/shop%3A"
                "5d2f7a3c-1b1e-4f0a-9c5d-0a1b2c3d4e5f?region=eu-west-1"
            },
            ActionLog("/aws/codebuild/shop", "5d2f7a3c-1b1e-4f0a-9c5d-0a1b2c3d4e5f", "eu-west-1"),
        ),
        (
            {
                "link": "https://console.aws.amazon.com/codebuild/home?region=us-east-1#/builds/"
                "shop:5d2f7a3c-1b1e-4f0a-9c5d-0a1b2c3d4e5f/view/new"
            },
            ActionLog("/aws/codebuild/shop", "5d2f7a3c-1b1e-4f0a-9c5d-0a1b2c3d4e5f", "us-east-1"),
        ),
        ({"link": "https://example.com/builds/7", "logLink": None}, None),
        ({}, None),
    ],
)
def test_the_log_of_a_failed_action_is_found_through_its_links(failure, log):
    assert log_of_failure(failure) == log
