"""The API operations for stage transitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline.engine import transitions

if TYPE_CHECKING:
    from codepipeline_sandbox.codepipeline.engine.transitions import Direction
    from codepipeline_sandbox.codepipeline.models import CodePipelineBackend

Document = dict[str, Any]


def disable_stage_transition(
    backend: CodePipelineBackend,
    *,
    pipeline_name: str,
    stage_name: str,
    transition_type: Direction,
    reason: str,
    caller: str,
) -> Document:
    """Disable the transition into a stage or out of it."""
    stage = backend.pipeline(pipeline_name).declared_stage(stage_name)
    transitions.disable(stage, transition_type, reason, caller)
    return {}


def enable_stage_transition(
    backend: CodePipelineBackend,
    *,
    pipeline_name: str,
    stage_name: str,
    transition_type: Direction,
    caller: str,
) -> Document:
    """Enable the transition into a stage or out of it."""
    pipeline = backend.pipeline(pipeline_name)
    stage = pipeline.declared_stage(stage_name)
    transitions.enable(pipeline, stage, transition_type, caller)
    return {}
