"""aws-sdk:dynamodb, with or without a task token. The machine calls DynamoDB itself.

https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.dynamodb.supported import ITEM_OPERATIONS
from sandbox.services import MACHINE, AccessDenied
from sandbox.stepfunctions.integrations import sdk_documents
from sandbox.stepfunctions.integrations.integration import Integration
from sandbox.stepfunctions.language.errors import StateFailed
from sandbox.stepfunctions.language.jsonata import Expression

if TYPE_CHECKING:
    from sandbox.stepfunctions.language.fields import Fields
    from sandbox.stepfunctions.visits.visit import Visit
    from sandbox.world import Promise

SERVICE = "dynamodb"
ERRORS = "DynamoDb"  # the prefix of error names
ACTIONS = {"getItem": "get_item", "putItem": "put_item", "updateItem": "update_item"}


@dataclass(frozen=True)
class DynamoDBCall(Integration):
    """A call that reads or writes an item."""

    resource_type = "aws-sdk:dynamodb"

    @property
    def operation(self) -> str:
        """The action's name, spelled as in the API."""
        return self.action[0].upper() + self.action[1:]

    def arguments(self, fields: Fields) -> Any:
        """The API's parameters, or an expression that returns them."""
        template = fields.template("Arguments")
        if isinstance(template, Expression):
            return template
        if not isinstance(template, dict):
            raise fields.problem("Expected an object", "Arguments")
        for name in sdk_documents.required(SERVICE, self.operation):
            if name not in template:
                raise fields.problem(f"The field '{name}' is required but was missing", "Arguments")
        for name in sorted(set(template) - ITEM_OPERATIONS[self.operation]):
            problem = f"The sandbox does not support the argument '{name}'"
            raise fields.problem(problem, f"Arguments/{name}")
        return template

    def begin(self, visit: Visit, given: Any) -> Promise[dict[str, Any]]:
        """Make the call in its own task, which continues even if the state times out."""
        parameters = sdk_documents.parameters(SERVICE, self.operation, given)
        try:
            client = visit.run.clients.dynamodb(visit.run.execution.role_arn)
        except AccessDenied as error:
            raise StateFailed(f"{ERRORS}.DynamoDbException", str(error)) from error
        call = partial(getattr(client, ACTIONS[self.action]), **parameters)
        task = visit.world.spawn(call, name=f"{visit.run} calls {self.resource_type}")
        task.caller = MACHINE + visit.run.execution.state_machine_arn.rpartition(":")[2]
        return task.outcome

    def response(self, visit: Visit, done: Promise[dict[str, Any]]) -> Any:
        """Return DynamoDB's response without the metadata.

        An error becomes a StateFailed whose name begins with `DynamoDb.`.
        """
        del visit
        try:
            answer = done.result()
        except ClientError as error:
            raise _refused(error, self.operation) from error
        except BotoCoreError as error:
            cause = f"Unable to execute HTTP request: {error} (SDK Attempt Count: 1)"
            raise StateFailed(f"{ERRORS}.SdkClientException", cause) from error
        return sdk_documents.result(SERVICE, self.operation, answer)


def _refused(error: ClientError, operation: str) -> StateFailed:
    """Convert an error to StateFailed.

    Errors outside the operation's model get the SDK's general name.
    """
    code, metadata = error.response["Error"]["Code"], error.response["ResponseMetadata"]
    known = code in sdk_documents.errors(SERVICE, operation)
    name = code if known else "DynamoDbException"
    cause = (
        f"{error.response['Error']['Message']} (Service: {ERRORS}, "
        f"Status Code: {metadata['HTTPStatusCode']}, Request ID: {metadata.get('RequestId', '')})"
    )
    return StateFailed(f"{ERRORS}.{name.removesuffix('Exception')}Exception", cause)
