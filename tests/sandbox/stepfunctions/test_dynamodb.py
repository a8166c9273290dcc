"""State machines that read and write DynamoDB items without a function."""

import json

import pytest
from botocore.exceptions import ClientError

from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.faults import CallFault
from codepipeline_sandbox.stepfunctions.visits import history
from tests.sandbox.refused import error_code
from tests.sandbox.stepfunctions.conftest import ACCOUNT, REGION, outcome_of

TABLE = "Waits"
ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}"
KEY = {"execution": {"S": "x"}}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "states.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
ALLOWED = {
    "Effect": "Allow",
    "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
    "Resource": [ARN, ARN.replace(TABLE, "Other")],
}
OTHER = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": f"{ARN}s"}


def call(action, arguments, **more):
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::aws-sdk:dynamodb:{action}",
        "Arguments": {"TableName": TABLE, "Key": KEY, **arguments},
        "End": True,
        **more,
    }


def register(heard="3", **more):
    """A task that stores its token in the item if the item's counter has the given value."""
    return call(
        "updateItem.waitForTaskToken",
        {
            "UpdateExpression": "SET #wait = :token",
            "ConditionExpression": "heard = :heard",
            "ExpressionAttributeNames": {"#wait": "{% 'wait:' & $states.context.Execution.Name %}"},
            "ExpressionAttributeValues": {
                ":token": {"S": "{% $states.context.Task.Token %}"},
                ":heard": {"N": heard},
            },
        },
        **more,
    )


def read(**more):
    return call("getItem", {"ConsistentRead": True, "ProjectionExpression": "heard"}, **more)


