"""Creates pipelines with the roles that they need, and reports how their actions ended."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline import Act, script
from codepipeline_sandbox.kernel.here import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_codepipeline import CodePipelineClient

    from codepipeline_sandbox.kernel.here import Cloud

SOURCE_STAGE: dict[str, Any] = {
    "name": "Source",
    "actions": [
        {
            "name": "Checkout",
            "actionTypeId": {
                "category": "Source",
                "owner": "AWS",
                "provider": "CodeCommit",
                "version": "1",
            },
            "configuration": {"RepositoryName": "app", "BranchName": "main"},
            "outputArtifacts": [{"name": "App"}],
        }
    ],
}
ALLOW_ALL: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
_ROLE = "pipeline-service-role"
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


@dataclass(frozen=True)
class Action:
    """A pipeline's action and its script. Approvals without a script wait for PutApprovalResult."""

    name: str
    acts: Sequence[Act] = (Act(),)
    provider: str = "CodeBuild"
    configuration: Mapping[str, str] | None = None
    namespace: str | None = None

    def declaration(self) -> dict[str, Any]:
        """Build the action's declaration for CreatePipeline."""
        category = {"Lambda": "Invoke", "StepFunctions": "Invoke", "Manual": "Approval"}
        type_id = {
            "category": category.get(self.provider, "Build"),
            "owner": "AWS",
            "provider": self.provider,
            "version": "1",
        }
        configuration = self.configuration or ({"ProjectName": self.name} if self._builds else {})
        return {
            "name": self.name,
            "actionTypeId": type_id,
            "configuration": dict(configuration),
            **({"inputArtifacts": [{"name": "App"}]} if self._builds else {}),
            **({"namespace": self.namespace} if self.namespace else {}),
        }

    @property
    def scripted(self) -> bool:
        """Whether the action follows a script. Invoke actions call the real service instead."""
        return bool(self.acts) and self.provider not in {"Lambda", "StepFunctions"}

    @property
    def _builds(self) -> bool:
        return self.provider == "CodeBuild"


class Pipeline:
    """A pipeline, used with the permissions of its account's administrator."""

    def __init__(self, client: CodePipelineClient, name: str) -> None:
        self.name = name
        self._client = client

    def start(self, **more: Any) -> str:
        """Start the pipeline and return the execution's id.

        `more` can contain the other parameters of StartPipelineExecution.
        """
        started = self._client.start_pipeline_execution(name=self.name, **more)
        return started["pipelineExecutionId"]

    def action(self, name: str) -> dict[str, Any]:
        """Return the newest run of an action from ListActionExecutions.

        Raises LookupError if no execution has reached the action.
        """
        pages = self._client.get_paginator("list_action_executions")
        for page in pages.paginate(pipelineName=self.name):
            for detail in page["actionExecutionDetails"]:
                if detail["actionName"] == name:
                    return dict(detail)
        raise LookupError(f"{self.name} has not reached {name}")


def add_pipeline(
    cloud: Cloud,
    name: str,
    stages: Mapping[str, Sequence[Action]],
    *,
    account_id: str = ACCOUNT,
    region: str = REGION,
    role_policy: Mapping[str, Any] = ALLOW_ALL,
    **more: Any,
) -> Pipeline:
    """Create a pipeline with these stages after a source stage, and script its actions.

    The account's pipeline role is created with `role_policy` if it does not exist. `more` can
    contain other members of the declaration that CreatePipeline accepts.
    """
    for stage, actions in stages.items():
        for action in actions:
            if action.scripted:
                script(account_id, region, name, stage, action.name, action.acts)
    declaration: Any = {
        "name": name,
        "roleArn": pipeline_role(cloud, account_id, role_policy),
        "artifactStore": {"type": "S3", "location": f"artifacts-{account_id}"},
        "pipelineType": "V2",
        "stages": [
            SOURCE_STAGE,
            *(
                {"name": stage, "actions": [action.declaration() for action in actions]}
                for stage, actions in stages.items()
            ),
        ],
        **more,
    }
    client = cloud.session(account_id, region).client("codepipeline")
    client.create_pipeline(pipeline=declaration)
    return Pipeline(client, name)


def pipeline_role(
    cloud: Cloud, account_id: str = ACCOUNT, policy: Mapping[str, Any] = ALLOW_ALL
) -> str:
    """Return the ARN of the account's pipeline role. Create it with this policy if necessary."""
    iam = cloud.session(account_id, REGION).client("iam")
    try:
        return iam.get_role(RoleName=_ROLE)["Role"]["Arn"]
    except iam.exceptions.NoSuchEntityException:
        role = iam.create_role(RoleName=_ROLE, AssumeRolePolicyDocument=json.dumps(_TRUST))
        iam.put_role_policy(
            RoleName=_ROLE, PolicyName="permissions", PolicyDocument=json.dumps(policy)
        )
        return role["Role"]["Arn"]
