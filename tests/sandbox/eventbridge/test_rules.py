import json
from unittest.mock import ANY

import pytest
from botocore.exceptions import ClientError

HERE, THERE, REGION = "111122223333", "222233334444", "eu-west-1"
PIPELINE = "arn:aws:codepipeline:eu-west-1:111122223333:app"
EVENT = {
    "source": "aws.codepipeline",
    "detail-type": "CodePipeline Pipeline Execution State Change",
    "resources": [PIPELINE],
    "detail": {"pipeline": "app", "state": "FAILED", "version": 6.0},
}


@pytest.fixture
def rule(client):
    def create(target, pattern=None, name="allowed", account=HERE, **settings):
        events = client("events", account)
        given = {"EventPattern": json.dumps(pattern or {"source": ["aws.codepipeline"]})}
        events.put_rule(Name=name, **(settings or given))
        events.put_targets(Rule=name, Targets=[{"Id": "t", **target}])

    return create


def test_a_function_receives_the_whole_event(cloud, rule, printer):
    rule({"Arn": printer.arn})

    cloud.events.put(HERE, REGION, EVENT)
    cloud.world.run()

    (event,) = printer.got()
    assert event == {
        **EVENT,
        "version": "0",
        "id": event["id"],
        "account": HERE,
        "region": REGION,
        "time": "2026-01-05T09:00:00Z",
    }


@pytest.mark.rule("V7")
@pytest.mark.parametrize(
    "pattern, matches",
    [
        ({"detail": {"state": ["FAILED", "STOPPED"]}}, True),
        ({"detail": {"state": ["SUCCEEDED"]}}, False),
        ({"detail": {"state": [{"anything-but": ["SUCCEEDED"]}]}}, True),
        ({"detail": {"state": [{"anything-but": "FAILED"}]}}, False),
        ({"detail": {"pipeline": [{"prefix": "ap"}]}}, True),
        ({"detail": {"pipeline": [{"prefix": "x"}]}}, False),
        ({"detail": {"version": [{"numeric": [">", 5, "<=", 6]}]}}, True),
        ({"detail": {"version": [{"numeric": [">", 6]}]}}, False),
        ({"detail": {"pipeline": [{"wildcard": "*p"}]}}, True),
        ({"detail": {"pipeline": [{"wildcard": "a*b"}]}}, False),
        ({"detail": {"pipeline": [{"wildcard": r"\*p"}]}}, False),
        ({"detail": {"pipeline": [{"anything-but": {"wildcard": "a*"}}]}}, False),
        ({"detail": {"stage": [{"exists": False}]}}, True),
        ({"detail": {"stage": [{"exists": True}]}}, False),
        ({"$or": [{"source": ["x"]}, {"detail": {"state": ["FAILED"]}}]}, True),
        ({"source": ["aws.codepipeline"], "account": [THERE]}, False),
    ],
)
def test_patterns_select_events(cloud, rule, printer, pattern, matches):
    rule({"Arn": printer.arn}, pattern)

    cloud.events.put(HERE, REGION, EVENT)
    cloud.world.run()

    assert bool(printer.got()) is matches


@pytest.mark.rule("V11")
@pytest.mark.parametrize(
    "wrong, reason",
    [
        ({"source": [{"like": "aws"}]}, "Unrecognized match type like"),
        ({"$or": [{"source": [{"like": "aws"}]}, {"account": ["1"]}]}, "match type like"),
        ({"source": [{"prefix": "aws", "suffix": "x"}]}, "Only one key allowed"),
        ({"source": [{"exists": "true"}]}, "must be either true or false"),
        ({"source": [{"wildcard": "aws.**"}]}, "Consecutive wildcard characters at pos 4"),
        ({"source": [{"anything-but": {"wildcard": "a**"}}]}, "Consecutive wildcard"),
        ({"source": [{"wildcard": r"aws\.*"}]}, "Invalid escape character at pos 3"),
        ({"source": [{"wildcard": ["aws.*"]}]}, "must be a string"),
        ({"source": ["x" * 2048]}, "over the quota of 2048"),
        (["aws"], "Filter is not an object"),
    ],
)
def test_an_invalid_pattern_is_refused(rule, printer, wrong, reason):
    with pytest.raises(ClientError, match=reason):
        rule({"Arn": printer.arn}, wrong)


