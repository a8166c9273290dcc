"""Describes templates and resources in the form that CloudFormation's API returns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.cloudformation.resources.resources import capability
from codepipeline_sandbox.cloudformation.templates.reading import read
from codepipeline_sandbox.cloudformation.templates.transform import transforms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.cloudformation.stacks.stack_state import StackState


def of_template(text: str) -> dict[str, Any]:
    """A template as GetTemplateSummary and ValidateTemplate describe it."""
    template = read(text)
    needed = capability(template, ())
    kinds = [resource["Type"] for resource in template["Resources"].values()]
    named = ", ".join(sorted({kind for kind in kinds if kind.startswith("AWS::IAM::")}))
    return {
        "Description": template.get("Description"),
        "Parameters": [_parameter(*each) for each in template.get("Parameters", {}).items()],
        "Capabilities": [needed] if needed else [],
        "CapabilitiesReason": f"The following resource(s) require capabilities: [{named}]"
        if needed
        else None,
        "ResourceTypes": kinds,
        "Version": template.get("AWSTemplateFormatVersion"),
        "Metadata": json.dumps(template["Metadata"]) if "Metadata" in template else None,
        "DeclaredTransforms": transforms(template),
    }


def _parameter(name: str, declared: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "ParameterKey": name,
        "DefaultValue": declared.get("Default"),
        "ParameterType": declared["Type"],
        "NoEcho": declared.get("NoEcho", False),
        "Description": declared.get("Description"),
        "ParameterConstraints": {"AllowedValues": declared.get("AllowedValues", [])},
    }


def of_resource(stack: StackState, name: str) -> dict[str, Any]:
    """A resource of a stack as DescribeStackResources and ListStackResources describe it."""
    latest = stack.journal.resources[name]
    return {
        "StackName": stack.name,
        "StackId": stack.stack_id,
        "LogicalResourceId": name,
        "PhysicalResourceId": latest.physical_resource_id,
        "ResourceType": latest.resource_type,
        "ResourceStatus": latest.resource_status,
        "ResourceStatusReason": latest.resource_status_reason,
        "Timestamp": latest.timestamp,
        "LastUpdatedTimestamp": latest.timestamp,
    }