class Machines:
    def __init__(self, cloud, *allowed):
        self.cloud = cloud
        session = cloud.session(ACCOUNT, REGION)
        self.dynamodb, self.sfn = session.client("dynamodb"), session.client("stepfunctions")
        self.dynamodb.create_table(
            TableName=TABLE,
            AttributeDefinitions=[{"AttributeName": "execution", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "execution", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.dynamodb.put_item(TableName=TABLE, Item={**KEY, "heard": {"N": "3"}})
        iam = session.client("iam")
        role = iam.create_role(RoleName="Machine", AssumeRolePolicyDocument=json.dumps(TRUST))
        self.role = role["Role"]["Arn"]
        document = {"Version": "2012-10-17", "Statement": list(allowed)}
        iam.put_role_policy(
            RoleName="Machine", PolicyName="Items", PolicyDocument=json.dumps(document)
        )

    def create(self, states):
        definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}
        created = self.sfn.create_state_machine(
            name="Machine", definition=json.dumps(definition), roleArn=self.role
        )
        return created["stateMachineArn"]

    def start(self, states, given=None):
        arn = self.sfn.start_execution(
            stateMachineArn=self.create(states), name="one", input=json.dumps(given or {})
        )["executionArn"]
        self.cloud.world.run(until=self.cloud.world.now + 5)
        return arn

    def run(self, states, given=None):
        return self.end(self.start(states, given))

    def end(self, arn):
        self.cloud.world.result_of(self.cloud.state_machines.ended(arn))
        return outcome_of(self.sfn, arn)

    @property
    def item(self):
        return self.dynamodb.get_item(TableName=TABLE, Key=KEY)["Item"]

    @property
    def token(self):
        return self.item["wait:one"]["S"]


@pytest.fixture
def machines(cloud):
    return Machines(cloud, ALLOWED)


@pytest.mark.rule("I1", "I2")
def test_results_use_the_names_and_types_of_the_api(machines):
    states = {
        "Read": read(Next="Write", Assign={"was": "{% $number($states.result.Item.heard.N) %}"}),
        "Write": call(
            "updateItem",
            {
                "UpdateExpression": "SET heard = :heard",
                "ExpressionAttributeValues": {":heard": {"N": "{% $string($was + 1) %}"}},
                "ReturnValues": "ALL_NEW",
            },
        ),
    }
    del states["Read"]["End"]

    end = machines.run(states)

    assert end.output == {"Attributes": {**KEY, "heard": {"N": "4"}}}
    assert machines.item == {**KEY, "heard": {"N": "4"}}


@pytest.mark.rule("I1")
@pytest.mark.parametrize(
    "state, output",
    [
        (call("getItem", {"Key": {"execution": {"S": "y"}}}), {}),
        (call("updateItem", {"UpdateExpression": "REMOVE heard"}), {}),
        (
            call(
                "updateItem",
                {
                    "UpdateExpression": "SET begun = :yes",
                    "ExpressionAttributeValues": {":yes": {"Bool": True}},
                    "ReturnValues": "UPDATED_NEW",
                },
            ),
            {"Attributes": {"begun": {"Bool": True}}},
        ),
    ],
)
def test_results_omit_absent_members(machines, state, output):
    assert machines.run({"Call": state}).output == output


@pytest.mark.rule("I1")
def test_an_item_can_be_put(machines):
    arguments = {"TableName": TABLE, "Item": {**KEY, "turn": {"M": {"run": {"S": "one"}}}}}

    end = machines.run({"Put": call("putItem", {}, Arguments=arguments)})

    assert (end.status, end.output) == ("SUCCEEDED", {})
    assert machines.item == arguments["Item"]


@pytest.mark.rule("I3")
def test_a_wait_for_a_token_returns_the_output_that_is_sent(machines):
    # given
    arn = machines.start({"Wait": register(TimeoutSeconds="{% 60 * 15 %}")})
    assert len(machines.token) > 600

    # when
    machines.sfn.send_task_success(taskToken=machines.token, output='{"heard": 4}')

    # then
    end = machines.end(arn)
    assert (end.status, end.output) == ("SUCCEEDED", {"heard": 4})
    assert end.types == [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    kind = {"resourceType": "aws-sdk:dynamodb", "resource": "updateItem.waitForTaskToken"}
    assert [{name: each[name] for name in kind} for each in end.details[2:6]] == [kind] * 4
    assert end.details[2]["timeoutInSeconds"] == 900
    assert json.loads(end.details[2]["parameters"])["Key"] == KEY
    assert end.details[4]["output"] == "{}"


@pytest.mark.rule("I3")
def test_a_wait_for_a_token_ends_at_its_time_limit(machines):
    end = machines.run(
        {
            "Wait": register(
                TimeoutSeconds=900, Catch=[{"ErrorEquals": ["States.Timeout"], "Next": "Read"}]
            ),
            "Read": read(),
        }
    )

    assert end.entered == ["Wait", "Read"]
    assert end.types[4:6] == ["TaskSubmitted", "TaskTimedOut"]
    assert 900 < end.seconds < 901
    code = error_code(machines.sfn.send_task_success, taskToken=machines.token, output="{}")
    assert code == "TaskTimedOut"


@pytest.mark.rule("I3")
def test_a_wait_for_a_token_fails_with_the_error_that_is_sent(machines):
    arn = machines.start({"Wait": register()})

    machines.sfn.send_task_failure(taskToken=machines.token, error="Lost", cause="no more")

    end = machines.end(arn)
    assert (end.status, end.error, end.cause) == ("FAILED", "Lost", "no more")


@pytest.mark.rule("I2")
def test_a_failed_condition_can_be_caught_and_then_no_wait_begins(machines):
    caught = [{"ErrorEquals": ["DynamoDb.ConditionalCheckFailedException"], "Next": "Read"}]

    end = machines.run({"Wait": register(heard="2", Catch=caught), "Read": read()})

    assert (end.status, end.output) == ("SUCCEEDED", {"Item": {"heard": {"N": "3"}}})
    assert end.types[4] == "TaskFailed"
    assert end.details[4]["error"] == "DynamoDb.ConditionalCheckFailedException"
    assert end.details[4]["cause"].startswith(
        "The conditional request failed (Service: DynamoDb, Status Code: 400, Request ID: "
    )
    assert machines.item == {**KEY, "heard": {"N": "3"}}


@pytest.mark.rule("I2")
@pytest.mark.parametrize(
    "arguments, error",
    [
        ({"TableName": "Other"}, "DynamoDb.ResourceNotFoundException"),
        ({"Key": {"run": {"S": "x"}}}, "DynamoDb.DynamoDbException"),
        ({"Key": None}, "DynamoDb.DynamoDbException"),
        ({"TableName": 5}, "States.Runtime"),
        ({"Key": {"execution": {"S": 5}}}, "States.Runtime"),
        ({"Key": {"execution": {"SS": ["x"]}}}, "States.Runtime"),
    ],
)
def test_errors_are_named_as_in_the_sdk_for_java(machines, arguments, error):
    assert machines.run({"Read": call("getItem", arguments)}).error == error


@pytest.mark.rule("I2")
@pytest.mark.parametrize(
    "kind, error",
    [
        ("throttled", "DynamoDb.ProvisionedThroughputExceededException"),
        ("unavailable", "DynamoDb.InternalServerErrorException"),
        ("denied", "DynamoDb.DynamoDbException"),
        ("unreachable", "DynamoDb.SdkClientException"),
        ("lost", "DynamoDb.SdkClientException"),
    ],
)
def test_faults_affect_each_attempt_of_a_call(machines, kind, error):
    # given
    fault = CallFault(kind, "dynamodb:GetItem", function="stateMachine:Machine", times=2)
    machines.cloud.faults.add(fault)
    retry = [{"ErrorEquals": [error], "MaxAttempts": 2, "IntervalSeconds": 10, "BackoffRate": 1}]

    # when
    end = machines.run({"Read": read(Retry=retry)})

    # then
    assert end.status == "SUCCEEDED"
    errors = [each["error"] for each in end.details if each and "error" in each]
    assert errors == [error, error]
    assert [strike.function for strike in machines.cloud.faults.log] == ["stateMachine:Machine"] * 2
    assert 20 < end.seconds < 21


@pytest.mark.rule("I4")
def test_a_write_whose_answer_is_lost_has_taken_effect(machines):
    machines.cloud.faults.add(CallFault("lost", "dynamodb:UpdateItem", times=1))

    end = machines.run(
        {"Wait": register(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Read"}]), "Read": read()}
    )

    assert end.entered == ["Wait", "Read"]
    assert (
        error_code(machines.sfn.send_task_success, taskToken=machines.token, output="{}")
        == "TaskTimedOut"
    )


@pytest.mark.rule("I4")
def test_a_call_continues_after_its_state_has_timed_out(machines):
    machines.cloud.faults.add(CallFault("slow", "dynamodb:*", seconds=20))

    end = machines.run(
        {"Write": call("updateItem", {"UpdateExpression": "REMOVE heard"}, TimeoutSeconds=10)}
    )

    assert (end.status, end.error, end.seconds) == ("FAILED", "States.Timeout", 10)
    assert machines.item == KEY


@pytest.mark.rule("I4")
def test_an_answer_may_come_before_the_call_returns(machines):
    # given
    machines.cloud.faults.add(CallFault("slow", "dynamodb:UpdateItem", seconds=20))
    arn = machines.start({"Wait": register()})

    # when
    machines.sfn.send_task_success(taskToken=machines.token, output="4")

    # then
    assert machines.end(arn).output == 4


@pytest.mark.rule("I4", "F6")
def test_a_state_machine_cannot_be_killed(machines):
    machines.cloud.faults.add(*(CallFault(f"killed-{when}") for when in ("before", "after")))

    assert machines.run({"Read": read()}).status == "SUCCEEDED"
    assert machines.cloud.faults.log == []


@pytest.mark.rule("I5")
@pytest.mark.parametrize("allowed", [OTHER, {**ALLOWED, "Action": "dynamodb:PutItem"}])
def test_a_state_machines_role_needs_the_permission(cloud, allowed):
    end = Machines(cloud, allowed).run({"Read": read()})

    assert end.error == "DynamoDb.DynamoDbException"
    assert end.cause.startswith(
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/Machine/StepFunctions is not authorized to "
        f"perform: dynamodb:GetItem on resource: {ARN} because no identity-based policy allows"
    )


@pytest.mark.rule("I5")
def test_a_state_machines_role_must_trust_step_functions_at_each_call(machines):
    # given a call that was allowed
    states = {
        "Read": read(Next="Pause"),
        "Pause": {"Type": "Wait", "Seconds": 60, "Next": "Again"},
        "Again": read(),
    }
    del states["Read"]["End"]
    arn = machines.start(states)

    # when
    iam = machines.cloud.session(ACCOUNT, REGION).client("iam")
    document = json.dumps(TRUST).replace("states.", "lambda.")
    iam.update_assume_role_policy(RoleName="Machine", PolicyDocument=document)

    # then
    assert machines.end(arn).error == "DynamoDb.DynamoDbException"


@pytest.mark.rule("I5")
def test_an_execution_may_take_longer_than_a_session(machines):
    states = {
        "Read": read(Next="Pause"),
        "Pause": {"Type": "Wait", "Seconds": 3 * 86_400, "Next": "Again"},
        "Again": read(),
    }
    del states["Read"]["End"]

    assert machines.run(states).status == "SUCCEEDED"


@pytest.mark.rule("I6")
@pytest.mark.parametrize(
    "state, problem",
    [
        (call("query", {}), "aws-sdk:dynamodb:query"),
        (call("batchGetItem.waitForTaskToken", {}), "aws-sdk:dynamodb:batchGetItem"),
        ({**read(), "Resource": "arn:aws:states:::dynamodb:getItem"}, "states:::dynamodb:getItem"),
        ({**read(), "Resource": "arn:aws:states:::aws-sdk:sqs:sendMessage"}, "aws-sdk:sqs"),
        (call("getItem", {"AttributesToGet": ["a"]}), "the argument 'AttributesToGet'"),
        (
            call("getItem", {"tableName": TABLE}),
            "The field 'tableName' is not supported by Step Functions",
        ),
        (call("getItem", {}, Arguments={"TableName": TABLE}), "The field 'Key' is required"),
        (call("getItem", {}, Arguments=["a"]), "Expected an object"),
        (
            {**read(), "Resource": "arn:aws:states:::aws-sdk:dynamodb:getItems"},
            (
                "The resource provided arn:aws:states:::aws-sdk:dynamodb:getItems is not "
                "recognized. The value is not a valid resource ARN, or the resource is not "
                "available in this region. at /States/Call/Resource"
            ),
        ),
    ],
)
def test_an_unsupported_definition_is_refused(machines, state, problem):
    with pytest.raises(ClientError) as caught:
        machines.create({"Call": state})

    assert caught.value.response["Error"]["Code"] == "InvalidDefinition"
    assert problem in caught.value.response["Error"]["Message"]


@pytest.mark.rule("I6")
def test_arguments_may_be_one_expression(machines):
    arguments = "{% {'TableName': 'Waits', 'Key': $states.input.key} %}"

    end = machines.run({"Read": call("getItem", {}, Arguments=arguments)}, {"key": KEY})

    assert end.output["Item"]["heard"] == {"N": "3"}


@pytest.mark.rule("I6")
def test_misspelled_arguments_from_an_expression_are_not_sent(machines):
    arguments = "{% {'tableName': 'Waits'} %}"

    end = machines.run({"Read": call("getItem", {}, Arguments=arguments)})

    assert end.error == "States.Runtime"
    assert "The field 'tableName' is not supported by Step Functions" in end.cause


@pytest.mark.rule("I7")
def test_a_wait_that_times_out_adds_six_events_to_the_history(machines, monkeypatch):
    monkeypatch.setattr(history, "HARD_LIMIT", 250)
    states = {
        "Wait": register(
            TimeoutSeconds=1, Catch=[{"ErrorEquals": ["States.Timeout"], "Next": "Wait"}]
        )
    }

    end = machines.run(states)

    assert (end.error, len(end.events)) == ("States.Runtime", 250)
    assert len(end.entered) == (250 - 2) // 6 + 1


@pytest.mark.rule("I1")
def test_the_same_seed_gives_the_same_calls():
    def history_of_a_run():
        with Cloud(seed=5) as cloud:
            machines = Machines(cloud, ALLOWED)
            end = machines.run(
                {
                    "Wait": register(
                        heard="2", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "R"}]
                    ),
                    "R": read(),
                }
            )
            return json.dumps(end.events, default=str)

    assert history_of_a_run() == history_of_a_run()


@pytest.mark.rule("I4")
def test_a_call_continues_after_its_execution_is_stopped(machines):
    # given
    machines.cloud.faults.add(CallFault("slow", "dynamodb:UpdateItem", seconds=20))
    arn = machines.start({"Write": call("updateItem", {"UpdateExpression": "REMOVE heard"})})

    # when
    machines.sfn.stop_execution(executionArn=arn)
    machines.cloud.world.run()

    # then
    assert machines.end(arn).status == "ABORTED"
    assert machines.item == KEY


@pytest.mark.rule("D8")
def test_a_redriven_wait_has_a_new_token(machines):
    # given
    arn = machines.start({"Wait": register()})
    first = machines.token
    machines.sfn.stop_execution(executionArn=arn)

    # when
    machines.sfn.redrive_execution(executionArn=arn)
    machines.cloud.world.run(until=machines.cloud.world.now + 5)

    # then
    assert machines.token != first
    machines.sfn.send_task_success(taskToken=machines.token, output="{}")
    assert machines.end(arn).status == "SUCCEEDED"
