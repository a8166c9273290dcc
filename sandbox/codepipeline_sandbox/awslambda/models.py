"""Extends moto's Lambda backend to run functions and to apply their asynchronous settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.awslambda import models as moto_lambda
from moto.awslambda.exceptions import InvalidParameterValueException, UnknownEventConfig

from codepipeline_sandbox.awslambda import api
from codepipeline_sandbox.awslambda.function import Function
from codepipeline_sandbox.kernel.stack_resource import register

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.patches import Patches


class LambdaBackend(moto_lambda.LambdaBackend):  # type: ignore[misc]
    """The Lambda backend of one account and Region."""

    def create_function(self, spec: dict[str, Any]) -> Function:
        """Create a function."""
        function = Function(self.account_id, spec, self.region_name, "$LATEST")
        self._lambdas.put_function(function)
        if spec.get("Publish"):
            self.publish_version(function.function_name)
        return function

    def invoke(
        self,
        function_name: str,
        qualifier: str | None,
        body: bytes | str,
        headers: Any,
        response_headers: dict[str, str],
    ) -> bytes:
        """Invoke the function with any of the API's three invocation types."""
        function = self.get_function(function_name, qualifier)
        return api.invoke(function, body, headers, response_headers)

    def put_function_event_invoke_config(
        self, function_name: str, config: dict[str, Any]
    ) -> dict[str, Any]:
        """Replace the settings for asynchronous invocations."""
        function = self.get_function(function_name)
        _require_lambda_destinations(config)
        settings = moto_lambda.EventInvokeConfig(function.function_arn, api.last_modified(), config)
        function.event_invoke_config = [settings]
        response: dict[str, Any] = settings.response()
        return response

    def update_function_event_invoke_config(
        self, function_name: str, config: dict[str, Any]
    ) -> dict[str, Any]:
        """Change some of the settings for asynchronous invocations."""
        function = self.get_function(function_name)
        if not function.event_invoke_config:
            raise UnknownEventConfig(function.function_arn)
        merged = {**function.event_invoke_config[0].config, **config}
        return self.put_function_event_invoke_config(function_name, merged)


def _require_lambda_destinations(config: dict[str, Any]) -> None:
    for name, target in config.get("DestinationConfig", {}).items():
        destination = target.get("Destination", "")
        if destination and ":lambda:" not in destination:
            raise InvalidParameterValueException(
                f"The sandbox only delivers to Lambda functions, but {name} is {destination}."
            )


def install(patches: Patches) -> None:
    """Make moto use this backend and this package's `Function`."""
    patches.attribute(moto_lambda.lambda_backends, "backend", LambdaBackend)
    register(patches, "AWS::Lambda::Function", Function)
