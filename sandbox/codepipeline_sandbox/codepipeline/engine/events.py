"""Sends the state changes of pipelines, stages and actions to EventBridge.

https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.times import iso
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from codepipeline_sandbox.codepipeline.engine.actions import ActionRun
    from codepipeline_sandbox.codepipeline.engine.executions import Execution
    from codepipeline_sandbox.codepipeline.engine.stages import StageRun

# Statuses that are spelled differently in events. All others are only converted to uppercase.
STATES = {"Cancelled": "CANCELED"}


def pipeline_changed(execution: Execution, state: str) -> None:
    """Send the event for an execution's new state: STARTED, RESUMED or a status."""
    detail: dict[str, Any] = {"start-time": iso(execution.start_time), "state": _state(state)}
    if state == "STARTED":
        detail["execution-trigger"] = {
            "trigger-type": execution.trigger["triggerType"],
            "trigger-detail": execution.trigger["triggerDetail"],
        }
    if execution.stop_reason is not None and state in {"Stopping", "Stopped"}:
        detail["stop-execution-comments"] = execution.stop_reason
    _put("Pipeline", execution, detail)


def stage_changed(run: StageRun, state: str) -> None:
    """Send the event for a stage's new state: STARTED, RESUMED or a status."""
    if state == "Skipped" and not settings.current().skipped_stages_tell:
        return
    detail = {"stage": run.name, "state": _state(state)}
    if run.last_retry is None:
        detail["start-time"] = iso(run.execution.start_time)
    else:
        detail["stage-last-retry-attempt-time"] = iso(run.last_retry)
    _put("Stage", run.execution, detail)


def action_changed(run: ActionRun, state: str) -> None:
    """Send the event for an action's new state: STARTED or a status."""
    detail: dict[str, Any] = {
        "start-time": iso(run.start_time),
        "stage": run.stage_run.name,
        "action-execution-id": run.id,
        "action": run.name,
        "state": _state(state),
        "region": run.region,
        "type": run.declaration["actionTypeId"],
        "input-artifacts": [artifact.detail() for artifact in run.input_artifacts],
    }
    if state == "Succeeded":
        detail["output-artifacts"] = [artifact.detail() for artifact in run.output_artifacts]
    result = {
        "external-execution-id": run.external_execution_id,
        "external-execution-summary": run.summary if run.error is None else run.error.message,
        "external-execution-url": run.external_url,
        "error-code": run.error.code if run.error else None,
    }
    if state != "STARTED" and any(result.values()):
        detail["execution-result"] = {key: text for key, text in result.items() if text}
    _put("Action", run.execution, detail)


def _state(state: str) -> str:
    return STATES.get(state, state.upper())


def _put(kind: str, execution: Execution, detail: dict[str, Any]) -> None:
    pipeline = execution.pipeline
    event = {
        "source": "aws.codepipeline",
        "detail-type": f"CodePipeline {kind} Execution State Change",
        "resources": [pipeline.arn],
        "detail": {
            "pipeline": pipeline.name,
            "execution-id": execution.id,
            **detail,
            # AWS sends both numbers as floats.
            "version": float(execution.version),
            "pipeline-execution-attempt": float(execution.attempt),
        },
    }
    here.current().events.put(pipeline.account_id, pipeline.region, event)
