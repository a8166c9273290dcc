"""AWS::SNS::TopicPolicy, which moto's CloudFormation does not know."""

from __future__ import annotations

import json
from typing import Any

from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel
from moto.sns.models import sns_backends

TYPE = "AWS::SNS::TopicPolicy"
PROPERTIES = frozenset({"PolicyDocument", "Topics"})


class TopicPolicyResource(CloudFormationModel):  # type: ignore[misc]
    """The policy of topics as a resource of a stack."""

    def __init__(self, name: str) -> None:
        self.physical_resource_id = name

    @staticmethod
    def cloudformation_type() -> str:
        """The resource's type."""
        return TYPE

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> TopicPolicyResource:
        """Give each of the topics the policy, in place of the one that it has."""
        properties = cloudformation_json["Properties"]
        for arn in properties["Topics"]:
            topic = sns_backends[account_id][region_name].get_topic(arn)
            topic.policy = json.dumps(properties["PolicyDocument"])
        return cls(resource_name)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: TopicPolicyResource,
        new_resource_name: str,  # noqa: ARG003 - moto's signature
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> TopicPolicyResource:
        """Replace the policy."""
        name = original_resource.physical_resource_id
        return cls.create_from_cloudformation_json(
            name, cloudformation_json, account_id, region_name
        )

    def delete(self, account_id: str, region_name: str) -> None:
        """Nothing: a topic keeps the policy until it goes itself, as on AWS."""


def install() -> None:
    """Let stacks have this resource."""
    parsing.get_model_map()[TYPE] = TopicPolicyResource
