from __future__ import annotations

from dataclasses import replace

import pytest

from codepipeline_orchestrator.errors import InvokingActionEnded
from codepipeline_orchestrator.model.action_job import ActionJob
from codepipeline_orchestrator.model.documents import from_document, to_document
from codepipeline_orchestrator.model.listening import Listening
from codepipeline_orchestrator.model.state import Memory
from tests.function.runs import (
    ID,
    OTHER,
    OURS,
    STATE,
    TARGET,
    asked,
    begun,
    lists,
    moment,
    summary,
    waits,
)

THEIRS = {
    "trigger": {
        "triggerType": "StartPipelineExecution",
        "triggerDetail": "arn:aws:sts::222233334444:assumed-role/t/run-2",
    }
}


def starts(codepipeline):
    codepipeline.add_response("start_pipeline_execution", {"pipelineExecutionId": ID})


def job(confirmed_at=None, **more):
    confirmed = None if confirmed_at is None else moment(confirmed_at)
    return ActionJob("digest", moment(600), confirmed, **more)


ANY = [
    {},
    {"mode": "latest"},
    {"mode": "idle"},
    {"ifRunning": "join"},
    {"ifRunning": "wait"},
    {"pipelineExecutionId": ID},
]


@pytest.mark.interleaving(28)
@pytest.mark.parametrize("confirmed_at", [0, 59])
def test_nothing_is_started_for_an_action_that_was_not_confirmed_recently(
    codepipeline, at, confirmed_at
):
    at(180)
    made = begun(replace(STATE, job=job(confirmed_at)), codepipeline)
    assert made == {"ended": False, "then": "ConfirmAction", "changes": {"execution": None}}


@pytest.mark.parametrize("known", [job(60), job(180), None])
def test_the_target_is_started_if_the_action_was_just_confirmed_or_there_is_no_job(
    codepipeline, at, known
):
    at(180)
    starts(codepipeline)
    made = begun(replace(STATE, job=known), codepipeline)
    assert made["changes"]["execution"]["pipelineExecutionId"] == ID


@pytest.mark.parametrize("request_", ANY)
def test_every_run_with_a_job_confirms_its_action_first(codepipeline, at, request_):
    made = begun(replace(asked(**request_), job=job()), codepipeline)
    assert made == {"ended": False, "then": "ConfirmAction", "changes": {"execution": None}}


@pytest.mark.parametrize("request_", [{"mode": "latest"}, {"ifRunning": "join"}])
def test_a_run_that_starts_nothing_needs_no_second_confirmation(codepipeline, at, request_):
    at(180)
    lists(codepipeline, summary(OTHER, "InProgress"))
    made = begun(replace(asked(**request_), job=job(0)), codepipeline)
    assert made["changes"]["execution"]["pipelineExecutionId"] == OTHER


def test_a_confirmation_keeps_the_memory_of_the_run(codepipeline, at):
    memory = Memory(3, start_tried_at=moment(10))
    made = begun(replace(STATE, job=job(), memory=memory), codepipeline)
    assert made["then"] == "ConfirmAction"
    assert from_document(Memory, made["changes"]["memory"]) == memory


@pytest.mark.interleaving(69)
@pytest.mark.parametrize(
    "turn_until, takes", [(None, True), (60, True), (119, True), (120, False), (360, False)]
)
def test_with_if_running_wait_a_run_takes_its_turn_before_it_starts_the_target(
    codepipeline, at, turn_until, takes
):
    lists(codepipeline)
    if not takes:
        starts(codepipeline)
    until = None if turn_until is None else moment(turn_until)
    made = begun(replace(asked(ifRunning="wait"), turn_until=until), codepipeline)
    assert made.get("then") == ("TakeTurn" if takes else None)
    assert (made["changes"]["execution"] is None) is takes


@pytest.mark.parametrize("if_running", ["start", "skip", "join"])
def test_with_any_other_value_of_if_running_a_run_takes_no_turn(codepipeline, at, if_running):
    if if_running != "start":
        lists(codepipeline)
    starts(codepipeline)
    made = begun(asked(ifRunning=if_running), codepipeline)
    assert made["changes"]["execution"]["pipelineExecutionId"] == ID


def test_a_turn_is_taken_only_for_a_confirmed_action(codepipeline, at):
    at(180)
    for known, then in ((job(0), "ConfirmAction"), (job(60), "TakeTurn")):
        lists(codepipeline)
        assert begun(replace(asked(ifRunning="wait"), job=known), codepipeline)["then"] == then


def test_at_the_deadline_neither_a_confirmation_nor_a_turn_is_needed(codepipeline, at):
    at(3_600)
    made = begun(replace(STATE, job=job(60)), codepipeline)
    assert made["report"]["outcome"] == "TimedOut"


