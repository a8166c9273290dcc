from __future__ import annotations

from dataclasses import replace

import pytest

from codepipeline_orchestrator.errors import TargetRoleNotAssumable, TargetUnavailable
from codepipeline_orchestrator.model.progress import Progress
from tests.function.runs import (
    ID,
    OTHER,
    START,
    STATE,
    THIRD,
    acted,
    action,
    asked,
    lists,
    polled,
    reads,
    seen,
    shows_progress,
    summary,
    waits,
)


def approval(status, **more):
    return action(status, stage="Gate", name="Approve", category="Approval", **more)


def rejected(by, wrote):
    result = {"executionResult": {"externalExecutionSummary": wrote}}
    return approval("Failed", updatedBy=by, output=result)


def test_a_rejection_is_reported_with_the_person_and_their_comment(codepipeline, at):
    reads(codepipeline, "Failed")
    lists(codepipeline)
    who = "arn:aws:iam::222233334444:user/ann"
    acted(codepipeline, rejected(who, "not on a\nFriday\x1b[31m"))
    report = polled(seen("Failed"), codepipeline)["report"]
    (failure,) = report["failures"]
    assert failure == {
        "stage": "Gate",
        "action": "Approve",
        "message": "not on a Friday [31m",
        "approval": True,
        "approver": who,
    }


def test_a_success_is_reported_with_its_approvers(codepipeline, at):
    reads(codepipeline, "Succeeded")
    lists(codepipeline)
    who = "arn:aws:iam::222233334444:user/ann"
    wrote = {"executionResult": {"externalExecutionSummary": "go"}}
    acted(codepipeline, action("Succeeded"), approval("Succeeded", updatedBy=who, output=wrote))
    report = polled(STATE, codepipeline)["report"]
    assert report["approvals"] == [
        {"stage": "Gate", "action": "Approve", "by": who, "summary": "go"}
    ]


@pytest.mark.parametrize("polls", [1, 2, 4])
def test_a_failed_stage_that_is_being_retried_is_polled_as_usual(codepipeline, at, polls):
    reads(codepipeline, "Failed")
    lists(codepipeline)
    acted(codepipeline, action("InProgress"), action("Failed"))
    at(1_800)
    made = polled(seen("Failed", polls), codepipeline)
    assert made["ended"] is False
    assert waits(made) == 45


def test_a_retry_in_progress_at_the_deadline_is_not_a_failure(codepipeline, at):
    reads(codepipeline, "Failed")
    lists(codepipeline)
    acted(codepipeline, action("InProgress"), action("Failed"))
    at(3_600)
    made = polled(seen("Failed"), codepipeline)
    assert made["report"]["outcome"] == "TimedOut"
    assert made["report"]["status"] == "Failed"


def test_a_newer_execution_is_followed_and_the_progress_of_the_old_one_is_dropped(codepipeline, at):
    state = seen("InProgress", state=asked(onSuperseded="follow"))
    state = replace(state, memory=replace(state.memory, progress=Progress("Old")))
    reads(codepipeline, "Superseded")
    lists(
        codepipeline,
        summary(THIRD, "InProgress", 9),
        summary(OTHER, "InProgress", 8),
        summary(ID, "Superseded", 8),
    )
    made = polled(state, codepipeline)
    assert made["ended"] is False
    assert made["changes"]["execution"] == {
        "pipelineExecutionId": OTHER,
        "startTime": "2026-01-05T09:08:00+00:00",
    }
    assert waits(made) == 1
    assert made["changes"]["memory"] == {"polls": 5, "superseded": ID}
    assert "progress" not in made["snapshot"]


def test_the_first_of_several_superseded_executions_is_remembered(codepipeline, at):
    state = seen("InProgress", state=asked(onSuperseded="follow"))
    state = replace(state, memory=replace(state.memory, superseded=THIRD))
    reads(codepipeline, "Superseded")
    lists(codepipeline, summary(OTHER, "InProgress", 8), summary(ID, "Superseded", 8))
    assert polled(state, codepipeline)["changes"]["memory"]["superseded"] == THIRD


def test_the_outcome_is_superseded_if_the_newer_execution_cannot_be_found(codepipeline, at):
    reads(codepipeline, "Superseded")
    lists(codepipeline)
    lists(codepipeline)
    acted(codepipeline)
    made = polled(seen(None, state=asked(onSuperseded="follow")), codepipeline)
    assert made["report"]["outcome"] == "Superseded"
    assert made["report"]["newerUnknown"] is True


