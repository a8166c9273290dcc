"""Who does the work of an action."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sandbox.codepipeline import settings
from sandbox.codepipeline.approvals import Approval
from sandbox.codepipeline.lambda_invoke import LambdaInvoke
from sandbox.codepipeline.pipeline_invoke import PipelineInvoke
from sandbox.codepipeline.scripted import Scripted
from sandbox.codepipeline.scripts import Act
from sandbox.codepipeline.stepfunctions_invoke import StepFunctionsInvoke

if TYPE_CHECKING:
    from sandbox.codepipeline.actions import ActionRun


class Provider(Protocol):
    """The work of one run of an action; it ends in the run's `succeed` or `fail`."""

    def begin(self) -> None:
        """Begin to work."""

    def abandon(self) -> None:
        """Take back every timer: the run has been abandoned."""


def provider_of(run: ActionRun) -> Provider:
    """The script if there is one, else the service that the action names."""
    pipeline = run.execution.pipeline
    script = pipeline.backend.scripts.get((pipeline.name, run.stage_run.name, run.name))
    type_id = run.declaration["actionTypeId"]
    if (type_id["category"], type_id["owner"]) == ("Approval", "AWS"):
        return Approval(run, script.next() if script is not None else None)
    if script is not None:
        return Scripted(run, script.next())
    match type_id["category"], type_id["provider"]:
        case "Invoke", "Lambda":
            return LambdaInvoke(run)
        case "Invoke", "CodePipeline":
            return PipelineInvoke(run)
        case "Invoke", "StepFunctions":
            return StepFunctionsInvoke(run)
        case _:
            return Scripted(run, Act(duration=settings.current().action_duration))
