"""Packages local templates and deploys them as stacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.cloudformation.exceptions import CloudFormationError

from codepipeline_sandbox.cloudformation.artifacts import Packager, load
from codepipeline_sandbox.cloudformation.errors import DeploymentFailed
from codepipeline_sandbox.cloudformation.models import backend_of
from codepipeline_sandbox.cloudformation.requests import requested
from codepipeline_sandbox.cloudformation.stacks.changing import physical_id
from codepipeline_sandbox.cloudformation.stacks.submission import submit
from codepipeline_sandbox.kernel.here import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import boto3

    from codepipeline_sandbox.cloudformation.stacks.stack_state import StackState
    from codepipeline_sandbox.cloudformation.stacks.submission import Submission
    from codepipeline_sandbox.kernel.here import Cloud

CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND")


@dataclass(frozen=True)
class Stack:
    """A deployed stack."""

    name: str
    account_id: str
    region: str
    outputs: Mapping[str, str]
    template: Mapping[str, Any]  # the expanded template
    session: boto3.Session

    def resource(self, logical_id: str) -> str:
        """The physical id of a resource."""
        stack = backend_of(self.account_id, self.region).get_stack(self.name)
        return physical_id(stack.resource_map[logical_id])

    def update(
        self,
        template_path: Path,
        *,
        parameters: Mapping[str, str] | None = None,
        capabilities: Sequence[str] = CAPABILITIES,
    ) -> Stack:
        """Package a template and update the stack, as `sam deploy` does.

        Parameters that are not given keep their values. Raises DeploymentFailed if the template
        is invalid or if the update was rolled back.
        """
        backend = backend_of(self.account_id, self.region)
        stack = backend.get_stack(self.name)
        values = {**stack.parameters, **(parameters or {})}
        try:
            submission = _submit(template_path, self.account_id, self.region, values, capabilities)
            requested()
            backend.update(stack, submission, None)
        except CloudFormationError as error:
            raise DeploymentFailed(f"{self.name}: {error.message}") from error
        return _deployed(stack, self.session)

    def delete(self) -> None:
        """Delete the stack and its resources. Raises DeploymentFailed if one cannot be deleted."""
        stack = backend_of(self.account_id, self.region).get_stack(self.name)
        self.session.client("cloudformation").delete_stack(StackName=self.name)
        if stack.status != "DELETE_COMPLETE":
            raise DeploymentFailed(f"{self.name} is {stack.status}: {stack.status_reason}")


def deploy(
    cloud: Cloud,
    template_path: Path,
    account_id: str = ACCOUNT,
    region: str = REGION,
    stack_name: str = "stack",
    *,
    parameters: Mapping[str, str] | None = None,
    capabilities: Sequence[str] = CAPABILITIES,
) -> Stack:
    """Package a template and create a stack from it, as `sam deploy` does.

    Raises DeploymentFailed, which names the resource, if the template is invalid or contains
    something that the sandbox does not support.
    """
    try:
        submission = _submit(template_path, account_id, region, parameters or {}, capabilities)
        requested()
        made = backend_of(account_id, region).create(stack_name, submission)
    except CloudFormationError as error:
        raise DeploymentFailed(f"{stack_name}: {error.message}") from error
    return _deployed(made, cloud.session(account_id, region))


def _submit(
    path: Path,
    account_id: str,
    region: str,
    parameters: Mapping[str, str],
    capabilities: Sequence[str],
) -> Submission:
    packager = Packager(account_id, region, path.parent)
    template = load(path)
    packager.package(template)
    submission = submit(packager.upload_template(template), parameters, account_id, region)
    submission.require(capabilities)
    return submission


def _deployed(made: StackState, session: boto3.Session) -> Stack:
    if made.failure is not None:
        raise DeploymentFailed(f"{made.name}: {made.failure}") from made.failure
    outputs = {each["OutputKey"]: each["OutputValue"] for each in made.shown}
    return Stack(made.name, made.account_id, made.region_name, outputs, made.template_dict, session)