def test_a_pattern_that_is_not_json_is_refused(rule, printer):
    with pytest.raises(ClientError, match="Invalid JSON"):
        rule({"Arn": printer.arn}, EventPattern="source: aws")


@pytest.mark.rule("V7")
@pytest.mark.parametrize(
    "shaped, expected",
    [
        ({"Input": '{"pipelineName": "MyFirstPipeline"}'}, {"pipelineName": "MyFirstPipeline"}),
        ({"InputPath": "$.detail"}, EVENT["detail"]),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"name": "$.detail.pipeline", "all": "$.detail"},
                    "InputTemplate": '{"pipelineName": <name>, "why": "<name> failed", "d": <all>}',
                }
            },
            {"pipelineName": "app", "why": "app failed", "d": EVENT["detail"]},
        ),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"state": "$.detail.state"},
                    "InputTemplate": '"<state>, reported by <aws.events.rule-name>"',
                }
            },
            "FAILED, reported by allowed",
        ),
        (  # a path that matches nothing, in JSON and inside a string
            {
                "InputTransformer": {
                    "InputPathsMap": {"none": "$.detail.none.at.all"},
                    "InputTemplate": '{"a": <none>, "b": "<none>!"}',
                }
            },
            {"a": "", "b": "!"},
        ),
        (  # objects and arrays lose their quotation marks inside a string
            {
                "InputTransformer": {
                    "InputPathsMap": {"all": "$.detail", "arns": "$.resources"},
                    "InputTemplate": '"<all> of <arns>"',
                }
            },
            f"{{pipeline:app,state:FAILED,version:6.0}} of [{PIPELINE}]",
        ),
        (
            {"InputTransformer": {"InputTemplate": '{"event": <aws.events.event>}'}},
            {
                "event": {
                    "version": "0",
                    "id": ANY,
                    "detailType": EVENT["detail-type"],
                    "source": "aws.codepipeline",
                    "account": HERE,
                    "time": "2026-01-05T09:00:00Z",
                    "region": REGION,
                    "resources": EVENT["resources"],
                }
            },
        ),
    ],
)
def test_the_input_can_be_transformed(cloud, rule, printer, shaped, expected):
    rule({"Arn": printer.arn, **shaped})

    cloud.events.put(HERE, REGION, EVENT)
    cloud.world.run()

    assert printer.got() == [expected]


def test_a_function_without_permission_for_the_rule_receives_nothing(cloud, rule, printer):
    rule({"Arn": printer.arn}, name="other")

    cloud.events.put(HERE, REGION, EVENT)
    cloud.world.run()

    assert printer.got() == []
    assert [lost.target_arn for lost in cloud.events.undelivered] == [printer.arn]


@pytest.mark.rule("D7")
@pytest.mark.parametrize("name, allowed", [("allowed", True), ("other", False)])
def test_a_rule_reports_the_ended_executions_of_one_state_machine_to_a_function(
    cloud, rule, client, role, printer, name, allowed
):
    # given two machines whose executions fail, and one execution that succeeds
    states = client("stepfunctions")
    role_arn = role("states.amazonaws.com", "logs:*")
    choice = {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $states.input.well %}", "Next": "Done"}],
        "Default": "No",
    }
    definition = {
        "QueryLanguage": "JSONata",
        "StartAt": "Which",
        "States": {
            "Which": choice,
            "Done": {"Type": "Succeed"},
            "No": {"Type": "Fail", "Error": "E", "Cause": "C"},
        },
    }
    arns = [
        states.create_state_machine(
            name=machine, definition=json.dumps(definition), roleArn=role_arn
        )["stateMachineArn"]
        for machine in ("mine", "mine2")
    ]
    detail = {"stateMachineArn": [arns[0]], "status": ["FAILED", "TIMED_OUT", "ABORTED"]}
    rule({"Arn": printer.arn}, {"source": ["aws.states"], "detail": detail}, name)

    # when
    started = [
        states.start_execution(stateMachineArn=arn, input=json.dumps({"well": well}))
        for arn, well in ((arns[0], False), (arns[0], True), (arns[1], False))
    ]
    cloud.world.run()
    states.redrive_execution(executionArn=started[0]["executionArn"])
    cloud.world.run()

    # then the redrive has sent another event for the same execution
    details = [event["detail"] for event in printer.got()]
    failed = started[0]["executionArn"]
    expected = [(failed, "FAILED", "C", 0), (failed, "FAILED", "C", 1)]
    keys = ("executionArn", "status", "cause", "redriveCount")
    assert [tuple(one[key] for key in keys) for one in details] == (expected if allowed else [])
    assert len(cloud.events.undelivered) == (0 if allowed else 2)


