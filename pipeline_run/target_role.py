"""Build the template of a target role with only the permissions that it needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pipeline_run.grants import statements

ROLE_NAME = "codepipeline-orchestrator-target"
EXTERNAL_ID = "codepipeline-orchestrator"


def template(
    *,
    pipelines: Iterable[str],
    actions: Iterable[str],
    orchestrator_role: str,
    external_id: str = EXTERNAL_ID,
    role_name: str = ROLE_NAME,
) -> dict[str, Any]:
    """The CloudFormation template to deploy in the pipelines' account."""
    names = list(pipelines)
    # any Region, as in target-role.yaml
    arns = [
        {"Fn::Sub": f"arn:${{AWS::Partition}}:codepipeline:*:${{AWS::AccountId}}:{name}"}
        for name in names
    ]
    policy = {"Version": "2012-10-17", "Statement": statements(actions, arns)}
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": role_name,
            "Description": f"Access for codepipeline-orchestrator to {', '.join(names)}."[:1000],
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [trust(orchestrator_role, external_id)],
            },
            "Policies": [{"PolicyName": "TargetPipelines", "PolicyDocument": policy}],
        },
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Role through which codepipeline-orchestrator reaches target pipelines.",
        "Resources": {"TargetRole": role},
        "Outputs": {"RoleArn": {"Value": {"Fn::GetAtt": ["TargetRole", "Arn"]}}},
    }


def trust(orchestrator_role: str, external_id: str) -> dict[str, Any]:
    """The role's trust statement, which matches role names the way target-role.yaml does."""
    _, partition, _, _, account, _ = orchestrator_role.split(":", 5)
    return {
        "Sid": "OnlyTheOrchestrator",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "ArnLike": {"aws:PrincipalArn": orchestrator_role},
            "StringEquals": {"sts:ExternalId": external_id},
        },
    }
