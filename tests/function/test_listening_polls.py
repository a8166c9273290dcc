from __future__ import annotations

from dataclasses import replace

import pytest

from codepipeline_orchestrator.model.action_job import ActionJob
from codepipeline_orchestrator.model.documents import from_document, to_document
from codepipeline_orchestrator.model.listening import Listening
from codepipeline_orchestrator.model.progress import Progress, RunningAction
from codepipeline_orchestrator.model.state import Memory
from tests.function.runs import (
    ID,
    OTHER,
    STATE,
    TARGET,
    acted,
    asked,
    lists,
    moment,
    polled,
    reads,
    seen,
    summary,
    waits,
)

UNPROVEN = Listening.to(TARGET, ID)
HEARD = replace(UNPROVEN, heard=1)
TOLD = replace(HEARD, end_announced=True, wakes=1)


def listens(listening, status=None, **more):
    return replace(seen(status), listening=listening, **more)


@pytest.mark.interleaving(56)
@pytest.mark.parametrize("polls, wait", [(0, 5), (1, 10), (2, 20)])
def test_an_announced_end_that_is_not_visible_yet_is_polled_for_again(
    codepipeline, at, polls, wait
):
    reads(codepipeline, "InProgress")
    made = polled(listens(replace(TOLD, polls=polls)), codepipeline)
    assert (made["ended"], waits(made)) == (False, wait)
    assert made["changes"]["listening"] == to_document(replace(TOLD, polls=polls + 1, wakes=2))


@pytest.mark.interleaving(56)
def test_an_announced_end_that_never_becomes_visible_is_dropped(codepipeline, at):
    reads(codepipeline, "InProgress")
    made = polled(listens(replace(TOLD, polls=3)), codepipeline)
    assert waits(made) == 40
    assert made["changes"]["listening"] == to_document(replace(HEARD, wakes=1))


def test_after_an_announced_end_the_execution_is_read(codepipeline, at):
    at(120)
    memory = Memory(4, "InProgress", progress=Progress("Deploy", ("Rollout",)), pace={})
    reads(codepipeline, "Succeeded")
    lists(codepipeline)
    acted(codepipeline)
    made = polled(replace(STATE, listening=TOLD, memory=memory), codepipeline)
    assert made["report"]["outcome"] == "Succeeded"


@pytest.mark.interleaving(55)
def test_a_late_event_about_an_earlier_attempt_has_no_effect(codepipeline, at):
    reads(codepipeline, "InProgress")
    made = polled(listens(TOLD, "Failed"), codepipeline)
    assert (made["ended"], waits(made)) == (False, 5)


def test_a_reported_end_is_no_longer_announced(codepipeline, at):
    reads(codepipeline, "Succeeded")
    lists(codepipeline)
    acted(codepipeline)
    made = polled(listens(TOLD), codepipeline)
    assert made["ended"] is True
    assert made["changes"]["listening"] == to_document(replace(HEARD, wakes=1))


@pytest.mark.parametrize("listening", [None, UNPROVEN, replace(UNPROVEN, refused=3), HEARD])
def test_the_listening_state_is_returned(codepipeline, at, listening):
    reads(codepipeline, "InProgress")
    made = polled(listens(listening), codepipeline)
    assert made["changes"]["listening"] == to_document(listening)


@pytest.mark.interleaving(62, 68)
def test_a_run_that_was_woken_200_times_stops_listening(codepipeline, at):
    reads(codepipeline, "InProgress")
    made = polled(listens(replace(HEARD, wakes=200)), codepipeline)
    assert (made["ended"], made["changes"]["listening"]) == (False, None)


def test_polls_are_rare_while_events_arrive(codepipeline, at):
    at(600)
    reads(codepipeline, "InProgress")
    assert waits(polled(listens(HEARD), codepipeline)) == 660
    reads(codepipeline, "InProgress")
    assert waits(polled(listens(UNPROVEN), codepipeline)) == 20


