"""What the states of a run hand on, and what they read of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from codepipeline_orchestrator.model.state import Execution, Progress, Request, RunState
from codepipeline_orchestrator.model.target import Target

ID = "aaaaaaaa-1111-2222-3333-444444444444"
TARGET = Target("deploy", "222233334444", "eu-west-1", "aws", "arn", None, "run-1")
TIMES = {"startedAt": "2026-01-05T09:00:00+00:00", "deadline": "2026-01-05T10:00:00+00:00"}
REQUEST = Request("start", True, TIMES["startedAt"], TIMES["deadline"])


def test_a_request_is_handed_on_without_what_was_not_asked_for():
    assert REQUEST.to_document() == {
        "mode": "start",
        "wait": True,
        **TIMES,
        "ifRunning": "start",
        "onNeverRun": "fail",
        "onSuperseded": "fail",
        "onTimeout": "leave",
        "onAbort": "leave",
        "pollCost": 0.3,
        "maxStageRetries": 0,
        "hasToken": False,
    }


@pytest.mark.parametrize("execution", [None, Execution(ID, None), Execution(ID, "2026")])
@pytest.mark.parametrize(
    "progress", [Progress(), Progress(3, "Failed", 1, ID, {"stage": "S"}, 2, {})]
)
def test_what_is_handed_on_is_read_as_it_was(execution, progress):
    # given the payload of a state
    payload = {
        "run": "arn",
        "target": TARGET.to_document(),
        "request": REQUEST.to_document(),
        "execution": execution.to_document() if execution else None,
        "progress": progress.to_document(),
    }

    # when, then
    state = RunState.of(json.loads(json.dumps(payload)))
    assert state == RunState("arn", TARGET, REQUEST, execution, progress)


def test_what_another_version_of_the_functions_wrote_besides_is_left_out():
    payload = {
        "run": "arn",
        "target": {**TARGET.to_document(), "later": 1},
        "request": {**REQUEST.to_document(), "later": 1},
        "execution": {"pipelineExecutionId": ID, "startTime": None, "later": 1},
        "progress": {"polls": 3, "later": 1},
    }
    state = RunState.of(payload)
    assert (state.target, state.request) == (TARGET, REQUEST)
    assert (state.execution, state.progress) == (Execution(ID, None), Progress(3))


def test_before_the_first_look_there_is_neither_execution_nor_progress():
    payload = {"run": "arn", "target": TARGET.to_document(), "request": REQUEST.to_document()}
    assert RunState.of(payload) == RunState("arn", TARGET, REQUEST, None, Progress())
    assert RunState.of({**payload, "progress": None}).progress == Progress()


def test_a_held_job_and_a_second_attempt_are_known():
    payload = {"run": "arn", "target": TARGET.to_document(), "request": REQUEST.to_document()}
    held = {"id": "job-1", "action": "digest", "renewAt": "2026"}
    state = RunState.of({**payload, "heldJob": held, "attempt": 2})
    assert (state.renewAt, state.attempt, state.may_have_started) == ("2026", 2, True)
    assert not RunState.of({**payload, "heldJob": None}).may_have_started


@pytest.mark.parametrize("polls, has_waited", [(0, False), (1, True)])
def test_a_run_has_waited_when_it_has_looked(polls, has_waited):
    assert RunState("arn", TARGET, REQUEST, None, Progress(polls)).has_waited is has_waited


@pytest.mark.parametrize(
    "renew_at, seconds, waits",
    [(None, 120, 120), (60, 120, 60), (59.1, 120, 60), (60, 30, 30), (0, 30, 1), (-9, 30, 1)],
)
def test_a_wait_leaves_time_to_renew_the_lease(renew_at, seconds, waits):
    now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    due = None if renew_at is None else (now + timedelta(seconds=renew_at)).isoformat()
    state = replace(RunState("arn", TARGET, REQUEST, None, Progress()), renewAt=due)
    assert state.within_lease(seconds, now) == waits
