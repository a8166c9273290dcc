from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.contract import shared
from tests.contract.aws import refusal
from tests.contract.machines import create_machine, ended, history, run

pytestmark = pytest.mark.aws_verified


def output(expression):
    return {"Done": {"Type": "Pass", "Output": {"v": f"{{% {expression} %}}"}, "End": True}}


def error_text(call):
    try:
        call()
    except ClientError as error:
        return str(error)
    return None


REFUSED = {
    "L1": (output("phone"), "UNSUPPORTED_JSONATA_EXPRESSION"),
    "L2": (output("$$"), "UNSUPPORTED_JSONATA_EXPRESSION"),
    "L3": ({"A": {"Type": "Pass", "Next": "B"}}, "MISSING_TRANSITION_TARGET"),
    "L4": (output("1 +"), "INVALID_JSONATA_EXPRESSION"),
    "L5": ({"A": {"Type": "Pass", "Catch": [], "End": True}}, "SCHEMA_VALIDATION_FAILED"),
    "L10": ({"A": {"Type": "Wait", "Timestamp": "2026-01-05", "End": True}}, "SCHEMA_VALIDATION"),
}


@pytest.mark.rule("L1", "L2", "L3", "L4", "L5", "L10")
@pytest.mark.parametrize("rule", REFUSED)
def test_a_machine_with_a_mistake_is_refused(aws, rule):
    states, code = REFUSED[rule]

    text = error_text(lambda: create_machine(aws, states))
    assert text is not None
    assert "InvalidDefinition" in text
    assert code in text


@pytest.mark.rule("L3")
def test_a_machine_without_a_terminal_state_is_refused(aws):
    states = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}

    text = error_text(lambda: create_machine(aws, states))
    assert "MISSING_END_STATE" in (text or "")


@pytest.mark.rule("L8", "L9")
def test_expressions_return_the_same_values_as_on_aws(aws):
    expressions = {
        "infinite": "{% [1/0] %}",
        "range": "{% $range(1, 3, 1) %}",
        "parts": "{% $partition([1..4], 2) %}",
        "random": "{% $random(42) %}",
        "parsed": '{% $parse("{\\"a\\": 1}").a %}',
    }
    arn = create_machine(aws, {"Done": {"Type": "Pass", "Output": expressions, "End": True}})
    ended = run(aws, arn)
    assert ended["status"] == "SUCCEEDED", ended["cause"]
    found = json.loads(ended["output"])

    assert found["infinite"] == ["Infinity"]
    assert found["range"] == [1, 2, 3]
    assert found["parts"] == [[1, 2], [3, 4]]
    assert found["random"] == pytest.approx(0.7275636800328681)
    assert found["parsed"] == 1


@pytest.mark.rule("L6", "L7")
@pytest.mark.parametrize(
    "expression, cause",
    [
        ("$states.input.missing", "returned nothing (undefined)"),
        ("1 + 'a'", "T2002"),
        ("[1..873783]", "memory limit"),
    ],
)
def test_an_expression_without_a_value_fails_the_state(aws, expression, cause):
    found = run(aws, create_machine(aws, output(expression)))

    assert (found["status"], found["error"]) == ("FAILED", "States.QueryEvaluationError")
    assert cause in found["cause"]


def waiting(seconds):
    return {"Wait": {"Type": "Wait", "Seconds": seconds, "End": True}}


@pytest.mark.rule("N2")
def test_a_machine_that_takes_too_long_times_out(aws):
    found = run(aws, create_machine(aws, waiting(600), TimeoutSeconds=3))
    last = history(aws, found["executionArn"])[-1]

    assert found["status"] == "TIMED_OUT"
    assert not {"error", "cause"} & set(found)
    assert (found["stopDate"] - found["startDate"]).total_seconds() == pytest.approx(3, abs=0.01)
    assert found["redriveStatus"] == "REDRIVABLE"
    assert (last["type"], last["previousEventId"]) == ("ExecutionTimedOut", 0)
    assert last["executionTimedOutEventDetails"] == {"error": "States.Timeout"}


