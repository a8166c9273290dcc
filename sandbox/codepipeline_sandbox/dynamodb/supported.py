"""The DynamoDB operations that the sandbox supports, with their parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_EXPRESSION = {"ExpressionAttributeNames", "ExpressionAttributeValues"}
_CONDITION = {"ConditionExpression", "ReturnValues", "ReturnValuesOnConditionCheckFailure"}
_WRITE = {"TableName", *_EXPRESSION, *_CONDITION}
_TABLE = {
    "AttributeDefinitions",
    "BillingMode",
    "DeletionProtectionEnabled",
    "KeySchema",
    "SSESpecification",
    "TableName",
    "Tags",
}

ITEM_OPERATIONS: Mapping[str, frozenset[str]] = {
    "DeleteItem": frozenset({"Key", *_WRITE}),
    "GetItem": frozenset(
        {"ConsistentRead", "ExpressionAttributeNames", "Key", "ProjectionExpression", "TableName"}
    ),
    "PutItem": frozenset({"Item", *_WRITE}),
    "Scan": frozenset(
        {
            "ConsistentRead",
            "ExclusiveStartKey",
            "FilterExpression",
            "Limit",
            "ProjectionExpression",
            "TableName",
            *_EXPRESSION,
        }
    ),
    "UpdateItem": frozenset({"Key", "UpdateExpression", *_WRITE}),
}
OPERATIONS: Mapping[str, frozenset[str]] = {
    **ITEM_OPERATIONS,
    "CreateTable": frozenset(_TABLE),
    "DeleteTable": frozenset({"TableName"}),
    "DescribeContinuousBackups": frozenset({"TableName"}),
    "DescribeTable": frozenset({"TableName"}),
    "DescribeTimeToLive": frozenset({"TableName"}),
    "ListTables": frozenset({"ExclusiveStartTableName", "Limit"}),
    "ListTagsOfResource": frozenset({"NextToken", "ResourceArn"}),
    "TagResource": frozenset({"ResourceArn", "Tags"}),
    "UntagResource": frozenset({"ResourceArn", "TagKeys"}),
    "UpdateContinuousBackups": frozenset({"PointInTimeRecoverySpecification", "TableName"}),
    "UpdateTimeToLive": frozenset({"TableName", "TimeToLiveSpecification"}),
}

# The only supported value for each of these parameters. The sandbox does not simulate the others.
_NOTHING = {"ReturnConsumedCapacity": "NONE", "ReturnItemCollectionMetrics": "NONE"}


def unsupported(operation: str, parameters: Mapping[str, Any]) -> str | None:
    """Find a part of the request that the sandbox does not support.

    Returns None if everything is supported.
    """
    if operation not in OPERATIONS:
        return f"the operation {operation}"
    for name in sorted(set(parameters) - OPERATIONS[operation]):
        if _NOTHING.get(name, parameters) != parameters[name]:
            return f"the parameter {name} of {operation}"
    if operation == "UpdateItem" and "UpdateExpression" not in parameters:
        return "UpdateItem without UpdateExpression"
    return None
