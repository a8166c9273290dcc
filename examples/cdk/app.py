"""A CDK app with a pipeline that waits for deploy-shop, the role for that target, and a schedule.

Deploy codepipeline-orchestrator first. Its stack in the tools account exports the names below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_codepipeline_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_stepfunctions as stepfunctions

if TYPE_CHECKING:
    from constructs import Construct

ORCHESTRATOR = "codepipeline-orchestrator"  # the name of its stack
TOOLS = cdk.Environment(account="111122223333", region="eu-west-1")  # the account of that stack
SHOP = cdk.Environment(account="222233334444", region="eu-west-1")  # the account of deploy-shop
# The stack's output TargetAccessRoleArn. The "*" replaces the part that CloudFormation generated.
ORCHESTRATOR_ROLE = f"arn:aws:iam::{TOOLS.account}:role/{ORCHESTRATOR}-TargetAccessRole-*"


class TargetRole(cdk.Stack):
    """The role that lets runs start and follow deploy-shop, in that pipeline's account."""

    def __init__(self, scope: Construct, name: str, **kwargs: Any) -> None:
        super().__init__(scope, name, **kwargs)
        self.role = iam.Role(
            self,
            "Role",
            # List the ARN of this name in the orchestrator's parameter AllowedTargetRoleArns.
            role_name="codepipeline-orchestrator-target",
            assumed_by=iam.AccountPrincipal(TOOLS.account).with_conditions(
                {"ArnLike": {"aws:PrincipalArn": ORCHESTRATOR_ROLE}}
            ),
            external_ids=["codepipeline-orchestrator"],
        )
        self.role.add_to_policy(
            # `pipeline-run role --input FILE` prints the actions that an input needs.
            iam.PolicyStatement(
                actions=[
                    "codepipeline:StartPipelineExecution",
                    "codepipeline:GetPipelineExecution",
                    "codepipeline:ListPipelineExecutions",
                    "codepipeline:ListActionExecutions",
                    "codepipeline:GetPipelineState",
                    "codepipeline:StopPipelineExecution",  # for onTimeout
                ],
                resources=[
                    self.format_arn(service="codepipeline", region="*", resource="deploy-shop")
                ],
            )
        )


class Release(cdk.Stack):
    """A pipeline that starts deploy-shop and waits for it, and a schedule."""

    def __init__(
        self, scope: Construct, name: str, *, target_role: iam.IRole, **kwargs: Any
    ) -> None:
        super().__init__(scope, name, **kwargs)
        bucket = s3.Bucket(self, "Packages", versioned=True)
        package = codepipeline.Artifact("Package")
        codepipeline.Pipeline(
            self,
            "Pipeline",
            pipeline_name="release",
            pipeline_type=codepipeline.PipelineType.V2,
            artifact_bucket=bucket,
            stages=[
                codepipeline.StageProps(
                    stage_name="Source",
                    actions=[
                        actions.S3SourceAction(
                            action_name="Package",
                            bucket=bucket,
                            bucket_key="release.zip",
                            output=package,
                            trigger=actions.S3Trigger.NONE,
                        )
                    ],
                ),
                codepipeline.StageProps(
                    stage_name="Deploy",
                    actions=[
                        actions.LambdaInvokeAction(
                            action_name="DeployShop",
                            # With from_function_arn or from_function_attributes, the CDK refuses an
                            # imported ARN, because it must know the function's account.
                            lambda_=lambda_.Function.from_function_name(
                                self, "Wait", imported("CodePipelineJobFunctionName")
                            ),
                            variables_namespace="Shop",
                            user_parameters={
                                "pipelineName": "deploy-shop",
                                "roleArn": target_role.role_arn,
                                "timeoutMinutes": 120,
                                "onTimeout": "stop",
                            },
                        )
                    ],
                ),
            ],
        )
        scheduler.Schedule(
            self,
            "EveryMorning",
            schedule=scheduler.ScheduleExpression.cron(
                minute="0", hour="6", week_day="MON-FRI", time_zone=cdk.TimeZone.EUROPE_BERLIN
            ),
            target=targets.StepFunctionsStartExecution(
                stepfunctions.StateMachine.from_state_machine_arn(
                    self, "Runs", imported("StateMachineArn")
                ),
                input=scheduler.ScheduleTargetInput.from_object(
                    {
                        "pipelineName": "MyFirstPipeline",
                        # Prevents a second start if Scheduler delivers an invocation twice.
                        "clientRequestToken": f"{scheduler.ContextAttribute.schedule_arn} "
                        f"{scheduler.ContextAttribute.scheduled_time}",
                    }
                ),
            ),
        )


def imported(output: str) -> str:
    """The value of an output of the orchestrator's stack."""
    return cdk.Fn.import_value(f"{ORCHESTRATOR}-{output}")


app = cdk.App()
target = TargetRole(app, "ShopTargetRole", env=SHOP)
Release(app, "Release", env=TOOLS, target_role=target.role)
app.synth()
