"""Selects the provider that performs an action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.acts import Act
from codepipeline_sandbox.codepipeline.declaration import action_types
from codepipeline_sandbox.codepipeline.engine.approvals import Approval
from codepipeline_sandbox.codepipeline.providers.custom_actions import CustomAction
from codepipeline_sandbox.codepipeline.providers.lambda_invoke import LambdaInvoke
from codepipeline_sandbox.codepipeline.providers.pipeline_invoke import PipelineInvoke
from codepipeline_sandbox.codepipeline.providers.scripted import Scripted
from codepipeline_sandbox.codepipeline.providers.stepfunctions_invoke import StepFunctionsInvoke

if TYPE_CHECKING:
    from collections.abc import Callable

    from codepipeline_sandbox.codepipeline.engine.actions import ActionRun
    from codepipeline_sandbox.codepipeline.engine.provider import Provider


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
