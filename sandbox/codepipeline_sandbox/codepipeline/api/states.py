"""Formats the states of a pipeline's stages for GetPipelineState."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.api import action_states, rule_descriptions
from codepipeline_sandbox.codepipeline.times import timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.codepipeline.engine.executions import Execution
    from codepipeline_sandbox.codepipeline.engine.pipelines import Pipeline
    from codepipeline_sandbox.codepipeline.engine.stages import Stage, StageRun

INBOUND = {"InProgress", "Stopping", "Stopped", "Failed"}


def pipeline_state(pipeline: Pipeline) -> dict[str, Any]:
    """Build the response of GetPipelineState. Different stages can show different executions."""
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
    # Parallel executions share no state.
    bare = settings.current().parallel_stage_states == "bare"
    return [{"stageName": stage["name"]} for stage in stages] if bare else []


def _stage_state(stage: Stage, declaration: Mapping[str, Any]) -> dict[str, Any]:
    waiting = [_inbound(each) for each in stage.waiting if each.status in INBOUND]
    state: dict[str, Any] = {
        "stageName": stage.name,
        "inboundExecutions": waiting,
        "inboundTransitionState": stage.transition("Inbound").shown(),
        "actionStates": [action_states.shown(stage, action) for action in declaration["actions"]],
    }
    if waiting:
        state["inboundExecution"] = waiting[0]
    if stage.latest is not None:
        state["latestExecution"] = _execution(stage.latest.execution, stage.latest.status)
        state |= _retries(stage.latest) | rule_descriptions.condition_states(stage.latest)
    return state


def _inbound(execution: Execution) -> dict[str, str]:
    return _execution(execution, execution.status)


def _execution(execution: Execution, status: str) -> dict[str, str]:
    shown = {"pipelineExecutionId": execution.id, "status": status}
    # AWS shows the type of an execution only if it is a rollback.
    return shown if execution.type == "STANDARD" else {**shown, "type": execution.type}


def _retries(run: StageRun) -> dict[str, Any]:
    attempts = {
        "autoStageRetryAttempt": run.automatic_retries,
        "manualStageRetryAttempt": run.retries,
    }
    made: dict[str, Any] = {name: count for name, count in attempts.items() if count}
    if not made:
        return {}
    return {"retryStageMetadata": {**made, "latestRetryTrigger": run.latest_retry_trigger}}
