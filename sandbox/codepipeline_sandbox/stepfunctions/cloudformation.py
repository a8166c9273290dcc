"""AWS::StepFunctions::StateMachine, including the substitutions that moto does not support."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException, ValidationError
from moto.core.exceptions import ServiceException
from moto.stepfunctions import models as moto_stepfunctions
from moto.stepfunctions.utils import cfn_to_api_tags

from codepipeline_sandbox.stepfunctions.resource_properties import (
    PROPERTIES,
    as_in_the_api,
    definition,
    supported,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PROPERTIES", "StateMachine"]

MAXIMUM_NAME = 80


class StateMachine(moto_stepfunctions.StateMachine):  # type: ignore[misc]
    """A state machine as a resource in a stack."""

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Whether Fn::GetAtt supports the attribute."""
        return attr in {"Arn", "Name"}

    def get_cfn_attribute(self, attribute_name: str) -> Any:
        """The value of Fn::GetAtt."""
        if not self.has_cfn_attr(attribute_name):
            raise UnformattedGetAttTemplateException
        return self.arn if attribute_name == "Arn" else self.name

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> Any:
        """Create the state machine."""
        with _refusals():
            properties = supported(cloudformation_json["Properties"])
            return _backend(account_id, region_name).create_state_machine(
                properties.get("StateMachineName", resource_name[-MAXIMUM_NAME:]),
                definition(properties, account_id, region_name),
                properties["RoleArn"],
                tags=cfn_to_api_tags(properties.get("Tags", [])),
                encryptionConfiguration=as_in_the_api(properties.get("EncryptionConfiguration")),
                loggingConfiguration=as_in_the_api(properties.get("LoggingConfiguration")),
                tracingConfiguration=as_in_the_api(properties.get("TracingConfiguration")),
                sm_type=properties.get("StateMachineType"),
            )

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Any:
        """Update the state machine, or create a new one if the name changes."""
        properties = cloudformation_json["Properties"]
        backend = _backend(account_id, region_name)
        if properties.get("StateMachineName", original_resource.name) != original_resource.name:
            created = cls.create_from_cloudformation_json(
                new_resource_name, cloudformation_json, account_id, region_name
            )
            backend.delete_state_machine(original_resource.arn)
            return created
        with _refusals():
            state_machine = backend.update_state_machine(
                original_resource.arn,
                definition=definition(supported(properties), account_id, region_name),
                role_arn=properties["RoleArn"],
                encryption_configuration=as_in_the_api(properties.get("EncryptionConfiguration")),
                logging_configuration=as_in_the_api(properties.get("LoggingConfiguration")),
                tracing_configuration=as_in_the_api(properties.get("TracingConfiguration")),
                sm_type=properties.get("StateMachineType"),
            )
        backend.tagger.tag_resource(state_machine.arn, cfn_to_api_tags(properties.get("Tags", [])))
        return state_machine

    @classmethod
    def delete_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],  # noqa: ARG003 - moto's signature
        account_id: str,
        region_name: str,
    ) -> None:
        """Delete the state machine. Its physical id is its ARN."""
        _backend(account_id, region_name).delete_state_machine(resource_name)


@contextmanager
def _refusals() -> Iterator[None]:
    """Convert errors from Step Functions into CloudFormation errors."""
    try:
        yield
    except ServiceException as error:
        raise ValidationError(message=error.message) from error


def _backend(account_id: str, region: str) -> Any:
    # Looks up our backend in moto, because importing it here would be circular.
    return moto_stepfunctions.stepfunctions_backends[account_id][region]