def test_a_disabled_rule_delivers_nothing(cloud, rule, client, printer):
    rule({"Arn": printer.arn})
    client("events").disable_rule(Name="allowed")

    cloud.events.put(HERE, REGION, EVENT)
    cloud.world.run()

    assert printer.got() == []


def test_a_state_machine_is_started_with_the_targets_role(cloud, rule, role, machine):
    arn = role("events.amazonaws.com", "states:StartExecution", machine.arn)
    rule({"Arn": machine.arn, "RoleArn": arn, "Input": '{"pipelineName": "app"}'})

    cloud.events.put(HERE, REGION, EVENT)
    cloud.world.run()

    assert machine.inputs() == [{"pipelineName": "app"}]


def test_a_role_without_permission_starts_nothing(cloud, rule, role, machine):
    rule({"Arn": machine.arn, "RoleArn": role("events.amazonaws.com", "states:StopExecution")})

    cloud.events.put(HERE, REGION, EVENT)
    cloud.world.run()

    assert machine.inputs() == []
    assert len(cloud.events.undelivered) == 1


def test_a_role_that_eventbridge_cannot_assume_is_refused(rule, role, machine):
    arn = role("lambda.amazonaws.com", "states:StartExecution")

    with pytest.raises(ClientError, match="cannot be assumed by principal 'events"):
        rule({"Arn": machine.arn, "RoleArn": arn})


def test_a_role_of_another_account_is_refused(rule, machine):
    with pytest.raises(ClientError, match="Cross-account pass role is not allowed"):
        rule({"Arn": machine.arn, "RoleArn": f"arn:aws:iam::{THERE}:role/role"})


def test_a_rule_has_at_most_five_targets(client, rule, printer):
    rule({"Arn": printer.arn})
    more = [{"Id": str(number), "Arn": printer.arn} for number in range(5)]

    with pytest.raises(ClientError, match="LimitExceededException"):
        client("events").put_targets(Rule="allowed", Targets=more)


