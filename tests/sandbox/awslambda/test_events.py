"""Asynchronous invocations: retries, event age and destinations."""

import json

import pytest

FAILING = """
import time

def handler(event, context):
    print(context.aws_request_id, time.time())
    raise ValueError("no")
"""
PRINTING = "import json\n\ndef handler(event, context):\n    print(json.dumps(event))"


@pytest.mark.rule("J3")
def test_a_failing_event_is_retried_after_one_and_two_minutes(cloud, function, texts):
    arn = function(FAILING)
    start = cloud.world.now

    cloud.functions.invoke_async(arn, "{}")
    cloud.world.run()

    lines = [text.split() for text in texts() if text[8:9] == "-"]
    assert [float(time) - start for _, time in lines] == [0, 60, 180]
    assert len({request for request, _ in lines}) == 1
    assert [event.attempts for event in cloud.functions.discarded] == [3]


def test_event_settings_in_the_template_limit_retries_and_age(cloud, function):
    none = function(FAILING, name="none", EventInvokeConfig={"MaximumRetryAttempts": 0})
    young = function(FAILING, name="young", EventInvokeConfig={"MaximumEventAgeInSeconds": 90})

    for arn in (none, young):
        cloud.functions.invoke_async(arn, "{}")
    cloud.world.run()

    tried = {event.function_arn: event.attempts for event in cloud.functions.discarded}
    assert tried == {none: 1, young: 2}


def test_event_settings_can_be_changed_through_the_api(cloud, function, api):
    arn = function(FAILING)
    api.put_function_event_invoke_config(FunctionName=arn, MaximumRetryAttempts=1)
    api.put_function_event_invoke_config(FunctionName=arn, MaximumRetryAttempts=0)

    api.invoke(FunctionName=arn, InvocationType="Event", Payload=b"{}")
    cloud.world.run()

    assert [event.attempts for event in cloud.functions.discarded] == [1]


def test_a_failure_destination_gets_the_invocation_record(cloud, function, texts):
    destination = function(PRINTING, name="destination")
    arn = function(
        FAILING,
        EventInvokeConfig={
            "MaximumRetryAttempts": 0,
            "DestinationConfig": {"OnFailure": {"Type": "Lambda", "Destination": destination}},
        },
    )

    cloud.functions.invoke_async(arn, '{"job": 1}')
    cloud.world.run()

    record = json.loads(texts()[-1])
    assert record["requestContext"] == {
        "requestId": cloud.functions.discarded[0].request_id,
        "functionArn": f"{arn}:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 1,
    }
    assert record["requestPayload"] == {"job": 1}
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert record["responsePayload"]["errorMessage"] == "no"


def test_a_destination_that_the_role_may_not_invoke_gets_nothing(cloud, function, texts, caplog):
    destination = function(PRINTING, name="destination")
    arn = function(FAILING)
    cloud.session("111122223333", "eu-west-1").client("lambda").put_function_event_invoke_config(
        FunctionName=arn,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": destination}},
    )

    cloud.functions.invoke_async(arn, "{}")
    cloud.world.run()

    assert not any("requestContext" in text for text in texts())
    assert "destination not reached" in caplog.text


def test_throttled_events_wait_for_their_turn(cloud, function, texts):
    source = "import time\n\ndef handler(event, context):\n    time.sleep(10)\n    print(event)"
    arn = function(source, Timeout=20, ReservedConcurrentExecutions=1)

    for number in range(3):
        cloud.functions.invoke_async(arn, str(number))
    cloud.world.run()

    assert sorted(texts()) == ["0", "1", "2"]
    assert not cloud.functions.discarded
