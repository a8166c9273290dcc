"""GetPipelineState: where the pipeline's stages and actions stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.codepipeline import settings
from sandbox.codepipeline.times import timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.codepipeline.actions import ActionRun
    from sandbox.codepipeline.executions import Execution
    from sandbox.codepipeline.pipelines import Pipeline
    from sandbox.codepipeline.stages import Stage, StageRun

INBOUND = {"InProgress", "Stopping", "Stopped", "Failed"}


def pipeline_state(pipeline: Pipeline) -> dict[str, Any]:
    """The answer of GetPipelineState. Different stages may show different executions."""
    return {
        "pipelineName": pipeline.name,
        "pipelineVersion": pipeline.version,
        "stageStates": _stage_states(pipeline),
        "created": timestamp(pipeline.created),
        "updated": timestamp(pipeline.updated),
    }


def _stage_states(pipeline: Pipeline) -> list[dict[str, Any]]:
    stages = pipeline.declaration["stages"]
    if pipeline.mode.locked:
        return [_stage_state(pipeline.stage(stage["name"]), stage) for stage in stages]
    # Parallel executions have no common state.
    bare = settings.current().parallel_stage_states == "bare"
    return [{"stageName": stage["name"]} for stage in stages] if bare else []


def _stage_state(stage: Stage, declaration: Mapping[str, Any]) -> dict[str, Any]:
    waiting = [_inbound(each) for each in stage.waiting if each.status in INBOUND]
    state: dict[str, Any] = {
        "stageName": stage.name,
        "inboundExecutions": waiting,
        "inboundTransitionState": stage.transition("Inbound").shown(),
        "actionStates": [_action_state(stage, action) for action in declaration["actions"]],
    }
    if waiting:
        state["inboundExecution"] = waiting[0]
    if stage.latest is not None:
        state["latestExecution"] = _execution(stage.latest.execution, stage.latest.status)
        state |= _retries(stage.latest)
    return state


def _inbound(execution: Execution) -> dict[str, str]:
    return _execution(execution, execution.status)


def _execution(execution: Execution, status: str) -> dict[str, str]:
    shown = {"pipelineExecutionId": execution.id, "status": status}
    # AWS shows the type of rollbacks only.
    return shown if execution.type == "STANDARD" else {**shown, "type": execution.type}


def _retries(run: StageRun) -> dict[str, Any]:
    if not run.retries:
        return {}
    attempts = {"manualStageRetryAttempt": run.retries, "latestRetryTrigger": "ManualStageRetry"}
    return {"retryStageMetadata": attempts}


def _action_state(stage: Stage, declaration: Mapping[str, Any]) -> dict[str, Any]:
    name = declaration["name"]
    run = stage.latest_actions.get(name)
    if run is None:
        return {"actionName": name}
    state = {"actionName": name, "latestExecution": _latest(run)}
    found = run.execution.revisions.get(name)
    if found is not None:
        # AWS leaves out what the model requires besides.
        state["currentRevision"] = {"revisionId": found.revision_id}
    if run.revision is not None:
        state["currentRevision"] = {
            "revisionId": run.revision["revision"],
            "revisionChangeId": run.revision["changeIdentifier"],
        }
    return state


def _latest(run: ActionRun) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "actionExecutionId": run.id,
        "status": run.status,
        "summary": run.summary,
        "lastStatusChange": timestamp(run.last_status_change),
        "externalExecutionId": run.external_execution_id,
        "externalExecutionUrl": run.external_url,
        "percentComplete": run.percent_complete,
    }
    if run.token is not None:
        shown |= _approval(run)
    if run.error is not None:
        shown["errorDetails"] = {"code": run.error.code, "message": run.error.message}
    return {key: value for key, value in shown.items() if value is not None}


def _approval(run: ActionRun) -> dict[str, Any]:
    if run.status != "InProgress":
        return {"lastUpdatedBy": run.updated_by}
    if settings.current().pending_approval_shows == "status":
        return {"token": run.token}
    return {
        "token": run.token,
        "status": None,
        "summary": run.resolved_configuration.get("CustomData"),
        "lastUpdatedBy": run.execution.trigger["triggerDetail"],
    }
