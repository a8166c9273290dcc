"""A small company in the sandbox: accounts, a deployed product, target roles and pipelines.

The demonstration and many tests use it as their starting point.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.awslambda import modules
from codepipeline_sandbox.cloudformation import deploy
from codepipeline_sandbox.codepipeline import Act, script
from playground import pipeline_role
from playground.accounts import REGION, ROOT, SECOND, TARGET_ROLE, THIRD, TOOLS
from playground.source_stage import SOURCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_stepfunctions import SFNClient

    from codepipeline_sandbox.cloud import Cloud

__all__ = ["REGION", "ROOT", "SECOND", "TARGET_ROLE", "THIRD", "TOOLS", "Action", "Company"]

# The parts of the product that have no state and import nothing else of the product.
SHARED = tuple(
    f"codepipeline_orchestrator.{name}" for name in ("errors", "input", "messages", "model", "text")
)
modules.share(*SHARED)


@dataclass(frozen=True)
class Action:
    """A pipeline's action and its script. An approval without a script waits for an answer."""

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


class Company:
    """A cloud's accounts, with the product deployed in the tools account."""

    def __init__(
        self, cloud: Cloud, *, targets: Sequence[str] = (SECOND, THIRD), **parameters: str
    ) -> None:
        """Deploy the product, and a target role in each target account.

        `parameters` are the parameters of the product's template. If they include EventSenders, the
        target accounts forward their events.
        """
        self.cloud = cloud
        role_name = parameters.pop("TargetRoleName", TARGET_ROLE)
        roles = ",".join(f"arn:aws:iam::{account}:role/{role_name}" for account in targets)
        self.stack = deploy(
            cloud,
            ROOT / "template.yaml",
            account_id=TOOLS,
            region=REGION,
            stack_name="orchestrator",
            parameters={"AllowedTargetRoleArns": roles, **parameters},
        )
        self.target_roles = {
            account: deploy(
                cloud,
                ROOT / "target-role.yaml",
                account_id=account,
                region=REGION,
                stack_name="orchestrator-target",
                parameters={
                    "OrchestratorRoleArn": self.stack.outputs["TargetAccessRoleArn"],
                    "PipelineNames": "*",
                    "RoleName": role_name,
                    "EventBusArn": self.stack.outputs.get("EventBusArn", ""),
                },
                capabilities=("CAPABILITY_NAMED_IAM",),
            ).outputs["RoleArn"]
            for account in targets
        }

    @property
    def state_machine(self) -> str:
        """The ARN of the state machine."""
        return self.stack.outputs["StateMachineArn"]

    def codepipeline(self, account: str = TOOLS, region: str = REGION) -> CodePipelineClient:
        """A CodePipeline client with the permissions of an account's administrator."""
        return self.cloud.session(account, region).client("codepipeline")

    def stepfunctions(self) -> SFNClient:
        """A Step Functions client with the permissions of the tools account's administrator."""
        return self.cloud.session(TOOLS, REGION).client("stepfunctions")

    def add_pipeline(
        self,
        name: str,
        stages: Mapping[str, Sequence[Action]],
        *,
        account: str = TOOLS,
        region: str = REGION,
        **more: Any,
    ) -> None:
        """Create a pipeline with these stages after a source stage, and script its actions."""
        for stage, actions in stages.items():
            for action in actions:
                if action.scripted:
                    script(account, region, name, stage, action.name, action.acts)
        declaration: Any = {
            "name": name,
            "roleArn": self.pipeline_role(account),
            "artifactStore": {"type": "S3", "location": f"artifacts-{account}"},
            "pipelineType": "V2",
            "stages": [
                SOURCE,
                *(
                    {"name": stage, "actions": [action.declaration() for action in actions]}
                    for stage, actions in stages.items()
                ),
            ],
            **more,
        }
        self.codepipeline(account, region).create_pipeline(pipeline=declaration)

    def waiting_action(self, name: str, user_parameters: str | Mapping[str, Any]) -> Action:
        """Declare a Lambda invoke action that uses the product to run a target."""
        text = user_parameters if isinstance(user_parameters, str) else json.dumps(user_parameters)
        return Action(
            name,
            provider="Lambda",
            namespace=f"{name}Result",
            configuration={
                "FunctionName": self.stack.outputs["CodePipelineJobFunctionName"],
                "UserParameters": text,
            },
        )

    def start(self, name: str, *, account: str = TOOLS, region: str = REGION, **more: Any) -> str:
        """Start a pipeline as the account's administrator and return the execution's id."""
        started = self.codepipeline(account, region).start_pipeline_execution(name=name, **more)
        return started["pipelineExecutionId"]

    def action(self, pipeline: str, action: str, *, account: str = TOOLS) -> dict[str, Any]:
        """Return the newest run of an action from ListActionExecutions."""
        pages = self.codepipeline(account).get_paginator("list_action_executions")
        for page in pages.paginate(pipelineName=pipeline):
            for detail in page["actionExecutionDetails"]:
                if detail["actionName"] == action:
                    return dict(detail)
        raise LookupError(f"{pipeline} has not reached {action}")

    def pipeline_role(self, account: str) -> str:
        """The ARN of the account's pipeline role, which is allowed to use the product."""
        return pipeline_role.arn(self.cloud, account, self._invoking_policy())

    def _invoking_policy(self) -> dict[str, Any]:
        executions = self.state_machine.replace(":stateMachine:", ":execution:")
        return {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "lambda:InvokeFunction",
                    "Resource": self.stack.outputs["CodePipelineJobFunctionArn"],
                },
                {
                    "Effect": "Allow",
                    "Action": ["states:StartExecution", "states:DescribeStateMachine"],
                    "Resource": self.state_machine,
                },
                {
                    "Effect": "Allow",
                    "Action": "states:DescribeExecution",
                    "Resource": f"{executions}:*",
                },
            ],
        }
