from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codepipeline_orchestrator.model.action_job import ActionJob
from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.listening import Listening
from codepipeline_orchestrator.model.progress import Progress
from codepipeline_orchestrator.model.request import Mode, Request
from codepipeline_orchestrator.model.state import NO_RENEWAL, Execution, Memory, RunState
from codepipeline_orchestrator.model.target import Target

PAGE = Path(__file__).parents[3] / "docs" / "reliability.md"
ID = "aaaaaaaa-1111-2222-3333-444444444444"
TARGET = Target("deploy", "222233334444", "eu-west-1", "aws", "arn", None, "run-1")
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
REQUEST = Request(Mode.START, True, START, START + timedelta(hours=1))


@pytest.mark.parametrize("execution", [None, Execution(ID), Execution(ID, START)])
@pytest.mark.parametrize("memory", [Memory(), Memory(3, "Failed", 1, ID, Progress("S"), 2, {})])
def test_a_state_reads_back_unchanged(execution, memory):
    payload = {
        "run": "arn",
        "target": to_document(TARGET),
        "request": to_document(REQUEST),
        "execution": to_document(execution),
        "memory": to_document(memory),
    }

    state = RunState.of(json.loads(json.dumps(payload)))
    assert state == RunState("arn", TARGET, REQUEST, execution, memory)


def test_fields_of_another_version_are_ignored():
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


def test_optional_fields_are_read():
    payload = {"run": "arn", "target": to_document(TARGET), "request": to_document(REQUEST)}
    job, listening = ActionJob("digest", START, renewed=2), Listening("key", heard=0)
    known = RunState(
        "arn", TARGET, REQUEST, None, Memory(), 2, job, listening, abandoned=True, turn_until=START
    )
    more = {
        "attempt": 2,
        "job": to_document(job),
        "listening": to_document(listening),
        "abandoned": True,
        "turnUntil": START.isoformat(),
    }
    assert RunState.of(json.loads(json.dumps({**payload, **more}))) == known
    nothing = dict.fromkeys(("job", "listening", "turnUntil"))
    assert RunState.of({**payload, **nothing}) == RunState("arn", TARGET, REQUEST, None)


@pytest.mark.parametrize(
    "more, may_have", [({}, False), ({"attempt": 1}, True), ({"memory": Memory(1)}, True)]
)
def test_after_a_second_attempt_the_target_may_have_been_started(more, may_have):
    assert RunState("arn", TARGET, REQUEST, None, **more).may_have_started is may_have


@pytest.mark.parametrize("polls, has_waited", [(0, False), (1, True)])
def test_a_run_has_waited_when_it_has_polled(polls, has_waited):
    assert RunState("arn", TARGET, REQUEST, None, Memory(polls)).has_waited is has_waited


@pytest.mark.parametrize("since, seconds", [(None, 0), (0, 60), (50, 10)])
def test_the_age_of_a_failure_starts_at_the_poll_that_first_read_it(since, seconds):
    read = None if since is None else START + timedelta(seconds=since)
    assert Memory(failed_since=read).failed_for(START + timedelta(seconds=60)) == seconds


def test_by_default_a_request_has_no_token_no_job_and_no_events():
    assert (REQUEST.has_token, REQUEST.has_job, REQUEST.hears) == (False, False, False)


def test_the_time_before_the_deadline_without_renewals_is_documented():
    said = f"In its last {NO_RENEWAL.total_seconds():.0f} seconds, a run does not renew its job"
    assert said in PAGE.read_text(encoding="utf-8")
