"""SimulatePrincipalPolicy, which reports whether a role's own policies allow actions.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult
from moto.iam.exceptions import NoSuchEntity
from moto.iam.responses import IamResponse

from codepipeline_sandbox.iam import identities
from codepipeline_sandbox.iam.authorization import authorize

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.patches import Patches


def install(patches: Patches) -> None:
    """Replace moto's SimulatePrincipalPolicy."""
    patches.attribute(IamResponse, "simulate_principal_policy", _simulate)


def _simulate(response: Any) -> ActionResult:
    source = response._get_param("PolicySourceArn")  # noqa: SLF001 - as moto's own operations do
    # A role in another account counts as missing.
    if source.split(":")[4] != response.current_account or identities.find_role(source) is None:
        raise NoSuchEntity(f"The entity {source} cannot be found.")
    actions = response._get_param("ActionNames")  # noqa: SLF001
    resources = response._get_param("ResourceArns", ["*"])  # noqa: SLF001
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
