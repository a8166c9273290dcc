"""Retries the failed stage of the target execution, if CodePipeline allows it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.aws.refusals import target_refused
from codepipeline_orchestrator.errors import OrchestratorError, StartRefused, TargetUnavailable
from codepipeline_orchestrator.messages.snapshot import standing
from codepipeline_orchestrator.model.state import RunState
from codepipeline_orchestrator.pipeline.executions import action_executions
from codepipeline_orchestrator.pipeline.failed_action import first_failure
from codepipeline_orchestrator.polling.interval import CONFIRM_FAILED
from codepipeline_orchestrator.telemetry import bind_run, logged, logger
from codepipeline_orchestrator.text import LONGEST_REASON, plain

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_codepipeline import CodePipelineClient


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return that the target goes on, or the report with the reason why it does not."""
    bind_run(event["run"])
    state = RunState.of(event)
    return retry(
        state,
        event["report"],
        attempt=event["attempt"],
        # RetryStageExecution has no token: sent again by the SDK, it would retry a newer failure.
        codepipeline=clients.target_codepipeline(state.target, only_once=True),
    )


def retry(
    state: RunState,
    report: Mapping[str, Any],
    *,
    codepipeline: CodePipelineClient,
    attempt: int = 0,
) -> dict[str, Any]:
    """Run what failed in the stage again, under the same execution id.

    From the second attempt on, a stage whose actions have begun or failed since the report was
    retried by an attempt whose answer was lost.
    Raises TargetUnavailable when AWS could not be asked: trying again helps.
    """
    assert state.execution is not None
    if attempt > 0 and _was_retried(state, report, codepipeline):
        return _goes_on(state)
    if state.request.remaining(clock.now()) <= 0:
        # Redriven days later, perhaps: a target is not set going to be given up at once.
        failed = _has_failed(state, codepipeline)
        return _refused(report, "the run's deadline has passed") if failed else _goes_on(state)
    stage = report.get("failure", {}).get("stage") or _failed_stage(state, codepipeline)
    if stage is None:
        return _refused(report, "which stage failed is not known")
    try:
        with target_refused(state.target, "RetryStageExecution"):
            codepipeline.retry_stage_execution(
                pipelineName=state.target.pipelineName,
                stageName=stage,
                pipelineExecutionId=state.execution.pipelineExecutionId,
                retryMode="FAILED_ACTIONS",
            )
    except TargetUnavailable:
        raise
    except OrchestratorError as error:
        # Somebody else may have retried it, or an earlier attempt of ours whose answer was lost.
        if _has_failed(state, codepipeline):
            # Whoever reads it is not told to try the same again, unless another role might.
            is_final = isinstance(error, StartRefused)
            return _refused({**report, "retryRefused": is_final}, str(error))
    logger.info("retried the stage", stage=stage, retries=state.progress.stageRetries + 1)
    return _goes_on(state)


def _goes_on(state: RunState) -> dict[str, Any]:
    assert state.execution is not None
    progress = replace(
        state.progress, status=None, stageRetries=state.progress.stageRetries + 1, where=None
    )
    remaining = math.ceil(state.request.remaining(clock.now()))
    return {
        "ended": False,
        "waitSeconds": max(1, min(CONFIRM_FAILED, remaining)),
        "progress": progress.to_document(),
        "standing": standing(
            state.target, state.execution.pipelineExecutionId, "InProgress", progress
        ),
    }


def _refused(report: Mapping[str, Any], reason: str) -> dict[str, Any]:
    logger.warning("the stage was not retried", reason=reason)
    return {"ended": True, "report": {**report, "notRetried": plain(reason, LONGEST_REASON)}}


def _failed_stage(state: RunState, codepipeline: CodePipelineClient) -> str | None:
    """Asked once more, as the report may lack it: to tell about it is less vital than to retry."""
    assert state.execution is not None
    with target_refused(state.target, "ListActionExecutions"):
        failure = first_failure(
            action_executions(
                state.target, state.execution.pipelineExecutionId, codepipeline=codepipeline
            )
        )
    return failure.stage if failure else None


def _was_retried(
    state: RunState, report: Mapping[str, Any], codepipeline: CodePipelineClient
) -> bool:
    """Whether an attempt took effect: its actions run, or have failed already."""
    assert state.execution is not None
    with target_refused(state.target, "ListActionExecutions"):
        actions = action_executions(
            state.target, state.execution.pipelineExecutionId, codepipeline=codepipeline
        )
    seen = datetime.fromisoformat(report["endTime"])
    return any(
        each.get("startTime", seen) > seen
        or (each.get("status") == "Failed" and each.get("lastUpdateTime", seen) > seen)
        for each in actions
    )


def _has_failed(state: RunState, codepipeline: CodePipelineClient) -> bool:
    assert state.execution is not None
    with target_refused(state.target, "GetPipelineExecution"):
        found = codepipeline.get_pipeline_execution(
            pipelineName=state.target.pipelineName,
            pipelineExecutionId=state.execution.pipelineExecutionId,
        )["pipelineExecution"]
    return found["status"] == "Failed"