@pytest.mark.parametrize(
    "code, status, is_unsure",
    [
        ("InternalFailure", 500, True),
        ("ThrottlingException", 400, True),
        ("ConcurrentPipelineExecutionsLimitExceededException", 400, False),
    ],
)
def test_a_start_that_may_have_taken_effect_is_remembered(
    codepipeline, at, code, status, is_unsure
):
    codepipeline.add_client_error("start_pipeline_execution", code, http_status_code=status)
    memory = begun(STATE, codepipeline)["changes"]["memory"]
    assert memory.get("startTriedAt") == (moment(60).isoformat() if is_unsure else None)


def test_a_possible_start_is_remembered_while_the_run_waits(codepipeline, at):
    codepipeline.add_client_error("list_pipeline_executions", "ThrottlingException")
    state = replace(STATE, memory=Memory(1, start_tried_at=moment(5)))
    assert begun(state, codepipeline)["changes"]["memory"]["startTriedAt"] == moment(5).isoformat()


ABANDONED = replace(STATE, abandoned=True)


def tried(second, **more):
    return replace(ABANDONED, memory=Memory(1, start_tried_at=moment(second)), **more)


@pytest.mark.interleaving(28)
@pytest.mark.parametrize(
    "state", [ABANDONED, replace(ABANDONED, job=job()), replace(ABANDONED, memory=Memory(5))]
)
def test_nothing_is_started_for_an_action_that_has_ended(codepipeline, at, state):
    with pytest.raises(InvokingActionEnded, match="Nothing was started"):
        begun(state, codepipeline)


@pytest.mark.interleaving(45)
@pytest.mark.parametrize("request_", [{}, {"ifRunning": "wait"}, {"ifRunning": "skip"}])
def test_an_execution_started_before_the_action_ended_is_found(codepipeline, at, request_):
    lists(codepipeline, summary(OTHER, "InProgress", 1, **THEIRS), summary(ID, "Failed", **OURS))
    state = replace(tried(5), request=asked(**request_).request)
    made = begun(state, codepipeline)
    assert made["ended"] is False
    assert made["changes"]["execution"]["pipelineExecutionId"] == ID


@pytest.mark.interleaving(45)
@pytest.mark.parametrize("second, is_over", [(60, False), (154, False), (155, True)])
def test_the_run_searches_for_a_possible_start_for_150_seconds(codepipeline, at, second, is_over):
    at(second)
    lists(codepipeline, summary(OTHER, "InProgress", 1, **THEIRS))
    if is_over:
        with pytest.raises(InvokingActionEnded):
            begun(tried(5), codepipeline)
        return
    made = begun(tried(5), codepipeline)
    assert (made["ended"], made["changes"]["execution"]) == (False, None)
    assert made["changes"]["memory"]["startTriedAt"] == moment(5).isoformat()


@pytest.mark.interleaving(45)
@pytest.mark.parametrize(
    "request_, may_have", [({}, True), ({"mode": "idle"}, False), ({"mode": "latest"}, False)]
)
def test_an_interrupted_attempt_may_have_started_the_target(codepipeline, at, request_, may_have):
    codepipeline.add_client_error("list_pipeline_executions", "ThrottlingException")
    made = begun(replace(asked(**request_), attempt=1), codepipeline)
    memory = made["changes"]["memory"]
    assert memory.get("startTriedAt") == (moment(60).isoformat() if may_have else None)


@pytest.mark.interleaving(45)
def test_a_throttled_search_is_repeated_without_a_limit(codepipeline, at):
    at(900)
    codepipeline.add_client_error("list_pipeline_executions", "ThrottlingException")
    made = begun(tried(5), codepipeline)
    assert (made["ended"], made["changes"]["execution"]) == (False, None)
    assert made["changes"]["memory"]["startTriedAt"] == moment(5).isoformat()


@pytest.mark.parametrize("hears", [True, False])
def test_a_run_listens_for_events_only_if_they_can_arrive(codepipeline, at, hears):
    starts(codepipeline)
    made = begun(asked(hears=hears), codepipeline)
    expected = Listening.to(TARGET, ID) if hears else None
    assert made["changes"]["listening"] == to_document(expected)


@pytest.mark.parametrize("renewed_at, due", [(None, 65), (50, 95)])
def test_the_job_is_due_at_the_first_poll(codepipeline, at, renewed_at, due):
    starts(codepipeline)
    renewed = {} if renewed_at is None else {"renewed": 1, "renewed_at": moment(renewed_at)}
    known = job(60, **renewed)
    made = begun(replace(STATE, job=known), codepipeline)
    assert from_document(ActionJob, made["changes"]["job"]) == replace(known, renew_at=moment(due))


@pytest.mark.parametrize("minute, second", [(0, 0), (0.95, 5)])
def test_a_new_execution_is_polled_later_and_an_older_one_immediately(
    codepipeline, at, minute, second
):
    lists(codepipeline, summary(OTHER, "InProgress", minute))
    made = begun(asked(mode="latest"), codepipeline)
    assert (waits(made), made["then"]) == (second, None if second else "GetState")


def test_a_run_without_a_job_returns_none(codepipeline, at):
    starts(codepipeline)
    assert begun(STATE, codepipeline)["changes"]["job"] is None
