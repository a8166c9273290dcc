"""moto must respond to item requests the way DynamoDB does."""

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.dynamodb.conftest import KEY, SCHEMA, TABLE

ONE = {":one": {"N": "1"}}
NEW = {"execution": {"S": "new"}}


def refusal(call, **given):
    with pytest.raises(ClientError) as caught:
        call(**given)
    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert response["ResponseMetadata"]["RequestId"]
    return response


def refused(call, **given):
    error = refusal(call, **given)["Error"]
    return f"{error['Code']}: {error['Message']}"


@pytest.mark.rule("Y1")
def test_an_update_can_return_the_updated_item(update):
    answer = update(
        "SET heard = if_not_exists(heard, :zero) + :one, #wait = :token",
        names={"#wait": "wait:run-1.2"},
        ExpressionAttributeValues={**ONE, ":zero": {"N": "0"}, ":token": {"S": "AQC="}},
        ReturnValues="ALL_NEW",
    )

    del answer["ResponseMetadata"]
    assert answer == {
        "Attributes": {
            **KEY,
            "heard": {"N": "4"},
            "doors": {"L": []},
            "wait:run-1.2": {"S": "AQC="},
        }
    }


@pytest.mark.rule("Y1")
def test_an_update_creates_a_missing_item(update, item):
    answer = update("ADD heard :one", key=NEW, ExpressionAttributeValues=ONE)

    assert set(answer) == {"ResponseMetadata"}
    assert item(NEW) == {**NEW, "heard": {"N": "1"}}


@pytest.mark.rule("Y1")
@pytest.mark.parametrize(
    "condition, value, met",
    [
        ("heard = :one", "3", True),
        ("heard = :one", "3.0", True),
        ("heard <= :one", "10", True),  # 3 <= 10 is true only for numbers, not for strings
        ("heard <= :one", "2", False),
        ("absent <= :one", "10", False),
        ("attribute_exists(execution) AND heard = :one", "3", True),
        ("attribute_not_exists(absent) OR heard = :one", "5", True),
        ("NOT heard = :one", "3", False),
    ],
)
def test_a_condition_is_evaluated_before_the_update(update, item, condition, value, met):
    given = {"ExpressionAttributeValues": {":one": {"N": value}}}

    if met:
        update("SET heard = :one", condition, **given)
    else:
        assert refused(update, expression="SET heard = :one", condition=condition, **given) == (
            "ConditionalCheckFailedException: The conditional request failed"
        )

    assert float(item()["heard"]["N"]) == (float(value) if met else 3)


