import pytest

from codepipeline_sandbox.faults import CallFault
from tests.sandbox.awslambda.conftest import function, invoke
from tests.sandbox.dynamodb.conftest import TABLE_ARN

__all__ = ["function", "invoke"]  # makes these fixtures available in this module

COUNTING = """
import boto3

dynamodb = boto3.client("dynamodb")


def handler(event, context):
    try:
        answer = dynamodb.update_item(
            TableName="Waits",
            Key={"execution": {"S": "x"}},
            UpdateExpression="SET heard = heard + :one",
            ConditionExpression="heard < :five",
            ExpressionAttributeValues={":one": {"N": "1"}, ":five": {"N": "5"}},
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException as error:
        return "no more than " + error.response["Item"]["heard"]["N"]
    return answer["Attributes"]["heard"]["N"]
"""


def may(action):
    statement = {"Effect": "Allow", "Action": action, "Resource": TABLE_ARN}
    return [{"Version": "2012-10-17", "Statement": [statement]}]


@pytest.fixture
def counting(function, dynamodb):
    return function(COUNTING, Policies=may("dynamodb:UpdateItem"), Timeout=60)


@pytest.mark.rule("Y1")
def test_a_function_increments_an_items_counter(counting, invoke):
    assert [invoke(counting) for _ in range(3)] == [
        ("4", None),
        ("5", None),
        ("no more than 5", None),
    ]


@pytest.mark.rule("Y7")
def test_a_function_needs_permission_to_write(function, dynamodb, invoke):
    payload, error = invoke(function(COUNTING, Policies=may("dynamodb:GetItem")))

    assert error == "Unhandled"
    assert payload["errorType"] == "ClientError"
    assert f"dynamodb:UpdateItem on resource: {TABLE_ARN} because" in payload["errorMessage"]


@pytest.mark.rule("F1")
@pytest.mark.parametrize("kind", ["throttled", "unavailable"])
def test_the_sdk_retries_temporary_refusals(cloud, counting, invoke, kind):
    cloud.faults.add(CallFault(kind, "dynamodb:*", times=2))

    assert invoke(counting) == ("4", None)
    assert len(cloud.faults.log) == 2


@pytest.mark.rule("F2")
def test_the_sdk_repeats_a_write_whose_answer_is_lost(cloud, counting, invoke):
    cloud.faults.add(CallFault("lost", "dynamodb:UpdateItem", times=1))

    assert invoke(counting) == ("5", None)


@pytest.mark.rule("F4")
@pytest.mark.parametrize(
    "kind, heard", [("killed-before", "3"), ("killed-during", "4"), ("killed-after", "4")]
)
def test_a_write_that_took_effect_remains_after_its_function_is_killed(
    cloud, counting, invoke, item, kind, heard
):
    cloud.faults.add(CallFault(kind, "dynamodb:UpdateItem", times=1))

    payload, _ = invoke(counting)

    assert payload["errorType"] == "Runtime.ExitError"
    assert item()["heard"] == {"N": heard}
