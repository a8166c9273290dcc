from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from codepipeline_orchestrator.errors import TargetAccessDenied, TargetUnavailable
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.progress import Progress
from codepipeline_orchestrator.model.report import EndDetails, FailedAction, Report
from codepipeline_orchestrator.model.state import Memory
from retry_stage import retry
from stop_execution import StopEffect, stop
from tests.function.runs import ID, START, STATE, acted, action, asked, reads, waits

UNEXPLAINED = Report(Outcome.FAILED)
FAILED = Report(Outcome.FAILED, details=EndDetails(failures=(FailedAction("Deploy", "Rollout"),)))
RETRY = {
    "pipelineName": "deploy",
    "stageName": "Deploy",
    "pipelineExecutionId": ID,
    "retryMode": "FAILED_ACTIONS",
}
STOP = {
    "pipelineName": "deploy",
    "pipelineExecutionId": ID,
    "abandon": False,
    "reason": "Deadline of run job-1 of codepipeline-orchestrator",
}
SEEN = START + timedelta(minutes=5)


def retries(codepipeline):
    codepipeline.add_response("retry_stage_execution", {"pipelineExecutionId": ID}, RETRY)


def again(attempt):
    return replace(STATE, attempt=attempt)


def stopped(codepipeline, state=STATE, why="Deadline"):
    return stop(state, why=why, codepipeline=codepipeline.client)


def test_the_failed_stage_is_retried_and_the_run_continues(codepipeline, at):
    retries(codepipeline)
    state = replace(STATE, memory=Memory(7, "Failed", 1, None, Progress("Deploy")))
    made = retry(state, FAILED, codepipeline=codepipeline.client)
    assert made["ended"] is False
    assert waits(made) == 10
    assert made["changes"]["memory"] == {"polls": 7, "stageRetries": 2}
    assert made["snapshot"]["status"] == "InProgress"
    assert "progress" not in made["snapshot"]


@pytest.mark.parametrize("second, wait", [(3_595, 5), (3_595.5, 4.5), (3_599, 1)])
def test_the_wait_after_a_retry_does_not_go_beyond_the_deadline(codepipeline, at, second, wait):
    retries(codepipeline)
    at(second)
    assert waits(retry(STATE, FAILED, codepipeline=codepipeline.client)) == wait


@pytest.mark.parametrize("second", [3_600, 14 * 86_400], ids=["at the deadline", "redriven"])
def test_after_the_deadline_nothing_is_retried(codepipeline, at, second):
    at(second)
    reads(codepipeline, "Failed")
    made = retry(STATE, FAILED, codepipeline=codepipeline.client)
    assert made["ended"] is True
    assert made["report"]["outcome"] == "Failed"
    assert made["report"]["notRetried"] == "the run's deadline has passed"


def test_a_retry_whose_actions_still_run_is_not_repeated(codepipeline, at):
    acted(codepipeline, action("InProgress", startTime=START + timedelta(minutes=6)))
    made = retry(again(1), replace(FAILED, seen_at=SEEN), codepipeline=codepipeline.client)
    assert made["ended"] is False
    assert made["changes"]["memory"]["stageRetries"] == 1


def test_a_target_that_still_runs_after_the_deadline_is_polled_again(codepipeline, at):
    at(3_700)
    reads(codepipeline, "InProgress")
    made = retry(STATE, FAILED, codepipeline=codepipeline.client)
    assert made["ended"] is False
    assert waits(made) == 1


def test_a_stage_that_is_missing_from_the_report_is_looked_up(codepipeline, at):
    acted(codepipeline, action("Failed", stage="Deploy"))
    retries(codepipeline)
    assert retry(STATE, UNEXPLAINED, codepipeline=codepipeline.client)["ended"] is False


def test_without_a_failed_stage_there_is_nothing_to_retry(codepipeline, at):
    acted(codepipeline, action("Succeeded"))
    made = retry(STATE, UNEXPLAINED, codepipeline=codepipeline.client)
    assert made == {
        "ended": True,
        "report": {"outcome": "Failed", "notRetried": "it is unknown which stage failed"},
    }


APPROVAL = FailedAction("Deploy", "Sign", approval=True)
OTHER_ACTION = FailedAction("Deploy", "Rollout")


@pytest.mark.parametrize(
    "failures", [(APPROVAL,), (APPROVAL, OTHER_ACTION), (OTHER_ACTION, APPROVAL)]
)
def test_a_stage_with_a_failed_approval_is_never_retried(codepipeline, at, failures):
    report = Report(Outcome.FAILED, details=EndDetails(failures=failures))
    made = retry(STATE, report, codepipeline=codepipeline.client)
    assert made["ended"] is True
    assert "approval" in made["report"]["notRetried"]


def test_an_approval_that_is_missing_from_the_report_is_found(codepipeline, at):
    acted(
        codepipeline,
        action("Failed"),
        action("Failed", name="Sign", category="Approval"),
    )
    assert retry(STATE, UNEXPLAINED, codepipeline=codepipeline.client)["ended"] is True


def test_the_reason_is_reported_if_codepipeline_refuses_a_retry(codepipeline, at):
    codepipeline.add_client_error(
        "retry_stage_execution", "StageNotRetryableException", "the pipeline has changed"
    )
    reads(codepipeline, "Failed")
    made = retry(STATE, FAILED, codepipeline=codepipeline.client)
    assert made["ended"] is True
    assert made["report"]["outcome"] == "Failed"
    assert "the pipeline has changed" in made["report"]["notRetried"]
    assert made["report"]["retryRefused"] is True
    assert "sourceRevisions" not in made["report"]["notRetried"]


