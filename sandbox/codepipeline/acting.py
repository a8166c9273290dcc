"""With which role CodePipeline acts for an action, and whether it may."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sandbox.cloud
from sandbox.access.assuming import AssumeRoleRefused, SessionRequest
from sandbox.services import AccessDenied

if TYPE_CHECKING:
    from sandbox.codepipeline.actions import ActionRun

SERVICE = "codepipeline.amazonaws.com"


def require(run: ActionRun, permission: str, resource: str) -> None:
    """Raise AccessDenied unless the action's role may do that now.

    CodePipeline assumes the pipeline's role, and with that the action's own one if there is one.
    """
    access = sandbox.cloud.current().access
    pipeline_role = run.execution.declaration["roleArn"]
    access.require_service_role(pipeline_role, SERVICE)
    if "roleArn" in run.declaration:
        session = SessionRequest(run.role_arn, run.id)
        try:
            access.assume_role(pipeline_role, session, run.region)
        except AssumeRoleRefused as error:
            raise AccessDenied(str(error)) from error
    access.require(run.role_arn, permission, resource)
