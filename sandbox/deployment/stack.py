"""Creates and deletes stacks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from moto.cloudformation.models import cloudformation_backends

from sandbox.deployment import parameters as template_parameters
from sandbox.deployment import resources, transform
from sandbox.deployment.artifacts import Packager, load
from sandbox.deployment.errors import DeploymentFailed
from sandbox.deployment.requests import requested

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import boto3

    from sandbox.here import Cloud

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
        # moto's DescribeStackResource fails on a resource whose condition is false.
        stack = cloudformation_backends[self.account_id][self.region].get_stack(self.name)
        return str(stack.resource_map[logical_id].physical_resource_id)

    def delete(self) -> None:
        """Delete the stack and its resources."""
        self.session.client("cloudformation").delete_stack(StackName=self.name)


def deploy(
    cloud: Cloud,
    template_path: Path,
    account_id: str,
    region: str,
    stack_name: str,
    *,
    parameters: Mapping[str, str] | None = None,
    capabilities: Sequence[str] = CAPABILITIES,
) -> Stack:
    """Package, expand and create a stack, as `sam deploy` does.

    Raises DeploymentFailed, naming the resource, if the template is wrong or contains something
    that the sandbox does not support.
    """
    session = cloud.session(account_id, region)
    template = load(template_path)
    packager = Packager(account_id, region, template_path.parent)
    packager.package(template)
    values = template_parameters.resolve(template, parameters or {})
    expanded = transform.expand(template, values, region)
    resources.check(expanded, capabilities)
    template_parameters.seed_public(expanded, values, account_id, region)
    url = packager.url(packager.upload(json.dumps(expanded).encode(), ".template"))
    _create(session, stack_name, url, values, capabilities)
    outputs = _outputs(stack_name, account_id, region)
    return Stack(stack_name, account_id, region, outputs, expanded, session)


def _create(
    session: boto3.Session,
    name: str,
    url: str,
    values: Mapping[str, str],
    capabilities: Sequence[Any],
) -> None:
    client = session.client("cloudformation")
    given: Any = [{"ParameterKey": k, "ParameterValue": v} for k, v in values.items()]
    try:
        client.create_stack(
            StackName=name, TemplateURL=url, Parameters=given, Capabilities=capabilities
        )
    except ClientError as error:
        raise DeploymentFailed(f"{name}: {error}") from error


def _outputs(name: str, account_id: str, region: str) -> Mapping[str, str]:
    requested()
    stack = cloudformation_backends[account_id][region].get_stack(name)
    if stack.status != "CREATE_COMPLETE":
        raise DeploymentFailed(f"{name} is {stack.status}")
    return {output.key: str(output.value) for output in stack.output_map.values() if output}