def test_superseded_is_a_success_if_on_superseded_is_succeed(codepipeline, at):
    reads(codepipeline, "Superseded")
    lists(codepipeline, summary(OTHER, "InProgress", 8), summary(ID, "Superseded", 8))
    acted(codepipeline)
    report = polled(seen(None, state=asked(onSuperseded="succeed")), codepipeline)["report"]
    assert report["accepted"] is True
    assert report["supersededBy"] == OTHER


@pytest.mark.parametrize(
    "retries, done, second, then",
    [(1, 0, 60, "RetryStage"), (1, 1, 60, None), (0, 0, 60, None), (1, 0, 3_600, None)],
)
def test_a_failed_stage_is_retried_as_many_times_as_requested(
    codepipeline, at, retries, done, second, then
):
    reads(codepipeline, "Failed")
    lists(codepipeline)
    acted(codepipeline, action("Failed"))
    at(second)
    state = seen("Failed", state=asked(maxStageRetries=retries))
    state = replace(state, memory=replace(state.memory, stage_retries=done))
    made = polled(state, codepipeline)
    assert made["ended"] is True
    assert made["then"] == then


@pytest.mark.parametrize("on_timeout, then", [("stop", "StopExecution"), ("leave", None)])
def test_the_target_is_stopped_at_the_deadline_if_on_timeout_is_stop(
    codepipeline, at, on_timeout, then
):
    reads(codepipeline, "InProgress")
    shows_progress(codepipeline, "Deploy", "Rollout")
    lists(codepipeline)
    acted(codepipeline)
    at(3_600)
    made = polled(seen("InProgress", state=asked(onTimeout=on_timeout)), codepipeline)
    assert made["report"]["outcome"] == "TimedOut"
    assert made["then"] == then


@pytest.mark.parametrize("status", ["Succeeded", "Stopped", "Cancelled", "Superseded"])
def test_an_end_exactly_at_the_deadline_is_not_a_timeout(codepipeline, at, status):
    reads(codepipeline, status)
    lists(codepipeline)
    acted(codepipeline)
    at(3_600)
    made = polled(seen("InProgress", state=asked(onTimeout="stop")), codepipeline)
    assert made["report"]["outcome"] == status
    assert made["then"] is None


def test_the_time_that_a_poll_takes_counts_toward_the_deadline(codepipeline, at, monkeypatch):
    # The poll takes five of the last eight seconds.
    real = codepipeline.client.get_pipeline_execution

    def slow(**parameters):
        answer = real(**parameters)
        at(3_597)
        return answer

    monkeypatch.setattr(codepipeline.client, "get_pipeline_execution", slow)
    reads(codepipeline, "InProgress")
    at(3_592)
    assert waits(polled(seen("InProgress"), codepipeline)) == 3


def test_requested_output_variables_are_in_the_report(codepipeline, at):
    reads(codepipeline, "Succeeded")
    lists(codepipeline)
    made_by = {**action("Succeeded"), "output": {"outputVariables": {"VERSION": "7"}}}
    made_by["input"] = {"namespace": "Build"}
    acted(codepipeline, made_by)
    state = asked(outputVariables=["Build.VERSION", "Build.NONE"])
    report = polled(state, codepipeline)["report"]
    assert report["targetVariables"] == {"Build.VERSION": "7"}
    assert report["missingVariables"] == ["Build.NONE"]


@pytest.mark.parametrize(
    "code, why",
    [
        (
            "AccessDeniedException",
            (
                "the role arn:aws:iam::222233334444:role/t is not "
                "allowed to perform codepipeline:ListActionExecutions"
            ),
        ),
        ("ThrottlingException", "CodePipeline did not answer ListActionExecutions"),
    ],
)
def test_the_report_says_why_output_variables_are_missing(codepipeline, at, code, why):
    reads(codepipeline, "Succeeded")
    lists(codepipeline)
    codepipeline.add_client_error("list_action_executions", code)
    report = polled(asked(outputVariables=["Build.VERSION"]), codepipeline)["report"]
    assert report["outcome"] == "Succeeded"
    assert report["missingVariables"] == ["Build.VERSION"]
    assert report["actionsUnread"] == why


