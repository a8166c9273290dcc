"""Formats the states of actions for GetPipelineState."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline import console, settings
from codepipeline_sandbox.codepipeline.times import timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.codepipeline.engine.actions import ActionRun
    from codepipeline_sandbox.codepipeline.engine.stages import Stage


def shown(stage: Stage, declaration: Mapping[str, Any]) -> dict[str, Any]:
    """Format the state of an action's newest run, or only the name if the action has not run."""
    name = declaration["name"]
    run = stage.latest_actions.get(name)
    if run is None:
        return {"actionName": name}
    state = {"actionName": name, "latestExecution": _latest(run)}
    entity_url = _entity_url(run, declaration)
    if entity_url is not None:
        state["entityUrl"] = entity_url
    found = run.execution.revisions.get(name)
    if found is not None:
        # The model requires more members, but AWS omits them.
        state["currentRevision"] = {"revisionId": found.revision_id}
    if run.revision is not None:
        state["currentRevision"] = {
            "revisionId": run.revision["revision"],
            "revisionChangeId": run.revision["changeIdentifier"],
        }
    if run.pending_approval and settings.current().pending_approval_shows == "request":
        state["currentRevision"] = _asked_about(run)
    return {name: value for name, value in state.items() if value is not None}


def _entity_url(run: ActionRun, declaration: Mapping[str, Any]) -> str | None:
    kind = run.custom_type
    if kind is None:
        return console.entity_url(declaration, run.region)
    return kind.url("entityUrlTemplate", run.resolved_configuration)


def _latest(run: ActionRun) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "actionExecutionId": run.id,
        "status": run.status,
        "summary": run.summary,
        "lastStatusChange": timestamp(run.last_status_change),
        "externalExecutionId": run.external_execution_id,
        "externalExecutionUrl": run.external_url,
        "logStreamARN": run.log_stream_arn,
        "percentComplete": run.percent_complete,
    }
    if run.token is not None:
        shown |= _approval(run)
    if run.error is not None:
        shown["errorDetails"] = {"code": run.error.code, "message": run.error.message}
    return {key: value for key, value in shown.items() if value is not None}


def _approval(run: ActionRun) -> dict[str, Any]:
    if not run.pending_approval:
        return {"lastUpdatedBy": run.updated_by}
    if settings.current().pending_approval_shows == "status":
        return {"token": run.token}
    return {
        "token": run.token,
        "status": None,
        "summary": run.resolved_configuration.get("CustomData"),
        "lastUpdatedBy": run.execution.trigger["triggerDetail"],
    }


def _asked_about(run: ActionRun) -> dict[str, Any] | None:
    """The revision that is waiting for approval, formatted like the User Guide's example."""
    for revision in run.execution.revisions.values():
        return {
            "revisionId": revision.revision_id,
            "revisionChangeId": revision.revision_id,
            "created": timestamp(revision.created),
        }
    return None
