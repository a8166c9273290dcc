"""Extends moto's Lambda function."""

from __future__ import annotations

from typing import Any

from moto.awslambda import models as moto_lambda
from moto.awslambda.exceptions import (
    InvalidParameterValueException,
    UnknownLayerVersionException,
)

from codepipeline_sandbox.awslambda.properties import spec_of


class Function(moto_lambda.LambdaFunction):  # type: ignore[misc]
    """A function that containers can run, with its log settings."""

    def __init__(self, account_id: str, spec: dict[str, Any], region: str, version: str) -> None:
        super().__init__(account_id=account_id, spec=spec, region=region, version=version)
        self.revision = 0  # increases when the code or settings change
        self.logging_config: dict[str, Any] = spec.get("LoggingConfig") or {}
        if group := self.logging_config.get("LogGroup"):
            self.logs_group_name = group
        if self.package_type != "Zip" or not str(self.run_time).startswith("python"):
            raise InvalidParameterValueException(
                f"The sandbox runs Python functions from zip files, not {self.run_time}."
            )

    def _get_layers_data(self, layers_versions_arns: list[str]) -> list[dict[str, Any]]:
        """Accept any layer in another account, such as the public Powertools layer.

        Functions import Powertools and other libraries from this process instead.
        """
        backend = moto_lambda.lambda_backends[self.account_id][self.region]
        layers = []
        for arn in layers_versions_arns:
            own = backend.layers_versions_by_arn(arn) if f":{self.account_id}:" in arn else None
            if own is None and f":{self.account_id}:" in arn:
                raise UnknownLayerVersionException([arn])
            layers.append({"Arn": arn, "CodeSize": own.code_size if own else 0})
        return layers

    def get_configuration(self, on_create: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002
        """The configuration that GetFunctionConfiguration returns."""
        configuration: dict[str, Any] = super().get_configuration(on_create)
        configuration["LoggingConfig"] = {
            "LogFormat": self.logging_config.get("LogFormat", "Text"),
            "LogGroup": self.logs_group_name,
        }
        return configuration

    def update_configuration(self, config_updates: dict[str, Any]) -> dict[str, Any]:
        """Change the settings. Later invocations do not reuse containers with the old settings."""
        if "LoggingConfig" in config_updates:
            self.logging_config = config_updates["LoggingConfig"]
            self.logs_group_name = self.logging_config.get(
                "LogGroup", f"/aws/lambda/{self.function_name}"
            )
        super().update_configuration(config_updates)
        self.revision += 1
        return self.get_configuration()

    def update_function_code(self, updated_spec: dict[str, Any]) -> dict[str, Any]:
        """Replace the code. Later invocations do not reuse containers with the old code."""
        self.revision += 1
        configuration: dict[str, Any] = super().update_function_code(updated_spec)
        return configuration

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> Function:
        """Create a function from an AWS::Lambda::Function resource."""
        spec = spec_of(resource_name, cloudformation_json["Properties"])
        function = moto_lambda.lambda_backends[account_id][region_name].create_function(spec)
        assert isinstance(function, Function)
        return function

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Function,
        new_resource_name: str,  # noqa: ARG003 - moto's signature
        cloudformation_json: dict[str, Any],
        account_id: str,  # noqa: ARG003 - moto's signature
        region_name: str,  # noqa: ARG003 - moto's signature
    ) -> Function:
        """Update the function to match the changed resource."""
        properties = cloudformation_json["Properties"]
        spec = spec_of(original_resource.function_name, properties)
        original_resource.update_configuration(spec)
        original_resource.update_function_code(spec["Code"])
        return original_resource
