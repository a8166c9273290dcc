"""Formats executions and action runs for API responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline.times import timestamp

if TYPE_CHECKING:
    from codepipeline_sandbox.codepipeline.engine.actions import ActionRun
    from codepipeline_sandbox.codepipeline.engine.artifacts import Revision
    from codepipeline_sandbox.codepipeline.engine.executions import Execution


def execution(each: Execution) -> dict[str, Any]:
    """Format an execution for GetPipelineExecution, which omits times, stages and errors."""
    resolved = [{"name": n, "resolvedValue": v} for n, v in each.variables.items()]
    return _of_its_type(each) | {
        "pipelineName": each.pipeline.name,
        "pipelineVersion": each.version,
        "pipelineExecutionId": each.id,
        "status": each.visible_status,
        "artifactRevisions": [
            _artifact_revision(revision)
            for revision in each.revisions.values()
            if revision.artifact_name is not None
        ],
        "variables": resolved,
        "trigger": dict(each.trigger),
        "executionMode": each.declaration["executionMode"],
    }


def execution_summary(each: Execution) -> dict[str, Any]:
    """Format an execution for ListPipelineExecutions."""
    summary = _of_its_type(each) | {
        "pipelineExecutionId": each.id,
        "status": each.status,
        "startTime": timestamp(each.start_time),
        "lastUpdateTime": timestamp(each.last_update),
        "sourceRevisions": [_source_revision(revision) for revision in each.revisions.values()],
        "trigger": dict(each.trigger),
        "executionMode": each.declaration["executionMode"],
    }
    if each.ending == "Stopped":
        summary["stopTrigger"] = {"reason": each.stop_reason} if each.stop_reason else {}
    return summary


def action(run: ActionRun) -> dict[str, Any]:
    """Format an action run for ListActionExecutions."""
    shown = {
        "pipelineExecutionId": run.execution.id,
        "actionExecutionId": run.id,
        "pipelineVersion": run.execution.version,
        "stageName": run.stage_run.name,
        "actionName": run.name,
        "startTime": timestamp(run.start_time),
        "lastUpdateTime": timestamp(run.last_update),
        "status": run.status,
        "input": _action_input(run),
        "output": _action_output(run),
    }
    return {**shown, "updatedBy": run.updated_by} if run.updated_by is not None else shown


def _of_its_type(each: Execution) -> dict[str, Any]:
    shown: dict[str, Any] = {"executionType": each.type}
    if each.rollback_target is not None:
        shown["rollbackMetadata"] = {"rollbackTargetPipelineExecutionId": each.rollback_target}
    return shown


def _action_input(run: ActionRun) -> dict[str, Any]:
    given = {
        "actionTypeId": run.declaration["actionTypeId"],
        "configuration": run.configuration,
        "resolvedConfiguration": run.resolved_configuration,
        "roleArn": run.declaration.get("roleArn"),
        "region": run.region,
        "inputArtifacts": [artifact.detail() for artifact in run.input_artifacts],
        "namespace": run.declaration.get("namespace"),
    }
    return {key: value for key, value in given.items() if value is not None}


def _action_output(run: ActionRun) -> dict[str, Any]:
    made = run.output_artifacts if run.status == "Succeeded" else []
    return {
        "outputArtifacts": [artifact.detail() for artifact in made],
        "executionResult": _execution_result(run),
        "outputVariables": run.output_variables,
    }


def _execution_result(run: ActionRun) -> dict[str, Any]:
    result: dict[str, Any] = {
        "externalExecutionId": run.external_execution_id,
        "externalExecutionSummary": run.summary,
        "externalExecutionUrl": run.external_url,
        "logStreamARN": run.log_stream_arn,
    }
    if run.error is not None:
        result["errorDetails"] = {"code": run.error.code, "message": run.error.message}
    return {key: value for key, value in result.items() if value is not None}


def _artifact_revision(revision: Revision) -> dict[str, Any]:
    shown = {
        "name": revision.artifact_name,
        "revisionId": revision.revision_id,
        "revisionChangeIdentifier": revision.change_identifier,
        "revisionSummary": revision.summary,
        "created": timestamp(revision.created),
        "revisionUrl": revision.url,
    }
    return {key: value for key, value in shown.items() if value is not None}


def _source_revision(revision: Revision) -> dict[str, str]:
    shown = {
        "actionName": revision.action_name,
        "revisionId": revision.revision_id,
        "revisionSummary": revision.summary,
        "revisionUrl": revision.url,
    }
    return {key: value for key, value in shown.items() if value is not None}
