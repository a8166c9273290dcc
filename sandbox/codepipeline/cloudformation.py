"""AWS::CodePipeline::Pipeline, which moto's CloudFormation does not know.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codepipeline-pipeline.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import UnformattedGetAttTemplateException, ValidationError
from moto.core.common_models import CloudFormationModel
from moto.core.exceptions import JsonRESTError
from moto.core.utils import camelcase_to_underscores

from sandbox.codepipeline import (
    models,
    pipeline_operations,
    resource_properties,
    transition_operations,
)
from sandbox.codepipeline.resource_properties import PROPERTIES, TYPE

if TYPE_CHECKING:
    from sandbox.codepipeline.models import CodePipelineBackend

__all__ = ["PROPERTIES", "PipelineResource", "install"]

MAXIMUM_NAME = 100


class PipelineResource(CloudFormationModel):  # type: ignore[misc]
    """A pipeline as a resource of a stack; Ref is its name."""

    def __init__(self, name: str, version: int) -> None:
        self.physical_resource_id = name
        self._version = version

    @staticmethod
    def cloudformation_name_type() -> str:
        """The property that names the resource."""
        return "Name"

    @staticmethod
    def cloudformation_type() -> str:
        """The resource's type."""
        return TYPE

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Whether Fn::GetAtt knows the attribute."""
        return attr == "Version"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """The value of Fn::GetAtt."""
        if not self.has_cfn_attr(attribute_name):
            raise UnformattedGetAttTemplateException
        return str(self._version)

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> PipelineResource:
        """Create the pipeline; the stack fails with what CodePipeline says."""
        properties = cloudformation_json.get("Properties", {})
        # CloudFormation shortens the names that it makes.
        name = properties.get("Name", resource_name[-MAXIMUM_NAME:].lstrip("-"))
        backend = _backend(account_id, region_name)
        caller = f"arn:{backend.partition}:iam::{account_id}:root"
        try:
            request = resource_properties.request(properties, name)
            closed = resource_properties.closed(properties, name)
            answer = pipeline_operations.create_pipeline(backend, **request, caller=caller)
            _close(backend, closed, caller)
        except JsonRESTError as error:
            raise ValidationError(message=error.message) from error
        return cls(name, answer["pipeline"]["version"])

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: PipelineResource,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> PipelineResource:
        """Refuse: the sandbox updates no stacks."""
        del new_resource_name, cloudformation_json, account_id, region_name
        name = original_resource.physical_resource_id
        raise ValidationError(message=f"The sandbox cannot update the {TYPE} {name}")

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the pipeline."""
        backend = _backend(account_id, region_name)
        pipeline_operations.delete_pipeline(backend, name=self.physical_resource_id)


def _close(backend: CodePipelineBackend, requests: list[dict[str, Any]], caller: str) -> None:
    """Disable the transitions; a pipeline of which that cannot be done is not left behind."""
    for request in requests:
        try:
            transition_operations.disable_stage_transition(
                backend,
                **{camelcase_to_underscores(name): value for name, value in request.items()},
                caller=caller,
            )
        except JsonRESTError:
            pipeline_operations.delete_pipeline(backend, name=request["pipelineName"])
            raise


def _backend(account_id: str, region: str) -> CodePipelineBackend:
    backend: CodePipelineBackend = models.codepipeline_backends[account_id][region]
    return backend


def install() -> None:
    """Let stacks have this resource."""
    parsing.get_model_map()[TYPE] = PipelineResource
    parsing.get_name_type_map()[TYPE] = PipelineResource.cloudformation_name_type()
