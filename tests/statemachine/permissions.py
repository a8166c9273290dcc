from __future__ import annotations

import json
from typing import TYPE_CHECKING

from playground.company import REGION, TOOLS

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

    from playground.company import Company


def put_role_policy(
    iam: IAMClient, role: str, action: str, *, effect: str = "Allow", resource: str = "*"
) -> None:
    statement = {"Effect": effect, "Action": action, "Resource": resource}
    iam.put_role_policy(
        RoleName=role,
        PolicyName=effect + action.replace(":", "-"),
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def create_service_role(iam: IAMClient, name: str, service: str) -> str:
    principal = {"Service": f"{service}.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    return iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]


def take_from_codepipeline_job(company: Company, action: str) -> None:
    iam = company.cloud.session(TOOLS, REGION).client("iam")
    put_role_policy(iam, company.stack.resource("CodePipelineJobRole"), action, effect="Deny")
