"""The PutApprovalResult operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline.exceptions import (
    ActionNotFoundException,
    InvalidApprovalTokenException,
)
from codepipeline_sandbox.codepipeline.times import timestamp
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.codepipeline.models import CodePipelineBackend


def put_approval_result(
    backend: CodePipelineBackend,
    *,
    pipeline_name: str,
    stage_name: str,
    action_name: str,
    result: Mapping[str, str],
    token: str,
    caller: str,
) -> dict[str, Any]:
    """Approve or reject a pending approval action."""
    pipeline = backend.pipeline(pipeline_name)
    declaration = pipeline.declared(stage_name)
    if action_name not in {action["name"] for action in declaration["actions"]}:
        raise ActionNotFoundException(f"Stage '{stage_name}' has no action '{action_name}'")
    approval = pipeline.approvals.get(token)
    if approval is None or not approval.is_of(stage_name, action_name):
        raise InvalidApprovalTokenException(
            f"The token does not belong to an approval request of action '{action_name}'"
        )
    approval.answer(approved=result["status"] == "Approved", summary=result["summary"], by=caller)
    return {"approvedAt": timestamp(here.current().world.now)}
