"""AWS SDK integrations, in which a state machine calls a service's API directly.

Each integration can also wait for a task token.

https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from codepipeline_sandbox import api_model
from codepipeline_sandbox.kernel.protocols import MACHINE, AccessDenied
from codepipeline_sandbox.stepfunctions.integrations import sdk_documents
from codepipeline_sandbox.stepfunctions.integrations.integration import Integration
from codepipeline_sandbox.stepfunctions.integrations.java_names import pascal_case
from codepipeline_sandbox.stepfunctions.integrations.sdk_services import SdkService, service_named
from codepipeline_sandbox.stepfunctions.language.errors import StateFailed
from codepipeline_sandbox.stepfunctions.language.jsonata import Expression

if TYPE_CHECKING:
    import re

    from codepipeline_sandbox.kernel.world import Promise
    from codepipeline_sandbox.stepfunctions.language.fields import Fields
    from codepipeline_sandbox.stepfunctions.visits.visit import Visit

_ATTEMPTS = "(SDK Attempt Count: 1)"


@dataclass(frozen=True)
class SdkCall(Integration):
    """A call to one operation of a service."""

    service_name: str
    service: SdkService

    @property
    def resource_type(self) -> str:
        """The service's name in the history."""
        return f"aws-sdk:{self.service_name}"

    @property
    def operation(self) -> str:
        """The action's name, spelled as in the API."""
        return _operation(self.action)

    def arguments(self, fields: Fields) -> Any:
        """The API's parameters, or an expression that returns them."""
        template = fields.template("Arguments")
        if isinstance(template, Expression):
            return template
        if not isinstance(template, dict):
            raise fields.problem("Expected an object", "Arguments")
        if (
            problem := sdk_documents.problem_of(self.service, self.operation, template)
        ) is not None:
            raise fields.problem(problem, "Arguments")
        return template

    def begin(self, visit: Visit, given: Any) -> Promise[dict[str, Any]]:
        """Make the call in its own task, which continues even if the state times out."""
        parameters = sdk_documents.parameters(self.service.api, self.operation, given)
        try:
            client = visit.run.clients.client(self.service.api, visit.run.execution.role_arn)
        except AccessDenied as error:
            raise StateFailed(self._general_error, str(error)) from error
        call = partial(getattr(client, xform_name(self.operation)), **parameters)
        task = visit.world.spawn(call, name=f"{visit.run} calls {self.resource_type}")
        task.caller = MACHINE + visit.run.execution.state_machine_arn.rpartition(":")[2]
        return task.outcome

    def response(self, visit: Visit, done: Promise[dict[str, Any]]) -> Any:
        """Return the response without the metadata.

        An error becomes a StateFailed with the name that AWS gives it.
        """
        del visit
        try:
            answer = done.result()
        except ClientError as error:
            raise self._refused(error) from error
        except BotoCoreError as error:
            cause = f"Unable to execute HTTP request: {error} {_ATTEMPTS}"
            raise StateFailed(f"{self.service.prefix}.SdkClientException", cause) from error
        return sdk_documents.result(self.service.api, self.operation, answer)

    @property
    def _general_error(self) -> str:
        return f"{self.service.prefix}.{self.service.prefix}Exception"

    def _refused(self, error: ClientError) -> StateFailed:
        """Convert an error to StateFailed.

        An error that is not in the operation's model gets the service's general error name. All
        names end in Exception, as in the SDK for Java, even if the API's name does not.
        """
        code, metadata = error.response["Error"]["Code"], error.response["ResponseMetadata"]
        known = sdk_documents.errors(self.service.api, self.operation).get(code)
        name = self._general_error
        if known is not None:
            spelled = pascal_case(known).removesuffix("Exception")
            name = f"{self.service.prefix}.{spelled}Exception"
        return StateFailed(
            name,
            f"{error.response['Error']['Message']} (Service: {self.service.prefix}, Status Code: "
            f"{metadata['HTTPStatusCode']}, Request ID: {metadata.get('RequestId', '')}) "
            f"{_ATTEMPTS}",
        )


def sdk_call(text: str, found: re.Match[str], fields: Fields) -> SdkCall | None:
    """The call that a Resource names, or None if the sandbox does not support it."""
    service = service_named(found["service"])
    if service is None:
        return None
    operation = _operation(found["action"])
    if operation not in api_model.operations(service.api):
        raise fields.problem(
            f"The resource provided {text} is not recognized. The value is not a valid resource "
            "ARN, or the resource is not available in this region.",
            "Resource",
        )
    if not service.serves(operation):
        return None
    waits = found["token"] is not None
    return SdkCall(text, waits, found["action"], found["service"], service)


def _operation(action: str) -> str:
    return action[0].upper() + action[1:]
