from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.contract import shared
from tests.contract.aws import refusal

pytestmark = pytest.mark.aws_verified


@pytest.mark.rule("Y1")
def test_a_write_takes_effect_only_under_its_condition(aws):
    client, table = aws.client("dynamodb"), shared.recorder(aws)
    key = {"id": {"S": "item"}}

    def put(**more):
        item = {**key, "at": {"N": "1"}, "document": {"S": "{}"}}
        return client.put_item(TableName=table, Item=item, **more)

    def update(expression, **more):
        return client.update_item(TableName=table, Key=key, UpdateExpression=expression, **more)

    put()
    absent = {"ConditionExpression": "attribute_not_exists(id)"}
    old = {**absent, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}

    assert refusal(lambda: put(**absent)) == "ConditionalCheckFailedException"
    assert item_of(lambda: put(**old))["at"] == {"N": "1"}
    value = {"ExpressionAttributeValues": {":v": {"S": "x"}}}
    path = {"ExpressionAttributeNames": {"#m": "missing"}}
    error = refusal(lambda: update("SET #m.child = :v", **value, **path))
    assert error == "ValidationException"
    assert client.get_item(TableName=table, Key=key)["Item"]["at"] == {"N": "1"}


def item_of(call):
    with pytest.raises(ClientError) as raised:
        call()
    return dict(raised.value.response)["Item"]


@pytest.mark.rule("Y2")
def test_an_expression_uses_what_it_defines(aws):
    client, table = aws.client("dynamodb"), shared.recorder(aws)
    key = {"id": {"S": "item"}}

    def update(expression, values, **more):
        return refusal(
            lambda: client.update_item(
                TableName=table,
                Key=key,
                UpdateExpression=expression,
                ExpressionAttributeValues=values,
                **more,
            )
        )

    text = {":v": {"S": "x"}}
    assert update("SET color = :v", {**text, ":unused": {"S": "x"}}) == "ValidationException"
    assert update("SET color = :undefined", text) == "ValidationException"
    assert update("SET name = :v", text) == "ValidationException"  # a reserved word
    assert update("SET amount = :v", {":v": {"N": "1" * 39}}) == "ValidationException"
    assert update("SET color = :v", text) is None
    missing = {"TableName": aws.name("missing"), "Key": key}
    error = refusal(lambda: client.get_item(**missing))
    assert error == "ResourceNotFoundException"