@pytest.mark.rule("N3", "D1", "D2", "D3")
def test_an_execution_that_is_stopped_can_be_redriven(aws):
    machines = aws.client("stepfunctions")
    arn = create_machine(aws, waiting(5))
    started = machines.start_execution(stateMachineArn=arn, input="{}")["executionArn"]
    aws.until(lambda: len(history(aws, started)) > 1, what="the wait begins")
    machines.stop_execution(executionArn=started)
    stopped = ended(aws, started)
    last = history(aws, started)[-1]
    machines.redrive_execution(executionArn=started)
    found = ended(aws, started)

    assert stopped["status"] == "ABORTED"
    assert not {"error", "cause"} & set(stopped)
    assert (last["type"], last["previousEventId"]) == ("ExecutionAborted", 0)
    assert last["executionAbortedEventDetails"] == {}
    assert (found["status"], found["redriveCount"]) == ("SUCCEEDED", 1)
    types = [event["type"] for event in history(aws, started)]
    assert types[-3:] == ["ExecutionRedriven", "WaitStateExited", "ExecutionSucceeded"]


@pytest.mark.rule("D5")
def test_an_execution_that_succeeded_cannot_be_redriven(aws):
    found = run(aws, create_machine(aws, {"Done": {"Type": "Succeed"}}))
    redrive = aws.client("stepfunctions").redrive_execution

    error = refusal(lambda: redrive(executionArn=found["executionArn"]))
    assert error == "ExecutionNotRedrivable"


@pytest.mark.rule("N4")
def test_a_name_belongs_to_one_execution_or_machine(aws):
    machines = aws.client("stepfunctions")
    arn = create_machine(aws, waiting(30))
    shown = machines.describe_state_machine(stateMachineArn=arn)

    def start(given):
        return machines.start_execution(stateMachineArn=arn, name="once", input=given)

    def create(definition):
        return machines.create_state_machine(
            name=shown["name"],
            definition=definition,
            roleArn=shown["roleArn"],
            tags=aws.tags("key", "value"),
        )

    first = start("{}")["executionArn"]
    assert start("{}")["executionArn"] == first
    assert refusal(lambda: start('{"a": 1}')) == "ExecutionAlreadyExists"
    machines.stop_execution(executionArn=first)
    ended(aws, first)
    assert refusal(lambda: start("{}")) == "ExecutionAlreadyExists"
    assert create(shown["definition"])["stateMachineArn"] == arn
    assert refusal(lambda: create(shown["definition"] + " ")) == "StateMachineAlreadyExists"


@pytest.mark.rule("N5")
def test_lists_of_executions_are_current(aws):
    machines = aws.client("stepfunctions")
    arn = create_machine(aws, {"Done": {"Type": "Succeed"}})
    run(aws, arn)
    began = aws.now()

    def listed():
        found = machines.list_executions(stateMachineArn=arn)["executions"]
        return [each["status"] for each in found] == ["SUCCEEDED"]

    aws.until(listed, what="the list shows the end")
    aws.duration("lists_lag", aws.now() - began)


@pytest.mark.rule("D8")
def test_an_unknown_token_is_refused(aws):
    machines = aws.client("stepfunctions")

    error = refusal(lambda: machines.send_task_success(taskToken="unknown", output="{}"))
    assert error == "InvalidToken"


def task(parameters, **more):
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Arguments": parameters,
        "End": True,
        **more,
    }


def identities(aws):
    return {each["id"] for _, each in shared.recorded(aws, "a task")}