def test_without_permission_to_retry_the_failure_is_reported(codepipeline, at):
    codepipeline.add_client_error("retry_stage_execution", "AccessDeniedException")
    reads(codepipeline, "Failed")
    made = retry(STATE, FAILED, codepipeline=codepipeline.client)
    assert "retryRefused" not in made["report"]


def test_a_retry_whose_response_was_lost_counts_once(codepipeline, at):
    codepipeline.add_client_error("retry_stage_execution", "StageNotRetryableException")
    reads(codepipeline, "InProgress")
    made = retry(STATE, FAILED, codepipeline=codepipeline.client)
    assert made["ended"] is False
    assert made["changes"]["memory"]["stageRetries"] == 1


@pytest.mark.parametrize(
    "attempt, minute, calls",
    [(1, 6, 0), (1, 5, 1), (0, 6, 1)],
    ids=["a retry has failed since", "none took effect", "the first attempt does not check"],
)
def test_a_retry_that_has_failed_again_is_not_repeated(codepipeline, at, attempt, minute, calls):
    if attempt:
        acted(codepipeline, action("Failed", lastUpdateTime=START + timedelta(minutes=minute)))
    for _ in range(calls):
        retries(codepipeline)
    made = retry(again(attempt), replace(FAILED, seen_at=SEEN), codepipeline=codepipeline.client)
    assert made["ended"] is False
    assert made["changes"]["memory"]["stageRetries"] == 1


@pytest.mark.parametrize("minute, calls", [(6, 0), (4, 1)], ids=["it took effect", "it did not"])
def test_a_second_attempt_searches_for_an_earlier_retry(codepipeline, at, minute, calls):
    acted(codepipeline, action("Failed", lastUpdateTime=START + timedelta(minutes=minute)))
    for _ in range(calls):
        retries(codepipeline)
    state = replace(STATE, memory=Memory(retry_unsure_since=SEEN))
    later = replace(FAILED, seen_at=START + timedelta(minutes=20))
    made = retry(state, later, codepipeline=codepipeline.client)
    assert made["ended"] is False
    assert made["changes"]["memory"] == {"stageRetries": 1}


@pytest.mark.parametrize(
    "code",
    [
        "ConflictException",
        "ThrottlingException",
        "ConcurrentPipelineExecutionsLimitExceededException",
    ],
)
def test_a_throttled_retry_is_repeated(codepipeline, at, code):
    codepipeline.add_client_error("retry_stage_execution", code)
    with pytest.raises(TargetUnavailable):
        retry(STATE, FAILED, codepipeline=codepipeline.client)


def test_a_missing_permission_to_list_the_actions_is_reported(codepipeline, at):
    codepipeline.add_client_error("list_action_executions", "AccessDeniedException")
    with pytest.raises(TargetAccessDenied, match="codepipeline:ListActionExecutions"):
        retry(STATE, UNEXPLAINED, codepipeline=codepipeline.client)


def test_a_stop_lets_running_actions_finish_and_names_the_run(codepipeline):
    codepipeline.add_response("stop_pipeline_execution", {"pipelineExecutionId": ID}, STOP)
    assert stopped(codepipeline) == StopEffect(stopped=True)


@pytest.mark.parametrize(
    "why, policy, abandon",
    [
        ("Deadline", {"onTimeout": "abandon"}, True),
        ("Deadline", {"onTimeout": "stop", "onAbort": "abandon"}, False),
        ("Stop", {"onAbort": "abandon"}, True),
        ("Stop", {"onAbort": "stop", "onTimeout": "abandon"}, False),
        ("Abandoned action", {"onAbort": "abandon"}, True),
    ],
)
def test_running_actions_are_abandoned_if_the_policy_is_abandon(codepipeline, why, policy, abandon):
    reason = f"{why} of run job-1 of codepipeline-orchestrator"
    expected = {**STOP, "abandon": abandon, "reason": reason}
    codepipeline.add_response("stop_pipeline_execution", {"pipelineExecutionId": ID}, expected)
    assert stopped(codepipeline, asked(**policy), why) == StopEffect(stopped=True)


def test_the_reason_for_a_stop_is_within_the_limit_of_the_api(codepipeline):
    codepipeline.add_response(
        "stop_pipeline_execution",
        {"pipelineExecutionId": ID},
        {**STOP, "reason": f"Deadline of run {'n' * 183}…"},
    )
    state = replace(STATE, run=f"{STATE.run[:-5]}{'n' * 300}")
    assert stopped(codepipeline, state).stopped is True


def test_a_target_that_is_already_stopping_counts_as_stopped(codepipeline):
    codepipeline.add_client_error("stop_pipeline_execution", "DuplicatedStopRequestException")
    assert stopped(codepipeline).stopped is True


def test_a_long_reason_leaves_room_for_the_rest_of_the_message(codepipeline):
    codepipeline.add_client_error("stop_pipeline_execution", "ValidationException", "x" * 9_999)
    assert len(stopped(codepipeline).not_stopped) == 1_500


@pytest.mark.parametrize(
    "status, is_stopped",
    [("Stopped", True), ("Stopping", True), ("Succeeded", False), ("Failed", False)],
)
def test_the_error_of_a_failed_stop_is_reported_unless_the_target_is_stopped(
    codepipeline, status, is_stopped
):
    codepipeline.add_client_error(
        "stop_pipeline_execution", "PipelineExecutionNotStoppableException", "it has ended"
    )
    found = {"status": status} if status else {}
    codepipeline.add_response("get_pipeline_execution", {"pipelineExecution": found})
    effect = stopped(codepipeline)
    assert effect.stopped is is_stopped
    assert is_stopped or "it has ended" in effect.not_stopped


def test_a_throttled_stop_is_repeated(codepipeline):
    codepipeline.add_client_error("stop_pipeline_execution", "ConflictException")
    with pytest.raises(TargetUnavailable):
        stopped(codepipeline)
