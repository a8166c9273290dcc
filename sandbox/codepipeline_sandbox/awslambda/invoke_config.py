"""AWS::Lambda::EventInvokeConfig, which moto's CloudFormation does not support."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import lambda_backends

from codepipeline_sandbox.kernel.stack_resource import StackResource

TYPE = "AWS::Lambda::EventInvokeConfig"
_SETTINGS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")


class EventInvokeConfigResource(StackResource):
    """A function's settings for asynchronous invocations, as a resource in a stack."""

    resource_type = TYPE

    def __init__(self, function_name: str, qualifier: str) -> None:
        super().__init__(f"{function_name}|{qualifier}")
        self.function_name = function_name

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,  # noqa: ARG003 - moto's signature
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> EventInvokeConfigResource:
        """Store the settings."""
        properties = cloudformation_json["Properties"]
        config = {name: properties[name] for name in _SETTINGS if name in properties}
        for name in _SETTINGS[:2]:
            if name in config:  # CloudFormation passes parameter values as strings.
                config[name] = int(config[name])
        name = properties["FunctionName"]
        lambda_backends[account_id][region_name].put_function_event_invoke_config(name, config)
        return cls(name, properties["Qualifier"])

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: EventInvokeConfigResource,  # noqa: ARG003 - moto's signature
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> EventInvokeConfigResource:
        """Store the new settings."""
        return cls.create_from_cloudformation_json(
            new_resource_name, cloudformation_json, account_id, region_name
        )

    def delete(self, account_id: str, region_name: str) -> None:
        """Restore Lambda's defaults if the function still exists."""
        backend = lambda_backends[account_id][region_name]
        # moto deletes resources in any order, so it may have deleted the function already.
        with suppress(UnknownFunctionException):
            backend.delete_function_event_invoke_config(self.function_name)
