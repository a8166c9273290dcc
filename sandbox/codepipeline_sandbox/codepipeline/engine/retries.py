"""Checks whether RetryStageExecution can run a stage again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codepipeline_sandbox.codepipeline.exceptions import (
    NotLatestPipelineExecutionException,
    StageNotRetryableException,
)

if TYPE_CHECKING:
    from codepipeline_sandbox.codepipeline.engine.executions import Execution
    from codepipeline_sandbox.codepipeline.engine.pipelines import Pipeline
    from codepipeline_sandbox.codepipeline.engine.stages import StageRun

RETRYABLE = {"Failed", "Stopped"}


def retryable(pipeline: Pipeline, stage_name: str, execution: Execution) -> StageRun:
    """Return the execution's run of the stage if it can be retried.

    Raises StageNotFoundException, NotLatestPipelineExecutionException or
    StageNotRetryableException.
    """
    require_latest(pipeline, stage_name, execution)
    run = execution.stage_runs.get(stage_name)
    if run is None or run.status not in RETRYABLE or execution.status not in RETRYABLE:
        state = "has not run yet" if run is None else f"is {run.status}"
        raise StageNotRetryableException(f"Stage '{stage_name}' {state} and cannot be retried")
    if execution.version != pipeline.version:
        raise StageNotRetryableException(
            f"The pipeline's structure has changed since the execution started: the execution "
            f"uses version {execution.version}, but the pipeline is now at version "
            f"{pipeline.version}"
        )
    return run


def require_latest(pipeline: Pipeline, stage_name: str, execution: Execution) -> None:
    """Check that the stage exists and that the execution is the latest one in it.

    Raises StageNotFoundException or NotLatestPipelineExecutionException.
    """
    latest = pipeline.declared_stage(stage_name).latest
    if pipeline.mode.locked and latest is not None and latest.execution is not execution:
        raise NotLatestPipelineExecutionException(
            f"Stage '{stage_name}' was last entered by the execution {latest.execution.id}, "
            f"not by {execution.id}"
        )
