"""Functions that Lambda cannot run, or that are killed."""

import json

import pytest
from botocore.exceptions import ClientError

from codepipeline_sandbox.faults import CallFault, DeliveryFault, InvocationFault

WORKING = """
import boto3, time

state = []
sts = boto3.client("sts")


def handler(event, context):
    state.append(1)
    print("began", len(state), round(time.time()))
    sts.get_caller_identity()
    print("answered")
    time.sleep(5)
    return len(state)
"""


@pytest.fixture
def working(function):
    return function(WORKING, Timeout=20)


@pytest.mark.rule("F4")
@pytest.mark.parametrize("kind", ["killed-before", "killed-during", "killed-after"])
def test_a_killed_function_fails_and_its_container_is_gone(cloud, working, invoke, kind):
    assert invoke(working) == (1, None)
    cloud.faults.add(CallFault(kind, "sts:*", function="*App*", times=1))

    payload, error = invoke(working)

    assert error == "Unhandled"
    assert payload["errorType"] == "Runtime.ExitError"
    assert payload["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")
    assert invoke(working) == (1, None)  # runs in a new container
    assert cloud.faults.log[0].function in working


@pytest.mark.rule("F4")
def test_an_event_is_retried_after_its_function_was_killed(cloud, working, texts):
    cloud.faults.add(CallFault("killed-during", "sts:*", times=2))
    began = round(cloud.world.now)

    cloud.functions.invoke_async(working, "{}")
    cloud.world.run()

    tries = [text.split()[1:] for text in texts() if text.startswith("began")]
    assert [(n, int(time) - began) for n, time in tries] == [("1", 0), ("1", 60), ("1", 180)]
    assert cloud.functions.discarded == []


@pytest.mark.rule("F12")
def test_a_function_can_be_killed_some_seconds_after_it_began(cloud, working, invoke, texts):
    cloud.faults.add(InvocationFault("killed", "*App*", seconds=2, times=1))
    began = cloud.world.now

    payload, _ = invoke(working)

    assert payload["errorType"] == "Runtime.ExitError"
    assert cloud.world.now - began == pytest.approx(2)
    assert texts()[-1].endswith("signal: killed\nRuntime.ExitError")


@pytest.mark.rule("F12")
@pytest.mark.parametrize(
    "kind, code", [("throttled", "TooManyRequestsException"), ("unavailable", "ServiceException")]
)
def test_a_function_that_cannot_be_run_is_refused_and_its_events_wait(
    cloud,
    working,
    client,
    texts,
    kind,
    code,
):
    cloud.faults.add(InvocationFault(kind, end=10))
    began = round(cloud.world.now)

    with pytest.raises(ClientError) as caught:
        client("lambda").invoke(FunctionName=working)
    before = len(cloud.faults.log)
    cloud.functions.invoke_async(working, "{}")
    cloud.world.run()

    assert caught.value.response["Error"]["Code"] == code
    tries = [strike.time for strike in cloud.faults.log[before:]]
    assert [round(time - tries[0]) for time in tries] == [0, 1, 3, 7]
    ran = int(texts()[0].split()[2])
    assert ran - began >= 10
    assert cloud.functions.discarded == []


PRINTING = "def handler(event, context):\n    print(event, context.aws_request_id)"


@pytest.mark.rule("F13")
def test_an_invocation_can_arrive_twice_with_the_same_request_id(cloud, function, texts):
    arn = function(PRINTING)
    cloud.faults.add(DeliveryFault("doubled", "invocation", times=1))

    cloud.functions.invoke_async(arn, "1")
    cloud.functions.invoke_async(arn, "2")
    cloud.world.run()

    assert sorted(text.split()[0] for text in texts()) in (["1", "1", "2"], ["1", "2", "2"])
    assert len(set(texts())) == 2


@pytest.mark.rule("F13")
def test_an_invocation_can_be_lost(cloud, function, texts):
    arn = function(PRINTING)
    cloud.faults.add(DeliveryFault("dropped", "invocation"))

    cloud.functions.invoke_async(arn, "1")
    cloud.world.run()

    assert texts() == []
    (strike,) = cloud.faults.log
    assert strike.what == f"invocation to {arn}"


@pytest.mark.rule("F13")
def test_an_invocation_that_arrives_too_late_is_discarded(cloud, function, texts):
    arn = function(PRINTING, EventInvokeConfig={"MaximumEventAgeInSeconds": 60})
    cloud.faults.add(DeliveryFault("delayed", "invocation", seconds=61, times=1))

    cloud.functions.invoke_async(arn, "1")
    cloud.world.run()

    assert texts() == []
    assert [json.loads(event.payload) for event in cloud.functions.discarded] == [1]


@pytest.fixture
def machine(client, working):
    role = client("iam").create_role(
        RoleName="states", AssumeRolePolicyDocument=json.dumps(trusting("states.amazonaws.com"))
    )["Role"]["Arn"]
    allowed = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}
    client("iam").put_role_policy(
        RoleName="states",
        PolicyName="Invoke",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": allowed}),
    )
    states = client("stepfunctions")
    definition = {
        "QueryLanguage": "JSONata",
        "StartAt": "Work",
        "States": {"Work": {"Type": "Task", "Resource": working, "End": True}},
    }
    arn = states.create_state_machine(
        name="machine", definition=json.dumps(definition), roleArn=role
    )["stateMachineArn"]

    def run(world):
        execution = states.start_execution(stateMachineArn=arn)["executionArn"]
        world.run()
        return states.describe_execution(executionArn=execution)

    return run


def trusting(service):
    allowed = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": allowed}


@pytest.mark.rule("F12")
@pytest.mark.parametrize(
    "fault, error",
    [
        (InvocationFault("throttled"), "Lambda.TooManyRequestsException"),
        (InvocationFault("unavailable"), "Lambda.ServiceException"),
        (InvocationFault("killed"), "Runtime.ExitError"),
        (CallFault("killed-after", "sts:*"), "Runtime.ExitError"),
    ],
)
def test_a_state_machine_task_fails_with_the_lambda_error(cloud, machine, fault, error):
    cloud.faults.add(fault)

    ended = machine(cloud.world)

    assert (ended["status"], ended["error"]) == ("FAILED", error)