@pytest.mark.rule("D8", "L13")
def test_a_failure_sent_with_a_token_fails_the_task(aws):
    event = {"id": "{% $states.context.Task.Token %}", "kind": "a task"}
    arguments = {"FunctionName": shared.recorder(aws), "Payload": event}
    handled = {"Type": "Pass", "Output": "{% $states.input %}", "End": True}
    catch = [
        {"ErrorEquals": ["States.ALL"], "Next": "Handled", "Output": "{% $states.errorOutput %}"}
    ]
    arn = create_machine(aws, {"Ask": task(arguments, Catch=catch), "Handled": handled})
    machines = aws.client("stepfunctions")
    earlier = identities(aws)
    started = machines.start_execution(stateMachineArn=arn, input="{}")["executionArn"]
    (token,) = aws.until(lambda: identities(aws) - earlier, what="the function receives the token")
    machines.send_task_failure(taskToken=token)
    found = ended(aws, started)

    assert found["status"] == "SUCCEEDED"
    assert json.loads(found["output"]) == {"Error": None, "Cause": None}
    late = refusal(lambda: machines.send_task_success(taskToken=token, output="{}"))
    assert late == "TaskTimedOut"


@pytest.mark.rule("L14")
def test_a_task_that_takes_too_long_times_out(aws):
    event = {"id": "{% $states.context.Task.Token %}", "kind": "a task"}
    arguments = {"FunctionName": shared.recorder(aws), "Payload": event}
    states = {"Ask": task(arguments, TimeoutSeconds="{% 2 + 1 %}")}
    found = run(aws, create_machine(aws, states))
    scheduled = next(
        event for event in history(aws, found["executionArn"]) if event["type"] == "TaskScheduled"
    )

    assert (found["status"], found["error"]) == ("FAILED", "States.Timeout")
    assert "cause" not in found
    assert scheduled["taskScheduledEventDetails"]["timeoutInSeconds"] == 3


@pytest.mark.rule("I8")
def test_a_missing_function_fails_the_task(aws):
    arguments = {"FunctionName": aws.name("missing")}
    call = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": arguments,
        "End": True,
    }
    found = run(aws, create_machine(aws, {"Call": call}))

    assert found["error"] == "Lambda.ResourceNotFoundException"
    assert "(Service: AWSLambda; Status Code: 404;" in found["cause"]
    assert "Error Code: ResourceNotFoundException; Request ID: " in found["cause"]


@pytest.mark.rule("N6")
def test_metadata_omits_input_and_output(aws):
    machines = aws.client("stepfunctions")
    found = run(aws, create_machine(aws, {"Done": {"Type": "Succeed"}}))
    machine = machines.describe_state_machine_for_execution(
        executionArn=found["executionArn"], includedData="METADATA_ONLY"
    )
    shown = machines.describe_execution(
        executionArn=found["executionArn"], includedData="METADATA_ONLY"
    )

    assert machine["definition"] == "{}"
    assert not {"input", "output"} & set(shown)


def sdk(action, arguments, **more):
    resource = f"arn:aws:states:::aws-sdk:{action}"
    return {"Type": "Task", "Resource": resource, "Arguments": arguments, "End": True, **more}


@pytest.mark.rule("I1")
def test_a_task_can_call_another_service(aws):
    item = {"id": {"S": aws.name("item")}, "at": {"N": "1"}, "document": {"S": "{}"}}
    table = shared.recorder(aws)
    aws.client("dynamodb").put_item(TableName=table, Item=item)
    get = sdk("dynamodb:getItem", {"TableName": table, "Key": {"id": item["id"]}})
    found = run(aws, create_machine(aws, {"Get": get}))

    assert json.loads(found["output"])["Item"] == item


@pytest.mark.rule("I2", "I7")
def test_an_error_from_another_service_fails_the_task(aws):
    answer = sdk("sfn:sendTaskSuccess", {"TaskToken": "unknown", "Output": "{}"})
    found = run(aws, create_machine(aws, {"Answer": answer}))
    scheduled = next(
        event for event in history(aws, found["executionArn"]) if event["type"] == "TaskScheduled"
    )

    assert found["error"] == "Sfn.InvalidTokenException"
    assert "(Service: Sfn, Status Code: 400, Request ID: " in found["cause"]
    assert scheduled["taskScheduledEventDetails"]["resourceType"] == "aws-sdk:sfn"