@pytest.mark.parametrize(
    "status, policy, missing",
    [("Superseded", "succeed", ["B.V"]), ("Superseded", "fail", None), ("Stopped", "fail", None)],
)
def test_missing_variables_are_reported_only_if_the_run_succeeds(
    codepipeline, at, status, policy, missing
):
    reads(codepipeline, status)
    lists(codepipeline)
    acted(codepipeline)
    state = asked(outputVariables=["B.V"], onSuperseded=policy)
    assert polled(state, codepipeline)["report"].get("missingVariables") == missing


def test_an_unmet_condition_is_reported_if_no_action_failed(codepipeline, at):
    reads(codepipeline, "Failed")
    lists(codepipeline)
    acted(codepipeline, action("Succeeded"))
    rule = {"ruleName": "Alarm", "latestExecution": {"status": "Failed", "summary": "it rang"}}
    stage = {
        "stageName": "Deploy",
        "latestExecution": {"pipelineExecutionId": ID, "status": "Failed"},
        "onSuccessConditionState": {"conditionStates": [{"ruleStates": [rule]}]},
    }
    codepipeline.add_response("get_pipeline_state", {"stageStates": [stage]}, {"name": "deploy"})
    assert polled(seen("Failed"), codepipeline)["report"]["failures"] == [
        {"stage": "Deploy", "condition": "ON_SUCCESS", "rule": "Alarm", "message": "it rang"}
    ]


def test_a_newer_execution_is_followed_even_at_the_deadline(codepipeline, at):
    reads(codepipeline, "Superseded")
    superseded = summary(ID, "Superseded", 59, startTime=START)
    lists(codepipeline, summary(OTHER, "InProgress", 58), superseded)
    at(3_600)
    made = polled(seen("InProgress", state=asked(onSuperseded="follow")), codepipeline)
    assert made["ended"] is False
    assert made["changes"]["execution"]["pipelineExecutionId"] == OTHER


@pytest.mark.parametrize("answer", [{}, {"pipelineExecution": {}}])
def test_a_target_without_a_status_at_the_deadline_counts_as_unreadable(codepipeline, at, answer):
    codepipeline.add_response("get_pipeline_execution", answer)
    at(3_600)
    report = polled(seen("InProgress"), codepipeline)["report"]
    assert (report["outcome"], report["status"]) == ("TimedOut", "unreadable")


def test_variables_and_revisions_stay_within_the_limits_of_a_result(codepipeline, at):
    variables = [{"name": f"V{n}", "resolvedValue": "x" * 1_000} for n in range(50)]
    revisions = [{"name": f"S{n}", "revisionId": "y" * 1_600} for n in range(50)]
    reads(codepipeline, "Succeeded", variables=variables, artifactRevisions=revisions)
    lists(codepipeline, summary(ID, "Succeeded"))
    acted(codepipeline)
    report = polled(STATE, codepipeline)["report"]
    assert report["variables"] == variables[:19]
    assert report["sourceRevisions"] == [
        {"name": f"S{n}", "revisionId": f"{'y' * 1_499}…"} for n in range(12)
    ]


def test_the_reason_for_a_stop_and_the_target_of_a_rollback_are_reported(codepipeline, at):
    reads(
        codepipeline,
        "Stopped",
        rollbackMetadata={"rollbackTargetPipelineExecutionId": OTHER},
        statusSummary="said\x07so",
    )
    lists(codepipeline, summary(ID, "Stopped", 5, stopTrigger={"reason": "wrong\ncommit"}))
    acted(codepipeline)
    report = polled(STATE, codepipeline)["report"]
    assert report["stopReason"] == "wrong commit"
    assert report["rollbackOf"] == OTHER
    assert report["statusSummary"] == "said so"
    assert report["endTime"] == "2026-01-05T09:05:00+00:00"


@pytest.mark.parametrize("error", [TargetUnavailable, TargetRoleNotAssumable, KeyError])
def test_a_report_uses_the_client_of_the_poll(codepipeline, at, error):
    calls = []

    def connect(_target):
        calls.append(1)
        if len(calls) > 1:
            raise error("no longer")
        return codepipeline.client

    reads(codepipeline, "Succeeded")
    assert polled(STATE, codepipeline, connect)["report"]["outcome"] == "Succeeded"
