from __future__ import annotations

from datetime import timedelta

import pytest

from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.progress import Progress
from codepipeline_orchestrator.model.report import EndDetails, FailedAction
from codepipeline_orchestrator.model.state import Memory
from codepipeline_orchestrator.polling.verdict import (
    Verdict,
    judge,
    report_of,
    state_before_end,
)
from tests.function.runs import asked, moment

IN_TIME, LATE = moment(60), moment(3_600)
WAIT = Verdict(None, in_time=True)


def read(status, failed_for=0):
    return Memory(4, status, failed_since=IN_TIME - timedelta(seconds=failed_for))


@pytest.mark.parametrize(
    "memory, verdict",
    [
        (read("InProgress"), WAIT),
        (read("Stopping"), WAIT),
        (read("unreadable"), WAIT),
        (read("a status of next year"), WAIT),
        (read("Failed"), WAIT),
        (read("Failed", failed_for=9), WAIT),
        (read("Failed", failed_for=10), Verdict(Outcome.FAILED, in_time=True)),
        (read("Succeeded"), Verdict(Outcome.SUCCEEDED, in_time=True)),
        (read("Stopped"), Verdict(Outcome.STOPPED, in_time=True)),
        (read("Cancelled"), Verdict(Outcome.CANCELLED, in_time=True)),
        (read("Superseded"), Verdict(Outcome.SUPERSEDED, in_time=True)),
    ],
)
def test_an_end_counts_immediately_but_a_failure_only_after_ten_seconds(memory, verdict):
    made = judge(asked().request, memory=memory, began=IN_TIME, now=IN_TIME)
    assert made == verdict
    assert made.waits is (verdict is WAIT)


@pytest.mark.parametrize(
    "status, failed_for, outcome",
    [
        ("InProgress", 0, None),
        ("unreadable", 0, None),
        ("Succeeded", 0, "Succeeded"),
        ("Failed", 0, None),
        ("Failed", 9, None),
        ("Failed", 10, "Failed"),
    ],
)
def test_at_the_deadline_the_run_stops_waiting(status, failed_for, outcome):
    memory = Memory(4, status, failed_since=LATE - timedelta(seconds=failed_for))
    made = judge(asked().request, memory=memory, began=LATE, now=LATE)
    assert made == Verdict(Outcome(outcome) if outcome else None, in_time=False)
    assert not made.waits


def test_the_last_second_before_the_deadline_is_in_time():
    now = LATE - timedelta(seconds=0.5)
    assert judge(asked().request, memory=read("InProgress"), began=now, now=now).in_time


@pytest.mark.parametrize("in_time", [True, False])
@pytest.mark.parametrize(
    "policy, outcome, follows",
    [
        ("follow", Outcome.SUPERSEDED, True),
        ("follow", Outcome.STOPPED, False),
        ("follow", None, False),
        ("fail", Outcome.SUPERSEDED, False),
        ("succeed", Outcome.SUPERSEDED, False),
    ],
)
def test_only_a_superseded_execution_has_a_successor_to_follow(policy, outcome, follows, in_time):
    verdict = Verdict(outcome, in_time=in_time)
    assert verdict.follows_newer(asked(onSuperseded=policy).request) is follows


@pytest.mark.parametrize(
    "request_, retries, verdict, state",
    [
        ({"maxStageRetries": 2}, 1, Verdict(Outcome.FAILED, in_time=True), "RetryStage"),
        ({"maxStageRetries": 2}, 2, Verdict(Outcome.FAILED, in_time=True), None),
        ({"maxStageRetries": 2}, 0, Verdict(Outcome.FAILED, in_time=False), None),
        ({"maxStageRetries": 2}, 0, Verdict(Outcome.STOPPED, in_time=True), None),
        ({}, 0, Verdict(Outcome.FAILED, in_time=True), None),
        ({"onTimeout": "stop"}, 0, Verdict(None, in_time=False), "StopExecution"),
        ({"onTimeout": "abandon"}, 0, Verdict(None, in_time=False), "StopExecution"),
        ({"onTimeout": "stop"}, 0, Verdict(Outcome.SUCCEEDED, in_time=False), None),
        ({}, 0, Verdict(None, in_time=False), None),
    ],
)
def test_the_policies_act_on_the_target_before_the_run_ends(request_, retries, verdict, state):
    memory = Memory(stage_retries=retries)
    made = state_before_end(asked(**request_).request, verdict, memory, EndDetails())
    assert made == state


@pytest.mark.parametrize(
    "failures, state",
    [
        ([FailedAction("S", "A")], "RetryStage"),
        ([FailedAction("S", "Ask", approval=True, approver="ann")], None),
        ([FailedAction("S", "Ask", approval=True)], None),
        ([FailedAction("S", "A"), FailedAction("S", "Ask", approval=True)], None),
    ],
    ids=["a failure", "a rejection", "an approval that timed out", "a rejection and a failure"],
)
def test_a_decision_by_a_person_is_not_retried(failures, state):
    details = EndDetails(failures=tuple(failures))
    verdict = Verdict(Outcome.FAILED, in_time=True)
    request = asked(maxStageRetries=1).request
    assert state_before_end(request, verdict, Memory(), details) == state


@pytest.mark.parametrize("status", ["Cancelled", "Failed", "Superseded", "Stopped", "Succeeded"])
@pytest.mark.parametrize("policy", ["follow", "fail"])
def test_a_replaced_execution_may_have_one_of_several_statuses(status, policy):
    verdict = Verdict(Outcome(status), in_time=True)
    replaced = status in {"Cancelled", "Failed", "Superseded"}
    expected = policy == "follow" and replaced
    assert verdict.may_be_replaced(asked(onRestarted=policy).request) is expected


def test_a_report_at_the_deadline_contains_the_progress():
    memory = Memory(5, "InProgress", progress=Progress("Deploy"))
    report = report_of(asked().request, Verdict(None, in_time=False), memory, EndDetails(), LATE)
    assert (report.outcome, report.status) == (Outcome.TIMED_OUT, "InProgress")
    assert (report.progress, report.seen_at) == (Progress("Deploy"), LATE)


def test_a_report_after_the_end_omits_the_progress():
    memory = Memory(5, "Stopped", progress=Progress("Deploy"))
    verdict = Verdict(Outcome.STOPPED, in_time=True)
    report = report_of(asked().request, verdict, memory, EndDetails(), LATE)
    assert (report.outcome, report.progress) == (Outcome.STOPPED, None)


@pytest.mark.parametrize(
    "policy, accepted, unknown",
    [("succeed", True, False), ("follow", False, True), ("fail", False, False)],
)
def test_a_report_on_a_superseded_execution_shows_the_effect_of_the_policy(
    policy, accepted, unknown
):
    verdict, memory = Verdict(Outcome.SUPERSEDED, in_time=True), Memory(5, "Superseded")
    report = report_of(asked(onSuperseded=policy).request, verdict, memory, EndDetails(), LATE)
    assert (report.accepted, report.newer_unknown) == (accepted, unknown)
