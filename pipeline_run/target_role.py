"""The CloudFormation of a target role: no more than the named pipelines and features need."""

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
    """The template, to be deployed in the account of the pipelines."""
    names = list(pipelines)
    # In any Region, as target-role.yaml has it.
    arns = [
        {"Fn::Sub": f"arn:${{AWS::Partition}}:codepipeline:*:${{AWS::AccountId}}:{name}"}
        for name in names
    ]
    policy = {"Version": "2012-10-17", "Statement": statements(actions, arns)}
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": role_name,
            "Description": f"Lets codepipeline-orchestrator run {', '.join(names)}."[:1000],
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [trust(orchestrator_role, external_id)],
            },
            "Policies": [{"PolicyName": "TargetPipelines", "PolicyDocument": policy}],
        },
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The role next to target pipelines of codepipeline-orchestrator.",
        "Resources": {"TargetRole": role},
        "Outputs": {"RoleArn": {"Value": {"Fn::GetAtt": ["TargetRole", "Arn"]}}},
    }


def trust(orchestrator_role: str, external_id: str) -> dict[str, Any]:
    """The statement of the role's trust policy; it compares names, as target-role.yaml does."""
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
