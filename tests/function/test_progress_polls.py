from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from codepipeline_orchestrator.model.documents import from_document, to_document
from codepipeline_orchestrator.model.progress import Progress
from codepipeline_orchestrator.model.state import Memory
from codepipeline_orchestrator.polling.pace import Pace, Step
from tests.function.runs import ID, OTHER, START, STATE, action, asked, moment, polled, reads, waits

PACE = to_document(Pace((Step("Deploy", "Rollout", 100),)))


def inside(since=0):
    latest = {"action": "Rollout", "since": moment(since).isoformat()}
    return {"stage": "Deploy", "actions": ["Rollout"], "latest": latest}


def found(where=None, status="InProgress", polls=4, pace=PACE, state=STATE):
    progress = from_document(Progress, inside() if where is None else where)
    return replace(state, memory=Memory(polls, status, progress=progress, pace=pace))


def shows(codepipeline, status="InProgress", of=ID, action_status="InProgress", since=0):
    latest = {"status": action_status, "lastStatusChange": moment(since)}
    codepipeline.add_response(
        "get_pipeline_state",
        {
            "stageStates": [
                {
                    "stageName": "Deploy",
                    "latestExecution": {"pipelineExecutionId": of, "status": status},
                    "actionStates": [{"actionName": "Rollout", "latestExecution": latest}],
                }
            ]
        },
        {"name": "deploy"},
    )


def has_a_history(codepipeline, *details):
    codepipeline.add_response(
        "list_action_executions",
        {"actionExecutionDetails": list(details)},
        {"pipelineName": "deploy", "maxResults": 100},
    )


def test_the_first_poll_reads_the_state_and_the_history(codepipeline, at):
    reads(codepipeline, "InProgress")
    shows(codepipeline)
    took = {"pipelineExecutionId": OTHER, "startTime": START, "lastUpdateTime": moment(120)}
    has_a_history(codepipeline, action("Succeeded", **took))
    made = polled(STATE, codepipeline)
    read_at = moment(60).isoformat()
    assert made["changes"]["memory"] == {
        "polls": 1,
        "status": "InProgress",
        "progress": {**inside(), "readAt": read_at},
        "pace": to_document(Pace((Step("Deploy", "Rollout", 120),))),
    }
    assert made["snapshot"]["percent"] == 50
    assert made["snapshot"]["progress"] == {**inside(), "readAt": read_at}


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
def test_a_denied_history_only_makes_the_pace_unknown(codepipeline, at, code):
    reads(codepipeline, "InProgress")
    shows(codepipeline)
    codepipeline.add_client_error("list_action_executions", code)
    made = polled(STATE, codepipeline)
    assert made["ended"] is False
    assert made["changes"]["memory"]["pace"] == {}
    assert waits(made) == 20
    assert "percent" not in made["snapshot"]


def test_while_no_action_runs_only_the_execution_is_read(codepipeline, at):
    reads(codepipeline, "InProgress")
    waits = {"stage": "Deploy", "waits": True}
    made = polled(found(waits), codepipeline)
    assert made["changes"]["memory"]["progress"] == waits


@pytest.mark.parametrize(
    "state",
    [found(), found({"stage": "Deploy", "waits": True}, polls=3)],
    ids=["an action runs", "every fourth poll"],
)
def test_a_progress_poll_that_shows_a_running_action_is_enough(codepipeline, at, state):
    shows(codepipeline)
    made = polled(state, codepipeline)
    assert made["ended"] is False
    assert made["changes"]["memory"]["status"] == "InProgress"
    assert made["snapshot"]["status"] == "InProgress"
    assert made["changes"]["memory"]["progress"] == {**inside(), "readAt": moment(60).isoformat()}


@pytest.mark.parametrize(
    "shown",
    [
        {"action_status": "Succeeded"},
        {"status": "Stopping"},
        {"status": "Succeeded", "action_status": "Succeeded"},
        {"status": "Failed"},
        {"of": OTHER},
    ],
)
@pytest.mark.parametrize("status", ["InProgress", "Stopping", "Succeeded"])
def test_after_any_other_progress_poll_the_execution_is_read(codepipeline, at, shown, status):
    at(120)
    shows(codepipeline, **shown)
    if "of" in shown:  # The state might not contain this execution.
        codepipeline.add_response("list_action_executions", {"actionExecutionDetails": []})
    reads(codepipeline, status)
    if status == "Succeeded":
        codepipeline.add_response("list_pipeline_executions", {"pipelineExecutionSummaries": []})
        codepipeline.add_response("list_action_executions", {"actionExecutionDetails": []})
    made = polled(found(), codepipeline)
    assert made["snapshot"]["status"] == status
    assert made["ended"] is (status == "Succeeded")


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
def test_after_a_denied_progress_poll_the_execution_is_read(codepipeline, at, code):
    at(120)
    codepipeline.add_client_error("get_pipeline_state", code)
    reads(codepipeline, "InProgress")
    made = polled(found(), codepipeline)
    assert made["ended"] is False
    assert made["changes"]["memory"] == {"polls": 5, "status": "InProgress", "pace": PACE}


@pytest.mark.parametrize("status", [None, "Failed", "Stopping", "unreadable"])
def test_after_any_status_but_in_progress_the_execution_is_read(codepipeline, at, status):
    at(120)
    reads(codepipeline, "InProgress")
    shows(codepipeline)
    assert polled(found(status=status), codepipeline)["changes"]["memory"]["status"] == "InProgress"


def test_at_the_deadline_the_execution_is_read(codepipeline, at):
    at(3_600)
    reads(codepipeline, "InProgress")
    shows(codepipeline)
    codepipeline.add_response("list_pipeline_executions", {"pipelineExecutionSummaries": []})
    codepipeline.add_response("list_action_executions", {"actionExecutionDetails": []})
    report = polled(found(), codepipeline)["report"]
    assert report["outcome"] == "TimedOut"
    assert report["progress"] == {**inside(), "readAt": moment(3_600).isoformat()}


def test_a_run_that_follows_a_newer_execution_starts_with_an_empty_memory(codepipeline, at):
    at(120)
    shows(codepipeline, of=OTHER)
    codepipeline.add_response("list_action_executions", {"actionExecutionDetails": []})
    reads(codepipeline, "Superseded")
    newer = {"pipelineExecutionId": OTHER, "status": "InProgress", "startTime": START}
    older = {"pipelineExecutionId": ID, "status": "Superseded", "startTime": START}
    codepipeline.add_response(
        "list_pipeline_executions", {"pipelineExecutionSummaries": [newer, older]}
    )
    made = polled(found(state=asked(onSuperseded="follow")), codepipeline)
    assert made["changes"]["memory"] == {"polls": 5, "superseded": ID}
    assert waits(made) == 1


def test_after_three_progress_polls_in_a_row_the_execution_is_read(codepipeline, at):
    state = found()
    polled_thrice = replace(state, memory=replace(state.memory, progress_polls=3))
    reads(codepipeline, "InProgress")
    assert "progressPolls" not in polled(polled_thrice, codepipeline)["changes"]["memory"]


def test_a_revoked_session_is_replaced(codepipeline, at):
    at(50)

    class Denied:
        def get_pipeline_execution(self, **_):
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetPipelineExecution")

    reads(codepipeline, "InProgress")
    clients: Any = iter([Denied(), codepipeline.client])
    made = polled(found(), codepipeline, lambda _target: next(clients))
    assert made["changes"]["memory"]["status"] == "InProgress"
