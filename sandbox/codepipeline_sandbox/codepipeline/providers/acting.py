"""Checks whether the role that CodePipeline uses for an action has a permission."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codepipeline_sandbox.codepipeline.declaration.structure import SERVICE
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from codepipeline_sandbox.codepipeline.engine.actions import ActionRun


def require(run: ActionRun, permission: str, resource: str) -> None:
    """Raise AccessDenied unless the action's role currently has the permission.

    CodePipeline assumes the pipeline's role. If the action declares its own role, CodePipeline uses
    the pipeline's role to assume that role.
    """
    access = here.current().access
    pipeline_role = run.execution.declaration["roleArn"]
    access.require_service_role(pipeline_role, SERVICE)
    if "roleArn" in run.declaration:
        access.require_session(pipeline_role, run.role_arn, run.id, region=run.region)
    access.require(run.role_arn, permission, resource)
