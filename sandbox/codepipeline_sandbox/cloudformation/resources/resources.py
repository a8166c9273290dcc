"""Checks a template's resources, and determines which capability they require."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.cloudformation import parsing

from codepipeline_sandbox.awslambda.properties import PROPERTIES as FUNCTION_PROPERTIES
from codepipeline_sandbox.cloudformation.errors import NotSupported
from codepipeline_sandbox.cloudformation.resources import (
    bucket_policy,
    log_group,
    role,
    topic_policy,
)
from codepipeline_sandbox.cloudwatch import alarm, query_definition
from codepipeline_sandbox.codepipeline.resource_properties import PROPERTIES as PIPELINE_PROPERTIES
from codepipeline_sandbox.dynamodb import table
from codepipeline_sandbox.eventbridge import buses, rule_resource
from codepipeline_sandbox.scheduler import schedule_group
from codepipeline_sandbox.scheduler.schedule_resource import PROPERTIES as SCHEDULE_PROPERTIES
from codepipeline_sandbox.stepfunctions.cloudformation import PROPERTIES as STATE_MACHINE_PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


# The supported properties by resource type. Types that are not listed support all properties.
_PROPERTIES: Mapping[str, frozenset[str]] = {
    role.TYPE: role.PROPERTIES,
    "AWS::CodePipeline::Pipeline": PIPELINE_PROPERTIES,
    "AWS::Lambda::Function": FUNCTION_PROPERTIES,
    alarm.TYPE: alarm.PROPERTIES,
    bucket_policy.TYPE: bucket_policy.PROPERTIES,
    buses.BUS: buses.BUS_PROPERTIES,
    buses.POLICY: buses.POLICY_PROPERTIES,
    log_group.TYPE: log_group.PROPERTIES,
    query_definition.TYPE: query_definition.PROPERTIES,
    rule_resource.TYPE: rule_resource.PROPERTIES,
    schedule_group.TYPE: schedule_group.PROPERTIES,
    table.TYPE: table.PROPERTIES,
    topic_policy.TYPE: topic_policy.PROPERTIES,
    "AWS::Scheduler::Schedule": SCHEDULE_PROPERTIES,
    "AWS::StepFunctions::StateMachine": STATE_MACHINE_PROPERTIES,
}


# moto would deploy nested stacks without the sandbox's checks.
_REFUSED = {*parsing.NULL_MODELS, "AWS::CloudFormation::Stack"}
_NAMES = {
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
}


def check(template: Mapping[str, Any]) -> None:
    """Raise NotSupported for a resource that the sandbox cannot deploy."""
    for logical_id, resource in template["Resources"].items():
        kind = resource["Type"]
        if kind in _REFUSED or kind not in parsing.get_model_map():
            raise NotSupported(f"{logical_id}: the sandbox does not support {kind}")
        properties = resource.get("Properties", {})
        if unknown := sorted(set(properties) - _PROPERTIES.get(kind, frozenset(properties))):
            raise NotSupported(f"{logical_id}: the sandbox does not support {unknown} of {kind}")


def capability(template: Mapping[str, Any], given: Collection[str]) -> str | None:
    """The capability that the template needs and the caller did not give, or None."""
    needed = {
        "CAPABILITY_NAMED_IAM"
        if _NAMES.get(resource["Type"]) in resource.get("Properties", {})
        else "CAPABILITY_IAM"
        for resource in template["Resources"].values()
        if resource["Type"].startswith("AWS::IAM::")
    }
    if "CAPABILITY_NAMED_IAM" in given or not needed:
        return None
    if "CAPABILITY_NAMED_IAM" in needed:
        return "CAPABILITY_NAMED_IAM"
    return None if "CAPABILITY_IAM" in given else "CAPABILITY_IAM"
