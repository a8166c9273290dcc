"""The action types that CodePipeline supports, with their configuration and artifact limits.

https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

AWS_PROVIDERS = {
    "Source": {"S3", "CodeCommit", "CodeStarSourceConnection", "ECR"},
    "Build": {"CodeBuild", "ECRBuildAndPublish"},
    "Test": {"CodeBuild", "DeviceFarm"},
    "Deploy": {
        "AppConfig",
        "CloudFormation",
        "CloudFormationStackInstances",
        "CloudFormationStackSet",
        "CodeDeploy",
        "CodeDeployToECS",
        "EC2",
        "ECS",
        "EKS",
        "ElasticBeanstalk",
        "Lambda",
        "OpsWorks",
        "S3",
        "ServiceCatalog",
    },
    "Invoke": {"CodePipeline", "InspectorScan", "Lambda", "StepFunctions"},
    "Approval": {"Manual"},
    "Compute": {"Commands"},
}
THIRD_PARTY_PROVIDERS = {
    "Source": {"GitHub"},
    "Build": {"CloudBees", "TeamCity"},
    "Test": {"BlazeMeter", "Ghost Inspector", "MicroFocus StormRunner Load"},
    "Deploy": {"XebiaLabs"},
}
# Action types that only V2 pipelines can use.
V2_ONLY = {("Invoke", "AWS", "CodePipeline")}


@dataclass(frozen=True)
class Configuration:
    """The required and optional configuration keys of an action type."""

    required: frozenset[str]
    optional: frozenset[str]


CONFIGURATIONS = {
    "CodePipeline": Configuration(
        frozenset({"PipelineName"}), frozenset({"SourceRevisions", "Variables"})
    ),
    "Lambda": Configuration(frozenset({"FunctionName"}), frozenset({"UserParameters"})),
    "StepFunctions": Configuration(
        frozenset({"StateMachineArn"}), frozenset({"ExecutionNamePrefix", "InputType", "Input"})
    ),
    "Manual": Configuration(
        frozenset(), frozenset({"NotificationArn", "CustomData", "ExternalEntityLink"})
    ),
}

# The maximum numbers of input and output artifacts, by category.
MOST_ARTIFACTS = {"Source": (0, 1), "Approval": (0, 0), "Invoke": (5, 5)}
NO_ARTIFACTS = {("Invoke", "AWS", "CodePipeline")}


def known(type_id: Mapping[str, str]) -> bool:
    """Whether the action type exists. Custom types are assumed to exist."""
    category, owner, provider = type_id["category"], type_id["owner"], type_id["provider"]
    if owner == "Custom":
        return True
    providers = AWS_PROVIDERS if owner == "AWS" else THIRD_PARTY_PROVIDERS
    versions = {"1", "2"} if (owner, provider) == ("ThirdParty", "GitHub") else {"1"}
    return provider in providers.get(category, set()) and type_id["version"] in versions


def key_of(type_id: Mapping[str, str]) -> tuple[str, str, str]:
    """The action type's category, owner and provider."""
    return type_id["category"], type_id["owner"], type_id["provider"]


def most_artifacts(type_id: Mapping[str, str]) -> tuple[int, int] | None:
    """The maximum numbers of input and output artifacts for an action type, if known."""
    return (0, 0) if key_of(type_id) in NO_ARTIFACTS else MOST_ARTIFACTS.get(type_id["category"])


def configuration_of(action: Mapping[str, Any]) -> Configuration | None:
    """The configuration keys of the action's type, or None if they are not known."""
    type_id = action["actionTypeId"]
    known_ones = type_id["owner"] == "AWS" and type_id["category"] in {"Approval", "Invoke"}
    return CONFIGURATIONS.get(type_id["provider"]) if known_ones else None