@pytest.mark.rule("Y1")
def test_a_failed_condition_can_return_the_item(update, dynamodb):
    asked = {"ExpressionAttributeValues": ONE, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    old = {**KEY, "heard": {"N": "3"}, "doors": {"L": []}}
    again = {
        "TableName": TABLE,
        "Item": KEY,
        "ConditionExpression": "attribute_not_exists(execution)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }

    updated = refusal(update, expression="SET heard = :one", condition="heard = :one", **asked)
    put = refusal(dynamodb.put_item, **again)
    of_none = refusal(update, expression="SET h = :one", condition="h = :one", key=NEW, **asked)

    assert updated["Item"] == put["Item"] == old
    assert "Item" not in of_none


@pytest.mark.rule("Y1")
def test_a_refused_write_changes_nothing(update, item):
    large = {**ONE, ":large": {"S": "x" * 410_000}}

    for key in (KEY, NEW):
        before = item(key)
        assert refused(
            update, expression="SET a.b = :one", key=key, ExpressionAttributeValues=ONE
        ) == (
            "ValidationException: The document path provided in the update expression is invalid "
            "for update"
        )
        assert "exceeded the maximum allowed size" in refused(
            update,
            expression="SET heard = :one, a = :large",
            key=key,
            ExpressionAttributeValues=large,
        )
        assert item(key) == before


@pytest.mark.rule("Y1")
def test_a_table_that_does_not_exist_is_not_found(update, dynamodb):
    unknown = "ResourceNotFoundException: Requested resource not found"

    assert refused(dynamodb.get_item, TableName="Other", Key=KEY) == unknown
    assert refused(dynamodb.put_item, TableName="Other", Item=KEY) == unknown
    assert (
        refused(update, expression="SET h = :one", table="Other", ExpressionAttributeValues=ONE)
        == unknown
    )


@pytest.mark.rule("Y2")
@pytest.mark.parametrize(
    "given, problem",
    [
        ({"condition": "heard = :one"}, "attribute value used in expression is not defined"),
        ({"condition": "#h = heard"}, "attribute name used in the document path is not defined"),
        ({"ExpressionAttributeValues": ONE}, "unused in expressions: keys: {:one}"),
        ({"names": {"#h": "heard"}}, "unused in expressions: keys: {#h}"),
        ({"ExpressionAttributeValues": {}}, "ExpressionAttributeValues must not be empty"),
        ({"condition": "heard == doors"}, "Invalid ConditionExpression: Syntax error"),
        ({"condition": "attribute_exists(status)"}, "reserved keyword: status"),
        ({"expression": "REMOVE token"}, "reserved keyword: token"),
        ({"expression": "REMOVE doors.status"}, "reserved keyword: status"),
        ({"expression": "REMOVE execution"}, "This attribute is part of the key"),
        ({"key": {"execution": {"N": "1"}}}, "The provided key element does not match the schema"),
        ({"key": {**KEY, "more": {"S": "1"}}}, "key element does not match the schema"),
        ({"key": {"execution": {"S": ""}}}, "cannot contain an empty string value"),
        ({"ReturnValues": "EVERYTHING"}, "failed to satisfy constraint"),
    ],
)
def test_an_invalid_request_is_refused(update, given, problem):
    assert problem in refused(update, **{"expression": "REMOVE heard", **given})


@pytest.mark.rule("Y2")
@pytest.mark.parametrize(
    "value, problem",
    [
        ({"N": "three"}, "cannot be converted to a numeric value: three"),
        ({"N": "1" * 39}, "more than 38 significant digits"),
        ({"L": [{"M": {"a": {"N": ""}}}]}, "cannot be converted to a numeric value"),
        ({}, "must contain exactly one of the supported datatypes"),
        ({"S": "a", "N": "1"}, "more than one datatypes set"),
    ],
)
def test_an_invalid_attribute_value_is_refused(dynamodb, value, problem):
    assert problem in refused(dynamodb.put_item, TableName=TABLE, Item={**KEY, "a": value})


@pytest.mark.rule("Y3")
@pytest.mark.parametrize(
    "operation, given, what",
    [
        ("query", {"KeyConditionExpression": "a = :b"}, "the operation Query"),
        ("update_item", {"Key": KEY}, "UpdateItem without UpdateExpression"),
        ("get_item", {"Key": KEY, "AttributesToGet": ["a"]}, "parameter AttributesToGet of GetIt"),
        ("get_item", {"Key": KEY, "ReturnConsumedCapacity": "TOTAL"}, "ReturnConsumedCapacity"),
        ("put_item", {"Item": KEY, "Expected": {}}, "the parameter Expected of PutItem"),
        ("scan", {"Select": "COUNT"}, "the parameter Select of Scan"),
    ],
)
def test_unsupported_operations_and_parameters_are_refused_by_name(
    cloud, dynamodb, operation, given, what
):
    asked = []

    def count(call, proceed):
        asked.append(call.operation)
        return proceed()

    cloud.interceptors.append(count)

    error = cloud.world.result_of(
        cloud.world.spawn(
            lambda: refused(getattr(dynamodb, operation), TableName=TABLE, **given)
        ).outcome
    )

    assert error.startswith("ValidationException: The sandbox does not support")
    assert what in error
    assert len(asked) == 1  # the client does not retry


@pytest.mark.rule("Y3")
def test_a_parameter_without_effect_is_accepted(dynamodb):
    answer = dynamodb.get_item(TableName=TABLE, Key=KEY, ReturnConsumedCapacity="NONE")

    assert answer["Item"]["heard"] == {"N": "3"}


@pytest.mark.rule("Y4")
def test_expired_items_stay(cloud, dynamodb, update, item):
    # given
    specification = {"AttributeName": "expires", "Enabled": True}
    dynamodb.update_time_to_live(TableName=TABLE, TimeToLiveSpecification=specification)
    soon = {":soon": {"N": str(int(cloud.world.now) + 60)}}
    update("SET expires = :soon", ExpressionAttributeValues=soon)

    # when
    cloud.world.run(until=cloud.world.now + 30 * 86_400)

    # then
    assert item()["expires"] == soon[":soon"]


def test_a_tables_creation_time_is_the_worlds_time(cloud, dynamodb):
    table = dynamodb.describe_table(TableName=TABLE)["Table"]

    assert table["CreationDateTime"].timestamp() == cloud.world.began
    assert dynamodb.list_tables()["TableNames"] == [TABLE]


@pytest.mark.rule("Y3")
@pytest.mark.parametrize(
    "changed, what",
    [
        ({"BillingMode": "PROVISIONED"}, "tables without the BillingMode PAY_PER_REQUEST"),
        (
            {
                "KeySchema": [
                    {"AttributeName": "execution", "KeyType": "HASH"},
                    {"AttributeName": "run", "KeyType": "RANGE"},
                ]
            },
            "sort keys",
        ),
        ({"StreamSpecification": {"StreamEnabled": True}}, "the parameter StreamSpecification"),
    ],
)
def test_unsupported_tables_are_refused(dynamodb, changed, what):
    error = refused(dynamodb.create_table, TableName="Other", **{**SCHEMA, **changed})

    assert what in error
