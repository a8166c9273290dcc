"""Stage rollback, in which a new execution repeats one stage of an earlier execution.

https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.engine import events
from codepipeline_sandbox.codepipeline.engine.executions import Execution
from codepipeline_sandbox.codepipeline.exceptions import (
    ConflictException,
    PipelineExecutionOutdatedException,
    UnableToRollbackStageException,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from codepipeline_sandbox.codepipeline.engine.pipelines import Pipeline
    from codepipeline_sandbox.codepipeline.engine.stages import Stage, StageRun


class Rollback(Execution):
    """Runs one stage with the artifacts, revisions and variables of the target execution."""

    type = "ROLLBACK"

    def __init__(self, target: Execution, stage_name: str, trigger: Mapping[str, str]) -> None:
        super().__init__(target.pipeline, trigger, target.variables, target.source_revisions)
        self.rollback_target = target.id
        self.artifacts = dict(target.artifacts)
        self.revisions = dict(target.revisions)
        own = self.outputs["codepipeline"]
        self.outputs = dict(target.outputs)
        if settings.current().rollback_execution_id_variable == "own":
            self.outputs["codepipeline"] = own
        self._stage_name = stage_name

    def start(self) -> None:
        """Enter the stage ahead of all waiting executions. The stage must be free."""
        events.pipeline_changed(self, "STARTED")
        self.enter(self.pipeline.stage(self._stage_name))

    def _go_on(self, run: StageRun) -> None:
        """End the execution, because a rollback runs only one stage."""
        assert run.name == self._stage_name
        self.finish("Succeeded")


def roll_back(pipeline: Pipeline, stage_name: str, target_id: str, caller: str) -> Execution:
    """Roll a stage back on request.

    Raises StageNotFoundException, PipelineExecutionNotFoundException, ConflictException,
    PipelineExecutionOutdatedException or UnableToRollbackStageException.
    """
    stage = pipeline.declared_stage(stage_name)
    target = pipeline.execution(target_id)
    _check_stage(pipeline, stage)
    _check_target(target, stage_name)
    if not pipeline.has_room:
        raise ConflictException(
            f"The pipeline '{pipeline.name}' has reached its limit on executions in progress"
        )
    trigger = {"triggerType": "ManualRollback", "triggerDetail": caller}
    return pipeline.begin(Rollback(target, stage_name, trigger))


def roll_back_automatically(run: StageRun) -> None:
    """Roll the stage back to the newest execution that succeeded in it, if there is one.

    A failed rollback is not rolled back, because each new rollback would fail in the same way.
    """
    failed = run.execution
    target = next(_candidates(run), None)
    if target is None or failed.type == "ROLLBACK":
        return
    detail = json.dumps({"FailedPipelineExecutionId": failed.id}, separators=(",", ":"))
    trigger = {"triggerType": "AutomatedRollback", "triggerDetail": detail}
    failed.pipeline.begin(Rollback(target, run.name, trigger))


def _candidates(run: StageRun) -> Iterator[Execution]:
    pipeline = run.execution.pipeline
    return (
        each
        for each in reversed(pipeline.executions.values())
        if each is not run.execution
        and each.type == "STANDARD"
        and each.version == pipeline.version
        and each.visible
        and _succeeded(each, run.name)
    )


def _succeeded(execution: Execution, stage_name: str) -> bool:
    run = execution.stage_runs.get(stage_name)
    return run is not None and run.passed


def _check_stage(pipeline: Pipeline, stage: Stage) -> None:
    if not pipeline.mode.locked:
        raise _unable(stage.name, "PARALLEL pipelines do not support rollback")
    if stage.name == pipeline.declaration["stages"][0]["name"]:
        raise _unable(stage.name, "it is the source stage")
    if stage.holder is not None:
        raise _unable(stage.name, f"execution {stage.holder.execution.id} is running in this stage")
    if stage.latest is not None and stage.latest.status == "Skipped":
        raise _unable(stage.name, f"execution {stage.latest.execution.id} skipped this stage")


def _check_target(target: Execution, stage_name: str) -> None:
    if target.type == "ROLLBACK":
        raise _unable(stage_name, f"execution {target.id} is itself a rollback")
    if target.version != target.pipeline.version:
        older = (
            f"execution {target.id} was started with version {target.version} of the "
            f"pipeline, which is now at version {target.pipeline.version}"
        )
        if settings.current().older_rollback_target == "outdated":
            raise PipelineExecutionOutdatedException(
                f"The target of the rollback is outdated: {older}"
            )
        raise _unable(stage_name, older)
    if not _succeeded(target, stage_name):
        raise _unable(stage_name, f"execution {target.id} has not succeeded in this stage")


def _unable(stage_name: str, why: str) -> UnableToRollbackStageException:
    return UnableToRollbackStageException(f"Unable to roll back stage '{stage_name}': {why}")
