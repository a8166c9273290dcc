"""AWS::CodePipeline::Pipeline, which moto's CloudFormation does not support.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codepipeline-pipeline.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from moto.cloudformation.exceptions import ValidationError
from moto.core.exceptions import JsonRESTError
from moto.core.utils import camelcase_to_underscores

from codepipeline_sandbox.codepipeline import resource_properties
from codepipeline_sandbox.codepipeline.api import pipeline_operations, transition_operations
from codepipeline_sandbox.codepipeline.models import codepipeline_backends
from codepipeline_sandbox.codepipeline.resource_properties import TYPE
from codepipeline_sandbox.kernel.stack_resource import StackResource

if TYPE_CHECKING:
    from codepipeline_sandbox.codepipeline.models import CodePipelineBackend


class PipelineResource(StackResource):
    """A pipeline as a resource in a stack. Ref returns the pipeline's name."""

    resource_type = TYPE
    backends = codepipeline_backends
    name_property = "Name"
    maximum_name = 100
    attributes = frozenset({"Version"})

    @classmethod
    def create(cls, backend: CodePipelineBackend, name: str, properties: dict[str, Any]) -> Self:
        """Create the pipeline. If CodePipeline refuses, the stack fails with its message."""
        caller = f"arn:{backend.partition}:iam::{backend.account_id}:root"
        try:
            request = resource_properties.request(properties, name)
            closed = resource_properties.closed(properties, name)
            answer = pipeline_operations.create_pipeline(backend, **request, caller=caller)
            _close(backend, closed, caller)
        except JsonRESTError as error:
            raise ValidationError(message=error.message) from error
        return cls(name, Version=str(answer["pipeline"]["version"]))

    def update(self, backend: CodePipelineBackend, properties: dict[str, Any]) -> None:
        """Refuse the update, which the sandbox does not support."""
        del backend, properties
        name = self.physical_resource_id
        raise ValidationError(message=f"The sandbox cannot update the {TYPE} {name}")

    def delete_from(self, backend: CodePipelineBackend) -> None:
        """Delete the pipeline."""
        pipeline_operations.delete_pipeline(backend, name=self.physical_resource_id)


def _close(backend: CodePipelineBackend, requests: list[dict[str, Any]], caller: str) -> None:
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
