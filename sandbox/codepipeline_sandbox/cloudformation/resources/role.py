"""AWS::IAM::Role with its managed policies, which moto's CloudFormation ignores."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from moto.iam import models as moto_iam
from moto.iam.aws_managed_policies import aws_managed_policies_data

from codepipeline_sandbox.kernel.stack_resource import register

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.kernel.patches import Patches

TYPE = "AWS::IAM::Role"
PROPERTIES = frozenset(
    {
        "AssumeRolePolicyDocument",
        "Description",
        "ManagedPolicyArns",
        "MaxSessionDuration",
        "Path",
        "PermissionsBoundary",
        "Policies",
        "RoleName",
        "Tags",
    }
)


class RoleResource(moto_iam.Role):  # type: ignore[misc]
    """A role as a stack resource."""

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **more: Any,
    ) -> Any:
        """Create the role and attach its managed policies."""
        backend = _backend(account_id, region_name)
        before = set(backend.roles)
        try:
            role = super().create_from_cloudformation_json(
                resource_name, cloudformation_json, account_id, region_name, **more
            )
            _set_policies(role, cloudformation_json["Properties"])
        except Exception:
            for role_id in set(backend.roles) - before:
                _delete(backend.roles[role_id])
            raise
        return role

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,  # noqa: ARG003 - moto's signature
        cloudformation_json: dict[str, Any],
        account_id: str,  # noqa: ARG003 - moto's signature
        region_name: str,  # noqa: ARG003 - moto's signature
    ) -> Any:
        """Update the trust policy and permissions to match the changed resource."""
        properties = cloudformation_json["Properties"]
        role = original_resource
        role.assume_role_policy_document = _text(properties["AssumeRolePolicyDocument"])
        role.permissions_boundary_arn = properties.get("PermissionsBoundary")
        _set_policies(role, properties)
        return role

    @classmethod
    def delete_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],  # noqa: ARG003 - moto's signature
        account_id: str,
        region_name: str,
    ) -> None:
        """Delete the role."""
        _delete(_backend(account_id, region_name).get_role(resource_name))


def aws_policy_arns() -> dict[str, str]:
    """The ARNs of the AWS managed policies by name."""
    return {
        name: f"arn:aws:iam::aws:policy{policy['Path']}{name}"
        for name, policy in _aws_data().items()
    }


def _backend(account_id: str, region: str) -> Any:
    return moto_iam.iam_backends[account_id][moto_iam.get_partition(region)]


def _delete(role: Any) -> None:
    _detach_all(role)
    for name in list(role.policies):
        role.delete_policy(name)
    moto_iam.iam_backends[role.account_id][role.partition].delete_role(role.name)


def _set_policies(role: Any, properties: Mapping[str, Any]) -> None:
    """Replace the policies that this resource declared. Keep those that other resources added.

    Inline policies are stored as JSON because GetRolePolicy returns them in that form.
    """
    inline, attached = getattr(role, "of_resource", ([], []))
    for name in inline:
        role.policies.pop(name, None)
    for arn in attached:
        if arn in role.managed_policies:
            role.managed_policies[arn].detach_from(role)
    policies, arns = properties.get("Policies", []), properties.get("ManagedPolicyArns", [])
    role.of_resource = ([policy["PolicyName"] for policy in policies], arns)
    for policy in policies:
        role.put_policy(policy["PolicyName"], _text(policy["PolicyDocument"]))
    for arn in arns:
        _attach(role, arn)


def _text(document: str | Mapping[str, Any]) -> str:
    # YAML reads an unquoted Version as a date.
    return document if isinstance(document, str) else json.dumps(document, default=str)


def _attach(role: Any, arn: str) -> None:
    backend = moto_iam.iam_backends[role.account_id][role.partition]
    if arn not in backend.managed_policies and ":iam::aws:policy/" in arn:
        backend.managed_policies[arn] = _aws_policy(arn, role)
    backend.attach_role_policy(arn, role.name)


def _detach_all(role: Any) -> None:
    for policy in list(role.managed_policies.values()):
        policy.detach_from(role)


def _aws_policy(arn: str, role: Any) -> Any:
    """Make an AWS managed policy. Raises KeyError if moto does not have it."""
    name = arn.rpartition("/")[2]
    region = "us-east-1"  # the Region only determines the partition
    return moto_iam.AWSManagedPolicy.from_data(name, role.account_id, region, _aws_data()[name])


@cache
def _aws_data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(aws_managed_policies_data)
    return data


def install(patches: Patches) -> None:
    """Replace moto's role resource with RoleResource."""
    register(patches, TYPE, RoleResource)
