"""The RollbackStage operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline.engine import rollbacks

if TYPE_CHECKING:
    from codepipeline_sandbox.codepipeline.models import CodePipelineBackend


def rollback_stage(
    backend: CodePipelineBackend,
    *,
    pipeline_name: str,
    stage_name: str,
    target_pipeline_execution_id: str,
    caller: str,
) -> dict[str, Any]:
    """Start an execution that runs the stage as the target execution did."""
    pipeline = backend.pipeline(pipeline_name)
    execution = rollbacks.roll_back(pipeline, stage_name, target_pipeline_execution_id, caller)
    return {"pipelineExecutionId": execution.id}
