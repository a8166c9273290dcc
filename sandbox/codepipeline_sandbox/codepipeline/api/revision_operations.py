"""The PutActionRevision operation, which reports a new revision of a source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline.engine import requests
from codepipeline_sandbox.codepipeline.engine.sources import CHANGE
from codepipeline_sandbox.codepipeline.exceptions import (
    ActionNotFoundException,
    ValidationException,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.codepipeline.engine.pipelines import Pipeline
    from codepipeline_sandbox.codepipeline.models import CodePipelineBackend


def put_action_revision(
    backend: CodePipelineBackend,
    *,
    pipeline_name: str,
    stage_name: str,
    action_name: str,
    action_revision: Mapping[str, Any],
    caller: str,
) -> dict[str, Any]:
    """Start an execution with the revision.

    In the response, newRevision is true if no earlier execution used the revision.
    """
    pipeline = backend.pipeline(pipeline_name)
    _require_source(pipeline, stage_name, action_name)
    revision = action_revision["revisionId"]
    known = any(
        each.revisions[action_name].revision_id == revision
        for each in pipeline.executions.values()
        if action_name in each.revisions
    )
    started = pipeline.start(
        {"triggerType": "PutActionRevision", "triggerDetail": caller},
        requests.variables_of(pipeline, []),
        {action_name: {"REVISION": revision, CHANGE: action_revision["revisionChangeId"]}},
    )
    return {"newRevision": not known, "pipelineExecutionId": started.id}


def _require_source(pipeline: Pipeline, stage_name: str, action_name: str) -> None:
    actions = {action["name"]: action for action in pipeline.declared(stage_name)["actions"]}
    if action_name not in actions:
        raise ActionNotFoundException(f"The stage '{stage_name}' has no action '{action_name}'")
    if actions[action_name]["actionTypeId"]["category"] != "Source":
        raise ValidationException(f"The action '{action_name}' is not a source action")
