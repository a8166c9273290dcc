"""The service role of an account's pipelines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from playground.accounts import REGION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.cloud import Cloud

NAME = "pipeline-service-role"
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "codepipeline.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def arn(cloud: Cloud, account: str, policy: Mapping[str, Any]) -> str:
    """Return the role's ARN. If the role does not exist, create it with this policy."""
    iam = cloud.session(account, REGION).client("iam")
    try:
        return iam.get_role(RoleName=NAME)["Role"]["Arn"]
    except iam.exceptions.NoSuchEntityException:
        role = iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=json.dumps(_TRUST))
        iam.put_role_policy(
            RoleName=NAME, PolicyName="InvokeOrchestrator", PolicyDocument=json.dumps(policy)
        )
        return role["Role"]["Arn"]
