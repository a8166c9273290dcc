"""Checks whether a role trusts the AWS service that assumes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codepipeline_sandbox.iam import identities
from codepipeline_sandbox.iam.authorization import Decision
from codepipeline_sandbox.iam.policies.evaluate import evaluate
from codepipeline_sandbox.iam.policies.principals import service_named_by, split

if TYPE_CHECKING:
    from collections.abc import Mapping

# The messages that these services use. The sandbox uses a generic message for all others.
_REFUSALS = {
    "codepipeline.amazonaws.com": (
        "CodePipeline is not authorized to perform AssumeRole on role {role}"
    ),
    "lambda.amazonaws.com": "The role defined for the function cannot be assumed by Lambda.",
    "scheduler.amazonaws.com": (
        "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
    ),
    "states.amazonaws.com": (
        "Neither the global service principal states.amazonaws.com, nor the regional one is "
        "authorized to assume the provided role."
    ),
}


def trusts_service(role_arn: str, service: str, context: Mapping[str, str]) -> Decision:
    """Whether the role exists and its trust policy allows the service to assume it.

    aws:SourceAccount is the role's own account unless `context` overrides it.
    """
    refusal = _REFUSALS.get(service, f"{service} is not authorized to assume the role {{role}}")
    denied = Decision(
        service, "sts:AssumeRole", role_arn, allowed=False, message=refusal.format(role=role_arn)
    )
    role = identities.find_role(role_arn)
    if role is None:
        return denied
    policy = identities.trust(role)
    verdict = evaluate(
        [policy],
        action="sts:AssumeRole",
        resource=role_arn,
        context={
            "aws:SourceAccount": split(role_arn)[1],
            "aws:PrincipalServiceName": service,
            **context,
        },
        names_principal=lambda element: service_named_by(service, element),
    )
    if not verdict.allowed:
        return denied
    return Decision(
        service, "sts:AssumeRole", role_arn, allowed=True, policy=verdict.policy, sid=verdict.sid
    )
