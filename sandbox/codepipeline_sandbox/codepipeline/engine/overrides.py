"""Checks whether OverrideStageCondition is possible, and overrides the condition.

https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codepipeline_sandbox.codepipeline.engine import retries
from codepipeline_sandbox.codepipeline.engine.conditional_stages import ConditionalStageRun
from codepipeline_sandbox.codepipeline.exceptions import (
    ConditionNotOverridableException,
    NotLatestPipelineExecutionException,
)

if TYPE_CHECKING:
    from codepipeline_sandbox.codepipeline.engine.conditions import ConditionRun
    from codepipeline_sandbox.codepipeline.engine.pipelines import Pipeline

KINDS = {"BEFORE_ENTRY": "beforeEntry", "ON_SUCCESS": "onSuccess"}
OVERRIDABLE = {"InProgress", "Failed", "Errored"}


def override(
    pipeline: Pipeline, stage_name: str, execution_id: str, condition_type: str, caller: str
) -> None:
    """Continue the execution as if the condition had been met.

    Raises StageNotFoundException, NotLatestPipelineExecutionException,
    ConditionNotOverridableException or ConcurrentPipelineExecutionsLimitExceededException.
    """
    execution = pipeline.executions.get(execution_id)
    if execution is None:  # the operation's model has no PipelineExecutionNotFoundException
        raise NotLatestPipelineExecutionException(
            f"There is no pipeline execution {execution_id} with a condition to override"
        )
    retries.require_latest(pipeline, stage_name, execution)
    run = execution.stage_runs.get(stage_name)
    kind = KINDS[condition_type]
    if not isinstance(run, ConditionalStageRun) or kind not in run.conditions:
        raise _refused(stage_name, condition_type, "it has not been checked")
    condition = run.conditions[kind]
    _check(condition, run, condition_type)
    if not execution.active:
        pipeline.require_room()
    run.override(condition, caller)


def _check(condition: ConditionRun, run: ConditionalStageRun, condition_type: str) -> None:
    if condition.status not in OVERRIDABLE:
        raise _refused(run.name, condition_type, f"it is {condition.status}")
    if condition.result == "SKIP":
        raise _refused(run.name, condition_type, "its result is SKIP")
    if run.execution.ending is not None:
        raise _refused(run.name, condition_type, "the execution is about to end")
    if condition.status != "InProgress" and condition is not run.ended_by:
        raise _refused(run.name, condition_type, "the stage has continued without it")
    if run.execution.version != run.execution.pipeline.version:
        raise _refused(run.name, condition_type, "the pipeline's structure has changed since then")


def _refused(stage_name: str, kind: str, why: str) -> ConditionNotOverridableException:
    return ConditionNotOverridableException(
        f"The condition {kind} of stage '{stage_name}' cannot be overridden: {why}"
    )
