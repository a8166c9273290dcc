"""Selects the provider that performs an action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.codepipeline import action_types, settings
from sandbox.codepipeline.acts import Act
from sandbox.codepipeline.approvals import Approval
from sandbox.codepipeline.custom_actions import CustomAction
from sandbox.codepipeline.lambda_invoke import LambdaInvoke
from sandbox.codepipeline.pipeline_invoke import PipelineInvoke
from sandbox.codepipeline.scripted import Scripted
from sandbox.codepipeline.stepfunctions_invoke import StepFunctionsInvoke

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.codepipeline.actions import ActionRun
    from sandbox.codepipeline.provider import Provider


SERVICES: dict[tuple[str, str, str], Callable[[ActionRun], Provider]] = {
    ("Invoke", "AWS", "CodePipeline"): PipelineInvoke,
    ("Invoke", "AWS", "Lambda"): LambdaInvoke,
    ("Invoke", "AWS", "StepFunctions"): StepFunctionsInvoke,
}


def provider_of(run: ActionRun) -> Provider:
    """Return the action's script if it has one, otherwise the service that the action calls."""
    pipeline = run.execution.pipeline
    script = pipeline.backend.scripts.get((pipeline.name, run.stage_run.name, run.name))
    type_id = run.declaration["actionTypeId"]
    if (type_id["category"], type_id["owner"]) == ("Approval", "AWS"):
        return Approval(run, script.next() if script is not None else None)
    if script is not None:
        return Scripted(run, script.next())
    if (kind := run.custom_type) is not None:
        return CustomAction(run, kind)
    service = SERVICES.get(action_types.key_of(type_id))
    if service is not None:
        return service(run)
    return Scripted(run, Act(duration=settings.current().action_duration))
