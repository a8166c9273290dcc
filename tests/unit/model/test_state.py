"""What the states of a run hand on, and what they read of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.progress import Progress
from codepipeline_orchestrator.model.request import Mode, Request
from codepipeline_orchestrator.model.state import Execution, Memory, RunState
from codepipeline_orchestrator.model.target import Target

ID = "aaaaaaaa-1111-2222-3333-444444444444"
TARGET = Target("deploy", "222233334444", "eu-west-1", "aws", "arn", None, "run-1")
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
REQUEST = Request(Mode.START, True, START, START + timedelta(hours=1))


@pytest.mark.parametrize("execution", [None, Execution(ID), Execution(ID, START)])
@pytest.mark.parametrize("memory", [Memory(), Memory(3, "Failed", 1, ID, Progress("S"), 2, {})])
def test_what_is_handed_on_is_read_as_it_was(execution, memory):
    # given the payload of a state
    payload = {
        "run": "arn",
        "target": to_document(TARGET),
        "request": to_document(REQUEST),
        "execution": to_document(execution),
        "memory": to_document(memory),
    }

    # when, then
    state = RunState.of(json.loads(json.dumps(payload)))
    assert state == RunState("arn", TARGET, REQUEST, execution, memory)


def test_what_another_version_of_the_functions_wrote_besides_is_left_out():
    payload = {
        "run": "arn",
        "target": {**to_document(TARGET), "later": 1},
        "request": {**to_document(REQUEST), "later": 1},
        "execution": {"pipelineExecutionId": ID, "startTime": None, "later": 1},
        "memory": {"polls": 3, "later": 1},
    }
    state = RunState.of(payload)
    assert (state.target, state.request) == (TARGET, REQUEST)
    assert (state.execution, state.memory) == (Execution(ID, None), Memory(3))


def test_before_the_first_poll_there_is_neither_execution_nor_progress():
    payload = {"run": "arn", "target": to_document(TARGET), "request": to_document(REQUEST)}
    assert RunState.of(payload) == RunState("arn", TARGET, REQUEST, None, Memory())
    assert RunState.of({**payload, "memory": None}).memory == Memory()


def test_a_held_job_and_a_second_attempt_are_known():
    payload = {"run": "arn", "target": to_document(TARGET), "request": to_document(REQUEST)}
    held = {"id": "job-1", "action": "digest", "renewAt": START.isoformat()}
    state = RunState.of({**payload, "heldJob": held, "attempt": 2})
    assert (state.renew_at, state.attempt, state.may_have_started) == (START, 2, True)
    assert not RunState.of({**payload, "heldJob": None}).may_have_started


@pytest.mark.parametrize("polls, has_waited", [(0, False), (1, True)])
def test_a_run_has_waited_when_it_has_polled(polls, has_waited):
    assert RunState("arn", TARGET, REQUEST, None, Memory(polls)).has_waited is has_waited


@pytest.mark.parametrize(
    "renew_at, seconds, waits",
    [(None, 120, 120), (60, 120, 60), (59.1, 120, 60), (60, 30, 30), (0, 30, 1), (-9, 30, 1)],
)
def test_a_wait_leaves_time_to_renew_the_lease(renew_at, seconds, waits):
    due = None if renew_at is None else START + timedelta(seconds=renew_at)
    state = RunState("arn", TARGET, REQUEST, None, renew_at=due)
    assert state.within_lease(seconds, START) == waits
