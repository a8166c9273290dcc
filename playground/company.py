"""A small company in the sandbox: accounts, a deployed product, target roles and pipelines.

The demonstration and many tests use it as their starting point.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.awslambda import modules
from codepipeline_sandbox.cloudformation import deploy
from codepipeline_sandbox.pipelines import Action, Pipeline, add_pipeline, pipeline_role
from playground.accounts import REGION, ROOT, SECOND, TARGET_ROLE, THIRD, TOOLS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_stepfunctions import SFNClient

    from codepipeline_sandbox.cloud import Cloud

__all__ = ["REGION", "ROOT", "SECOND", "TARGET_ROLE", "THIRD", "TOOLS", "Action", "Company"]

# The parts of the product that have no state and import no other part of the product.
SHARED = tuple(
    f"codepipeline_orchestrator.{name}"
    for name in ("aws.answers", "errors", "input", "messages", "model", "text")
)
modules.share(*SHARED)


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
        add_pipeline(
            self.cloud,
            name,
            stages,
            account_id=account,
            region=region,
            role_policy=self._invoking_policy(),
            **more,
        )

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
        """Start a pipeline as the account's administrator and return the execution's ID."""
        return Pipeline(self.codepipeline(account, region), name).start(**more)

    def action(self, pipeline: str, action: str, *, account: str = TOOLS) -> dict[str, Any]:
        """Return the newest run of an action from ListActionExecutions."""
        return Pipeline(self.codepipeline(account), pipeline).action(action)

    def pipeline_role(self, account: str) -> str:
        """The ARN of the account's pipeline role, which is allowed to use the product."""
        return pipeline_role(self.cloud, account, self._invoking_policy())

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