@pytest.mark.interleaving(66)
@pytest.mark.parametrize(
    "known, expected",
    [
        (None, None),
        (HEARD, Listening.to(TARGET, OTHER)),
        (replace(HEARD, wakes=7), replace(Listening.to(TARGET, OTHER), wakes=7)),
        (replace(HEARD, wakes=200), None),
    ],
)
def test_a_newer_execution_starts_without_events(codepipeline, at, known, expected):
    state = replace(asked(onSuperseded="follow"), listening=known)
    reads(codepipeline, "Superseded")
    lists(codepipeline, summary(OTHER, "InProgress", 8), summary(ID, "Superseded", 8))
    made = polled(replace(state, memory=Memory(4, pace={})), codepipeline)
    assert made["changes"]["listening"] == to_document(expected)


def ends(codepipeline, minute=1, status="Succeeded"):
    reads(codepipeline, status)
    lists(codepipeline, summary(ID, status, minute))
    acted(codepipeline)


@pytest.mark.interleaving(53, 64)
@pytest.mark.parametrize(
    "listening, second, counted_",
    [
        (HEARD, 121, True),
        (HEARD, 120, False),  # The event may still arrive.
        (TOLD, 300, False),
        (UNPROVEN, 300, False),
        (None, 300, False),
    ],
)
def test_an_end_without_an_event_is_counted(codepipeline, at, counted, listening, second, counted_):
    at(second)
    ends(codepipeline)
    assert polled(listens(listening), codepipeline)["ended"] is True
    assert counted() == ["EndsWithoutEvent"] * counted_


def test_an_end_before_the_run_is_not_counted(codepipeline, at, counted):
    at(300)
    ends(codepipeline, minute=-5)
    polled(listens(HEARD), codepipeline)
    assert counted() == []


def test_an_end_at_an_unknown_time_is_not_counted(codepipeline, at, counted):
    at(300)
    reads(codepipeline, "Succeeded")
    lists(codepipeline)
    acted(codepipeline)
    polled(listens(HEARD), codepipeline)
    assert counted() == []


JOB = ActionJob("digest", moment(600), moment(0), 1, moment(30))


def due(made):
    return from_document(ActionJob, made["changes"]["job"]).renew_at


def shows(codepipeline, stage, inside, **latest):
    execution = {"pipelineExecutionId": ID, "status": "InProgress"}
    latest = {"status": "InProgress", "lastStatusChange": moment(100), **latest}
    state = {
        "stageName": stage,
        "latestExecution": execution,
        "actionStates": [{"actionName": inside, "latestExecution": latest}],
    }
    codepipeline.add_response("get_pipeline_state", {"stageStates": [state]}, {"name": "deploy"})


@pytest.mark.interleaving(67)
@pytest.mark.parametrize("second, renew_at", [(60, 75), (120, 120)])
def test_a_new_approval_is_shown_with_the_next_job(codepipeline, at, second, renew_at):
    at(second)
    reads(codepipeline, "InProgress")
    shows(codepipeline, "Gate", "Ask", token="t")
    state = replace(STATE, job=JOB, memory=Memory(3, "Stopping", pace={}))
    made = polled(state, codepipeline)
    assert due(made) == moment(renew_at)
    assert made["snapshot"]["progress"]["approval"]["action"] == "Ask"


def test_unchanged_progress_is_shown_at_the_next_renewal(codepipeline, at):
    reads(codepipeline, "InProgress")
    assert due(polled(replace(seen("Stopping"), job=JOB), codepipeline)) == JOB.renew_at


def test_a_long_action_is_shown_once(codepipeline, at):
    at(400)
    progress = Progress("Deploy", ("Rollout",), latest=RunningAction("Rollout", moment(100)))
    memory = Memory(5, "InProgress", progress=progress, pace={})
    for renewed_at, renew_at in ((30, 400), (200, 600)):
        shows(codepipeline, "Deploy", "Rollout")
        job = replace(JOB, renewed_at=moment(renewed_at))
        state = replace(STATE, job=job, memory=memory)
        assert due(polled(state, codepipeline)) == moment(renew_at)


def test_a_run_without_a_job_returns_none(codepipeline, at):
    reads(codepipeline, "InProgress")
    assert polled(seen("InProgress"), codepipeline)["changes"]["job"] is None


def test_a_newer_execution_is_shown_early(codepipeline, at):
    reads(codepipeline, "Superseded")
    lists(codepipeline, summary(OTHER, "InProgress", 8), summary(ID, "Superseded", 8))
    state = replace(seen(None, state=asked(onSuperseded="follow")), job=JOB)
    assert due(polled(state, codepipeline)) == moment(75)