@pytest.mark.rule("V17")
def test_a_connection_or_destination_with_a_name_already_in_use_is_refused(client):
    events = client("events")
    key = {"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "v"}}
    connection = {"Name": "it", "AuthorizationType": "API_KEY", "AuthParameters": key}
    arn = events.create_connection(**connection)["ConnectionArn"]
    destination = {
        "Name": "it",
        "ConnectionArn": arn,
        "InvocationEndpoint": "https://example.com",
        "HttpMethod": "POST",
    }
    events.create_api_destination(**destination)

    with pytest.raises(events.exceptions.ResourceAlreadyExistsException, match="Connection it"):
        events.create_connection(**connection)
    with pytest.raises(events.exceptions.ResourceAlreadyExistsException, match="destination 'it'"):
        events.create_api_destination(**destination)

    events.delete_connection(Name="it")
    events.create_connection(**connection)


def test_events_put_through_the_api_are_delivered(cloud, rule, client, printer):
    rule({"Arn": printer.arn}, {"source": ["mine"]})

    answer = client("events").put_events(
        Entries=[
            {"Source": "mine", "DetailType": "t", "Detail": '{"a": 1}'},
            {"Source": "aws.fake", "DetailType": "t", "Detail": "{}"},
            {"Source": "mine", "DetailType": "t", "Detail": "[1]"},
            {"Source": "mine", "DetailType": "t"},
        ]
    )
    cloud.world.run()

    assert answer["FailedEntryCount"] == 3
    assert [entry.get("ErrorCode") for entry in answer["Entries"]] == [
        None,
        "NotAuthorizedForSourceException",
        "MalformedDetail",
        "InvalidArgument",
    ]
    assert [event["detail"] for event in printer.got()] == [{"a": 1}]


@pytest.mark.parametrize(
    "target, message",
    [
        ({"Arn": f"arn:aws:states:{REGION}:{THERE}:stateMachine:m"}, "cross-account"),
        ({"Arn": f"arn:aws:states:{REGION}:{HERE}:stateMachine:m"}, "RoleArn is required"),
        ({"Arn": f"arn:aws:lambda:us-east-1:{HERE}:function:f"}, "another Region"),
        ({"Arn": f"arn:aws:sqs:{REGION}:{HERE}:queue"}, "does not support"),
        ({"Arn": f"arn:aws:lambda:{REGION}:{THERE}:function:f"}, "does not support"),
        ({"Arn": f"arn:aws:sns:{REGION}:{THERE}:topic"}, "does not support"),
        (
            {
                "Arn": f"arn:aws:lambda:{REGION}:{HERE}:function:f",
                "Input": "{}",
                "InputPath": "$.detail",
            },
            "Only one of",
        ),
        ({"Arn": "nope"}, "Parameter nope is not valid. Reason: Provided Arn is not in"),
        ({"Arn": "arn:aws:lambda"}, "Provided Arn is not in correct format"),
        ({"RoleArn": "nope"}, "Provided Arn is not in correct format"),
        ({"InputPath": "detail"}, "does not support the path detail for target t"),
        ({"InputPath": "$.detail[*].a"}, "does not support the path"),
        (
            {"InputTransformer": {"InputPathsMap": {"a": "$..a"}, "InputTemplate": "<a>"}},
            "does not support the path",
        ),
        ({"Input": "not json"}, "JSON syntax error in input for target t"),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"state": "$.detail.state"},
                    "InputTemplate": '{"s": <state>, "r": <aws.events.rule-name>, "n": <none>}',
                }
            },
            r"InputTemplate for target t contains invalid placeholder none\.",
        ),
        ({"Input": f'"{"a" * 8191}"'}, "length less than or equal to 8192"),
        ({"DeadLetterConfig": {"Arn": f"arn:aws:sqs:{REGION}:{HERE}:queue"}}, "DeadLetterConfig"),
    ],
)
def test_invalid_targets_are_refused(rule, target, message):
    with pytest.raises(ClientError, match=message):
        rule({"Arn": f"arn:aws:lambda:{REGION}:{HERE}:function:f", **target})


def test_a_scheduled_rule_fires_on_the_worlds_clock(cloud, rule, client, printer):
    rule({"Arn": printer.arn}, ScheduleExpression="rate(10 minutes)")

    cloud.world.sleep(25 * 60)
    client("events").disable_rule(Name="allowed")
    cloud.world.sleep(60 * 60)

    events = printer.got()
    assert [event["time"] for event in events] == ["2026-01-05T09:10:00Z", "2026-01-05T09:20:00Z"]
    assert events[0]["detail-type"] == "Scheduled Event"


def test_a_deleted_scheduled_rule_no_longer_fires(cloud, rule, client, printer):
    rule({"Arn": printer.arn}, ScheduleExpression="cron(0 10 * * ? *)")
    client("events").remove_targets(Rule="allowed", Ids=["t"])
    client("events").delete_rule(Name="allowed")

    cloud.world.sleep(86400)

    assert printer.got() == []
    assert cloud.world.next_time() is None


@pytest.mark.rule("V14")
@pytest.mark.parametrize(
    "expression",
    ["rate(1 minutes)", " rate(10 minutes)", "cron(0 9 * * *)", "at(2026-01-05T12:00:00)"],
)
def test_an_invalid_schedule_expression_is_refused(rule, printer, expression):
    with pytest.raises(ClientError, match=r": Parameter ScheduleExpression is not valid\.$"):
        rule({"Arn": printer.arn}, ScheduleExpression=expression)