@pytest.mark.rule("I5", "I2")
def test_a_call_that_the_role_may_not_make_fails_the_task(aws):
    get = sdk("dynamodb:getItem", {"TableName": "other", "Key": {"id": {"S": "a"}}})
    found = run(aws, create_machine(aws, {"Get": get}))

    assert (found["status"], found["error"]) == ("FAILED", "DynamoDb.DynamoDbException")
    assert "is not authorized to perform: dynamodb:GetItem" in found["cause"]


@pytest.mark.rule("L11", "L12")
def test_a_result_that_is_too_large_can_be_caught(aws):
    payload = {"id": aws.name("large"), "size": 300_000}
    call = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": shared.recorder(aws), "Payload": payload},
        "Catch": [
            {
                "ErrorEquals": ["States.ALL"],
                "Next": "Handled",
                "Output": "{% $states.errorOutput %}",
            }
        ],
        "End": True,
    }
    handled = {"Type": "Pass", "Output": "{% $states.input %}", "End": True}
    found = run(aws, create_machine(aws, {"Call": call, "Handled": handled}))

    assert found["status"] == "SUCCEEDED"
    error = json.loads(found["output"])
    assert error["Error"] == "States.DataLimitExceeded"
    assert "The state/task 'lambda' returned" in error["Cause"]


@pytest.mark.rule("D4", "D6", "D7")
def test_a_redrive_is_counted_once_for_each_token(aws):
    machines = aws.client("stepfunctions")
    states = {"Failing": {"Type": "Fail", "Error": "Mine", "Cause": "as requested"}}
    arn = create_machine(aws, states)
    started = run(aws, arn)["executionArn"]

    def redrive():
        machines.redrive_execution(executionArn=started, clientToken="token")
        return ended(aws, started)

    found = redrive()
    again = redrive()
    (listed,) = machines.list_executions(stateMachineArn=arn)["executions"]

    assert (found["status"], found["redriveCount"], again["redriveCount"]) == ("FAILED", 1, 1)
    assert (listed["redriveCount"], listed["redriveDate"]) == (1, found["redriveDate"])
    events = history(aws, started)
    kinds = [event["type"] for event in events]
    assert kinds.count("FailStateEntered") == 2
    redriven = next(event for event in events if event["type"] == "ExecutionRedriven")
    assert redriven["previousEventId"] == 0


@pytest.mark.rule("I3", "D9")
def test_a_call_of_another_service_can_wait_for_an_answer(aws):
    machines, name = aws.client("stepfunctions"), aws.name("item")
    token = {"S": "{% $states.context.Task.Token %}"}
    item = {"id": {"S": name}, "at": {"N": "1"}, "document": token}
    table = shared.recorder(aws)
    put = sdk("dynamodb:putItem.waitForTaskToken", {"TableName": table, "Item": item})
    arn = create_machine(aws, {"Put": put})
    started = machines.start_execution(stateMachineArn=arn, input="{}")["executionArn"]

    def written():
        return aws.client("dynamodb").get_item(TableName=table, Key={"id": {"S": name}}).get("Item")

    found = aws.until(written, what="the item exists")["document"]["S"]
    role = shared.role(aws, "stranger", {"AWS": f"arn:aws:iam::{aws.account}:root"})
    aws.wait(10)
    session = aws.accepted(
        lambda: aws.client("sts").assume_role(RoleArn=role, RoleSessionName="stranger")
    )["Credentials"]
    stranger = aws.client_of("stepfunctions", session)
    denied = refusal(lambda: stranger.send_task_success(taskToken=found, output="{}"))
    machines.send_task_success(taskToken=found, output='{"a": 1}')
    ending = ended(aws, started)

    assert denied in {"AccessDenied", "AccessDeniedException"}
    assert (ending["status"], json.loads(ending["output"])) == ("SUCCEEDED", {"a": 1})
    assert "TaskSubmitted" in [event["type"] for event in history(aws, started)]
