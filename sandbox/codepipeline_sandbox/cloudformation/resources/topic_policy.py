"""AWS::SNS::TopicPolicy, which moto's CloudFormation does not support."""

from __future__ import annotations

import json
from typing import Any, Self

from moto.sns.models import sns_backends

from codepipeline_sandbox.kernel.stack_resource import StackResource

TYPE = "AWS::SNS::TopicPolicy"
PROPERTIES = frozenset({"PolicyDocument", "Topics"})


class TopicPolicyResource(StackResource):
    """A policy for SNS topics, as a stack resource."""

    resource_type = TYPE
    backends = sns_backends

    @classmethod
    def create(cls, backend: Any, name: str, properties: dict[str, Any]) -> Self:
        """Put the policy on each topic, replacing the topic's previous policy."""
        for arn in properties["Topics"]:
            backend.get_topic(arn).policy = json.dumps(properties["PolicyDocument"])
        return cls(name)

    def delete_from(self, backend: Any) -> None:
        """Do nothing. As on AWS, a topic keeps the policy until the topic is deleted."""


install = TopicPolicyResource.install
