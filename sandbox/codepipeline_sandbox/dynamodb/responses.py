"""moto's DynamoDB API, with checks of the API model and of DynamoDB's own rules."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.responses import DynamoHandler

from codepipeline_sandbox.api_model import check_request
from codepipeline_sandbox.dynamodb import encryption, expressions
from codepipeline_sandbox.dynamodb.errors import Unsupported
from codepipeline_sandbox.dynamodb.supported import ITEM_OPERATIONS, unsupported
from codepipeline_sandbox.kernel.here import current

if TYPE_CHECKING:
    from moto.core.common_types import TYPE_RESPONSE
    from moto.core.responses import ActionResult

SERVICE = "dynamodb"


class DynamoDBResponse(DynamoHandler):  # type: ignore[misc]
    """Checks each request and passes the valid ones to moto."""

    def call_action(self) -> TYPE_RESPONSE:
        """Respond to the request, or refuse it."""
        try:
            self._check()
        except JsonRESTError as error:
            headers, body = self._enrich_response(dict(error.get_headers()), error.description)
            return error.code, headers, body
        response: TYPE_RESPONSE = super().call_action()
        return response

    def update_item(self) -> ActionResult:
        """Perform UpdateItem completely or not at all.

        The response includes the consumed capacity only if the request asks for it.
        """
        table = self.dynamodb_backend.get_table(self.body["TableName"])
        key = DynamoType(self.body["Key"][table.hash_key_attr])
        before = copy.deepcopy(table.items.get(key))
        try:
            answer = super().update_item()
        except JsonRESTError:
            if before is None:
                table.items.pop(key, None)
            else:
                table.items[key] = before
            raise
        answer.result.pop("ConsumedCapacity", None)
        return answer

    def _check(self) -> None:
        operation, parameters = self._get_action(), self.params
        if what := unsupported(operation, parameters):
            raise Unsupported(what)
        check_request(SERVICE, operation, parameters)
        if operation == "CreateTable":
            self._check_table(parameters)
        if operation in ITEM_OPERATIONS:
            self._check_item(parameters)

    def _check_table(self, parameters: dict[str, Any]) -> None:
        if parameters.get("BillingMode") != "PAY_PER_REQUEST":
            raise Unsupported("tables without the BillingMode PAY_PER_REQUEST")
        if any(key["KeyType"] != "HASH" for key in parameters["KeySchema"]):
            raise Unsupported("sort keys")
        if key := parameters.get("SSESpecification", {}).get("KMSMasterKeyId"):
            caller = current().access.caller(self.access_key)
            encryption.require_to_create(key, self.region, caller)

    def _check_item(self, parameters: dict[str, Any]) -> None:
        table = self.dynamodb_backend.get_table(parameters["TableName"])
        encryption.require_to_use(table, self.access_key)
        expressions.check_values(parameters)
        if "Key" in parameters:
            expressions.check_key(table, parameters["Key"])
        expressions.check_expressions(parameters)
