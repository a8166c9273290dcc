"""SimulatePrincipalPolicy: what a role's own policies say to actions, without anybody's doing them.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.iam.exceptions import NoSuchEntity
from moto.iam.responses import IamResponse

from sandbox.access import identities
from sandbox.access.authorization import authorize


def install() -> None:
    """Let moto's IAM answer it. Idempotent."""
    IamResponse.simulate_principal_policy = _simulate


def _simulate(response: Any) -> ActionResult:
    """Each action on each resource; context keys are none but those of the request."""
    source = response._get_param("PolicySourceArn")  # noqa: SLF001 - as moto's own operations do
    # A role of another account is nobody here.
    if source.split(":")[4] != response.current_account or identities.find_role(source) is None:
        raise NoSuchEntity(f"The entity {source} cannot be found.")
    actions = response._get_param("ActionNames")  # noqa: SLF001 - as above
    resources = response._get_param("ResourceArns", ["*"])  # noqa: SLF001 - as above
    who = identities.principal(source)
    results = [
        {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": "allowed"
            if authorize(who, action, resource, {}).allowed
            else "implicitDeny",
        }
        for action in actions
        for resource in resources
    ]
    return ActionResult({"EvaluationResults": results, "IsTruncated": False})
