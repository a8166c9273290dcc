"""Retries the failed stage of the target execution, if CodePipeline allows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.aws.refusals import target_refused
from codepipeline_orchestrator.errors import OrchestratorError, StartRefused, TargetUnavailable
from codepipeline_orchestrator.model.documents import from_document, to_document
from codepipeline_orchestrator.model.outcome import CONFIRM_FAILED
from codepipeline_orchestrator.model.report import FailedAction, Report
from codepipeline_orchestrator.model.state import RunState
from codepipeline_orchestrator.pipeline.failed_action import failed_actions, lacks_kind
from codepipeline_orchestrator.pipeline.listing import action_executions, read_status
from codepipeline_orchestrator.polling.schedule import soon
from codepipeline_orchestrator.polling.take_snapshot import snapshot_of
from codepipeline_orchestrator.telemetry import bind_run, logged, logger
from codepipeline_orchestrator.text import LONGEST_REASON, plain

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_codepipeline import CodePipelineClient

    from codepipeline_orchestrator.aws.answers import ActionDetail


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return when to poll the retried target, or a report that says why it was not retried."""
    bind_run(event["run"])
    state = RunState.of(event)
    return retry(
        state,
        from_document(Report, event["report"]),
        # RetryStageExecution has no idempotency token, so a retry by the SDK could retry a newer
        # failure.
        codepipeline=clients.target_codepipeline(state.target, only_once=True),
    )


def retry(
    state: RunState,
    report: Report,
    *,
    codepipeline: CodePipelineClient,
    now: Callable[[], datetime] = clock.now,
) -> dict[str, Any]:
    """Retry the failed actions of the stage, under the same execution ID.

    If actions have begun or failed since the first attempt's report, an earlier attempt retried the
    stage, but CodePipeline's response was lost. Raises TargetUnavailable if retrying helps.
    """
    unsure_since = state.memory.retry_unsure_since or (_seen(report) if state.attempt > 0 else None)
    if unsure_since is not None and _was_retried(state, unsure_since, codepipeline):
        return _continued(state, now())
    if state.request.remaining(now()) <= 0:
        # The run may have been redriven days later. It must not retry a target that it would give
        # up on immediately.
        if _has_failed(state, codepipeline):
            return _refused(report, "the run's deadline has passed")
        return _continued(state, now())
    failures = report.details.failures
    if not failures or report.details.kinds_unknown:
        # If the report lacks the failures, read them again.
        actions = _actions(state, codepipeline)
        failures = failed_actions(actions)
        if lacks_kind(actions):
            return _refused(report, "it is unknown whether an approval was rejected")
    if any(each.approval for each in failures):
        return _refused(
            report, "an approval was rejected or timed out, and only a person can request it again"
        )
    return _retry(state, report, failures, codepipeline, now)


def _retry(
    state: RunState,
    report: Report,
    failures: Sequence[FailedAction],
    codepipeline: CodePipelineClient,
    now: Callable[[], datetime],
) -> dict[str, Any]:
    if not failures:
        return _refused(report, "it is unknown which stage failed")
    stage = failures[0].stage
    try:
        with target_refused(state.target, "RetryStageExecution"):
            codepipeline.retry_stage_execution(
                pipelineName=state.target.pipeline_name,
                stageName=stage,
                pipelineExecutionId=state.followed.pipeline_execution_id,
                retryMode="FAILED_ACTIONS",
            )
    except TargetUnavailable:
        raise
    except OrchestratorError as error:
        # Someone else, or an earlier attempt that received no response, may have retried the stage.
        if _has_failed(state, codepipeline):
            # The message should suggest this retry only if another role could perform it.
            is_final = isinstance(error, StartRefused)
            return _refused(replace(report, retry_refused=is_final), str(error))
    logger.info("retried the stage", stage=stage, retries=state.memory.stage_retries + 1)
    return _continued(state, now())


def _continued(state: RunState, now: datetime) -> dict[str, Any]:
    retries = state.memory.stage_retries + 1
    memory = replace(
        state.memory,
        status=None,
        failed_since=None,
        stage_retries=retries,
        progress=None,
        retry_unsure_since=None,
    )
    snapshot = snapshot_of(state.target, state.followed, "InProgress", memory, now)
    return {
        "ended": False,
        "changes": {
            "pollAt": to_document(soon(state.request, CONFIRM_FAILED, now)),
            "memory": to_document(memory),
        },
        "snapshot": to_document(snapshot),
    }


def _refused(report: Report, reason: str) -> dict[str, Any]:
    logger.warning("the stage was not retried", reason=reason)
    report = replace(report, not_retried=plain(reason, LONGEST_REASON))
    return {"ended": True, "report": to_document(report)}


def _seen(report: Report) -> datetime:
    """The time when the failure was first read, or an earlier one."""
    seen = report.details.end_time or report.seen_at
    assert seen is not None  # GetState always sets seen_at
    return seen


def _was_retried(state: RunState, seen: datetime, codepipeline: CodePipelineClient) -> bool:
    """Whether an earlier attempt took effect: actions have begun or failed since `seen`."""
    actions = _actions(state, codepipeline)
    return any(
        (each.start_time or seen) > seen
        or (each.status == "Failed" and (each.last_update_time or seen) > seen)
        for each in actions
    )


def _actions(state: RunState, codepipeline: CodePipelineClient) -> list[ActionDetail]:
    execution_id = state.followed.pipeline_execution_id
    return action_executions(state.target, execution_id, codepipeline=codepipeline)


def _has_failed(state: RunState, codepipeline: CodePipelineClient) -> bool:
    execution_id = state.followed.pipeline_execution_id
    return read_status(state.target, execution_id, codepipeline=codepipeline) == "Failed"
