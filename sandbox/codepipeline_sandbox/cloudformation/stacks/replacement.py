"""The properties that CloudFormation can only change by replacing the resource.

The sandbox cannot update resources of types that are not listed here.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.cloudformation import parsing

from codepipeline_sandbox.cloudformation.errors import NotSupported

if TYPE_CHECKING:
    from collections.abc import Mapping

CREATE_ONLY: Mapping[str, frozenset[str]] = {
    "AWS::CloudWatch::Alarm": frozenset({"AlarmName"}),
    "AWS::CloudWatch::Dashboard": frozenset({"DashboardName"}),
    "AWS::CodePipeline::Pipeline": frozenset({"Name"}),
    "AWS::DynamoDB::Table": frozenset({"ImportSourceSpecification", "TableName"}),
    "AWS::Events::EventBus": frozenset({"Name"}),
    "AWS::Events::EventBusPolicy": frozenset({"EventBusName", "StatementId"}),
    "AWS::Events::Rule": frozenset({"EventBusName", "Name"}),
    "AWS::IAM::ManagedPolicy": frozenset({"Description", "ManagedPolicyName", "Path"}),
    "AWS::IAM::Policy": frozenset(),
    "AWS::IAM::Role": frozenset({"Path", "RoleName"}),
    "AWS::Lambda::EventInvokeConfig": frozenset({"FunctionName", "Qualifier"}),
    "AWS::Lambda::Function": frozenset({"FunctionName", "PackageType", "TenancyConfig"}),
    "AWS::Lambda::Permission": frozenset(
        {
            "Action",
            "EventSourceToken",
            "FunctionName",
            "FunctionUrlAuthType",
            "InvokedViaFunctionUrl",
            "Principal",
            "PrincipalOrgID",
            "SourceAccount",
            "SourceArn",
        }
    ),
    "AWS::Logs::LogGroup": frozenset({"LogGroupName"}),
    "AWS::Logs::QueryDefinition": frozenset(),
    "AWS::S3::Bucket": frozenset({"BucketName", "BucketNamePrefix", "BucketNamespace"}),
    "AWS::S3::BucketPolicy": frozenset({"Bucket"}),
    "AWS::SNS::Topic": frozenset({"FifoTopic", "TopicName"}),
    "AWS::SNS::TopicPolicy": frozenset(),
    "AWS::Scheduler::Schedule": frozenset({"Name"}),
    "AWS::Scheduler::ScheduleGroup": frozenset({"Name"}),
    "AWS::StepFunctions::StateMachine": frozenset({"StateMachineName", "StateMachineType"}),
}


# The sandbox refuses to update these resources, because moto would replace them.
_ONLY_REPLACED = {
    "AWS::CodePipeline::Pipeline",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
}


def is_needed(kind: str, changed: set[str]) -> bool:
    """Whether changing these properties replaces the resource. Raises NotSupported."""
    needed = bool(changed & CREATE_ONLY.get(kind, frozenset()))
    if kind not in CREATE_ONLY or not (needed or _can_change(kind)):
        raise NotSupported(f"the sandbox does not support updates of {kind}")
    return needed


def _can_change(kind: str) -> bool:
    method = parsing.get_model_map()[kind].update_from_cloudformation_json
    return kind not in _ONLY_REPLACED and not hasattr(method, "__isabstractmethod__")


def name_of(resource: Mapping[str, Any]) -> Any:
    """The name that the template gives to a resource, or None if CloudFormation generates it."""
    named = parsing.resource_name_property_from_type(resource["Type"])
    return resource["Properties"].get(named or "")
