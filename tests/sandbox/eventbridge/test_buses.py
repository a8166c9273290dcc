"""Events pass between buses, accounts and Regions if the roles and policies allow it."""

import json

import pytest
from botocore.exceptions import ClientError

from codepipeline_sandbox.cloudformation import DeploymentFailed, deploy
from codepipeline_sandbox.cloudwatch.metrics import datapoints
from codepipeline_sandbox.codepipeline import Settings
from codepipeline_sandbox.faults import DeliveryFault

HERE, THERE, REGION, AWAY = "111122223333", "222233334444", "eu-west-1", "us-east-1"
ORGANIZATION = "o-a1b2c3d4e5"
BUS = f"arn:aws:events:{REGION}:{HERE}:event-bus/orchestrator"
EVENT = {
    "source": "aws.codepipeline",
    "detail-type": "CodePipeline Pipeline Execution State Change",
    "resources": [f"arn:aws:codepipeline:{REGION}:{THERE}:app"],
    "detail": {"pipeline": "app", "state": "FAILED"},
}
TO_PUT = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": BUS}
FROM_THERE = {**TO_PUT, "Principal": {"AWS": [THERE]}}
FROM_ORGANIZATION = {
    **TO_PUT,
    "Principal": "*",
    "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}},
}


def rule_on_bus(target, **more):
    properties = {
        "Name": "allowed",
        "EventBusName": {"Ref": "Bus"},
        "EventPattern": {"source": ["aws.codepipeline"]},
        "Targets": [{"Id": "t", **target}],
        **more,
    }
    return {"Type": "AWS::Events::Rule", "Properties": properties}


def policy(**properties):
    given = {"EventBusName": {"Ref": "Bus"}, "StatementId": "senders", **properties}
    return {"Type": "AWS::Events::EventBusPolicy", "Properties": given}


@pytest.fixture
def stack(cloud, tmp_path):
    def create(resources=None, *, name="bus", **settings):
        bus = {"Name": "orchestrator", **settings}
        template = {
            "Resources": {
                "Bus": {"Type": "AWS::Events::EventBus", "Properties": bus},
                **(resources or {}),
            },
            "Outputs": {
                "Ref": {"Value": {"Ref": "Bus"}},
                "Arn": {"Value": {"Fn::GetAtt": ["Bus", "Arn"]}},
                "Name": {"Value": {"Fn::GetAtt": ["Bus", "Name"]}},
                **{
                    f"{kind}Of{logical_id}": {"Value": value}
                    for logical_id, resource in (resources or {}).items()
                    if resource["Type"] == "AWS::Events::Rule"
                    for kind, value in (
                        ("Ref", {"Ref": logical_id}),
                        ("Arn", {"Fn::GetAtt": [logical_id, "Arn"]}),
                        ("Name", {"Fn::GetAtt": [logical_id, "RuleName"]}),
                    )
                },
            },
        }
        (tmp_path / f"{name}.json").write_text(json.dumps(template))
        return deploy(cloud, tmp_path / f"{name}.json", HERE, REGION, name)

    return create


@pytest.fixture
def forward(cloud, role):
    """Creates a rule on an account's default bus that sends its events to the bus."""

    def create(account=THERE, region=REGION, *, arn=BUS, action="events:PutEvents", bus="default"):
        events = cloud.session(account, region).client("events")
        pattern = json.dumps({"source": ["aws.codepipeline"]})
        events.put_rule(Name="forward", EventPattern=pattern, EventBusName=bus)
        role_arn = role("events.amazonaws.com", action, arn, name=f"r-{region}", account=account)
        target = {"Id": "t", "Arn": arn, "RoleArn": role_arn}
        events.put_targets(Rule="forward", EventBusName=bus, Targets=[target])
        return role_arn

    return create


@pytest.fixture
def allowed(cloud, printer):
    """The `printer` function, with a permission for a rule on the bus."""
    cloud.session(HERE, REGION).client("lambda").add_permission(
        FunctionName=printer.arn,
        StatementId="bus",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=f"arn:aws:events:{REGION}:{HERE}:rule/orchestrator/allowed",
    )
    return printer


@pytest.mark.rule("V10")
def test_a_stack_can_have_a_bus_with_rules(client, stack, printer):
    outputs = stack(
        {
            "Told": rule_on_bus({"Arn": printer.arn}, EventPattern='{"source": ["mine"]}'),
            "Off": rule_on_bus({"Arn": printer.arn}, Name="off", State="DISABLED"),
            "Usual": rule_on_bus({"Arn": printer.arn}, Name="usual", EventBusName="default"),
        },
        Description="events that runs wait for",
        Tags=[{"Key": "team", "Value": "tools"}],
    ).outputs

    events = client("events")
    arn = outputs["ArnOfTold"]
    assert (outputs["Ref"], outputs["Arn"], outputs["Name"]) == (
        "orchestrator",
        BUS,
        "orchestrator",
    )
    assert (outputs["RefOfTold"], outputs["NameOfTold"]) == ("orchestrator|allowed", "allowed")
    assert arn == f"arn:aws:events:{REGION}:{HERE}:rule/orchestrator/allowed"
    assert (outputs["RefOfUsual"], outputs["NameOfUsual"]) == ("usual", "usual")
    rule = events.describe_rule(Name="allowed", EventBusName="orchestrator")
    assert json.loads(rule["EventPattern"]) == {"source": ["mine"]}
    assert events.describe_rule(Name="off", EventBusName=BUS)["State"] == "DISABLED"
    assert events.list_tags_for_resource(ResourceARN=BUS)["Tags"] == [
        {"Key": "team", "Value": "tools"}
    ]


@pytest.mark.rule("V10")
def test_a_deleted_stack_removes_its_bus_rules_and_policy(client, stack, printer):
    stack({"Told": rule_on_bus({"Arn": printer.arn}), "Senders": policy(Statement=FROM_THERE)})

    client("cloudformation").delete_stack(StackName="bus")

    assert [bus["Name"] for bus in client("events").list_event_buses()["EventBuses"]] == ["default"]


@pytest.mark.rule("V10")
def test_a_bus_with_rules_cannot_be_deleted(client, stack, printer):
    stack({"Told": rule_on_bus({"Arn": printer.arn})})

    with pytest.raises(ClientError, match="has rules"):
        client("events").delete_event_bus(Name="orchestrator")


@pytest.mark.rule("V10")
@pytest.mark.parametrize(
    "settings, message",
    [
        ({"Name": "a b"}, "regular expression pattern"),
        ({"Name": "default"}, "already exists"),
        ({"DeadLetterConfig": {"Arn": "arn:aws:sqs:eu-west-1:111122223333:q"}}, "not support"),
        ({"KmsKeyIdentifier": "alias/mine"}, "must be specified by its ARN"),
        (
            {"KmsKeyIdentifier": f"arn:aws:kms:{REGION}:{HERE}:key/none"},
            "denies kms:DescribeKey, kms:GenerateDataKey, kms:Decrypt",
        ),
    ],
)
def test_an_invalid_bus_is_refused(stack, settings, message):
    with pytest.raises(DeploymentFailed, match=message):
        stack(**settings)


@pytest.mark.rule("V10")
@pytest.mark.parametrize(
    "properties, message",
    [
        ({"Name": "x" * 65}, "length less than or equal to 64"),
        ({"State": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}, "does not support the state"),
        ({"EventBusName": "none"}, "does not exist"),
        ({"ScheduleExpression": "rate(5 minutes)"}, "only on the default event bus"),
        ({"Targets": [{"Id": "t", "Arn": BUS}]}, "RoleArn is required"),
    ],
)
def test_an_invalid_rule_fails_its_stack(stack, printer, properties, message):
    with pytest.raises(DeploymentFailed, match=message):
        stack({"Told": rule_on_bus({"Arn": printer.arn}, **properties)})


@pytest.mark.rule("V8", "V9")
@pytest.mark.parametrize(
    "properties, arrives",
    [
        ({"Statement": FROM_THERE}, True),
        ({"Statement": json.dumps(FROM_THERE)}, True),
        ({"Statement": FROM_ORGANIZATION}, True),
        ({"Action": "events:PutEvents", "Principal": THERE}, True),
        (
            {
                "Action": "events:PutEvents",
                "Principal": "*",
                "Condition": {
                    "Type": "StringEquals",
                    "Key": "aws:PrincipalOrgID",
                    "Value": ORGANIZATION,
                },
            },
            True,
        ),
        (
            {
                "Statement": {
                    **FROM_THERE,
                    "Condition": {"StringEquals": {"events:source": "aws.codepipeline"}},
                }
            },
            True,
        ),
        (
            {
                "Statement": {
                    **FROM_THERE,
                    "Condition": {"StringEquals": {"events:source": "aws.states"}},
                }
            },
            False,
        ),
        ({"Action": "events:PutEvents", "Principal": "333344445555"}, False),
        ({"Statement": {**FROM_ORGANIZATION, "Effect": "Deny"}}, False),
        (
            {
                "Statement": {
                    **FROM_ORGANIZATION,
                    "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-another"}},
                }
            },
            False,
        ),
    ],
)
def test_events_from_another_account_arrive_if_the_bus_policy_allows_them(
    cloud, stack, allowed, forward, properties, arrives
):
    # given
    cloud.access.organizations[THERE] = ORGANIZATION
    stack({"Told": rule_on_bus({"Arn": allowed.arn}), "Senders": policy(**properties)})
    forward()

    # when
    cloud.events.put(THERE, REGION, EVENT)
    cloud.world.run()

    # then
    sent = cloud.events.log[0]
    assert allowed.got() == ([sent] if arrives else [])
    assert (sent["account"], sent["region"]) == (THERE, REGION)
    assert [lost.target_arn for lost in cloud.events.undelivered] == ([] if arrives else [BUS])
    failed = [(one.name, one.dimensions) for one in datapoints(cloud, THERE, REGION)]
    assert failed == ([] if arrives else [("FailedInvocations", {"RuleName": "forward"})])


@pytest.mark.rule("V9")
def test_an_account_without_an_organization_matches_no_organization(cloud, stack, allowed, forward):
    stack({"Told": rule_on_bus({"Arn": allowed.arn}), "Of": policy(Statement=FROM_ORGANIZATION)})
    forward()

    cloud.events.put(THERE, REGION, EVENT)
    cloud.world.run()

    assert allowed.got() == []


@pytest.mark.rule("V9")
def test_two_statements_may_name_the_same_account(client, stack):
    stack(
        {
            "One": policy(Statement=FROM_THERE),
            "Other": policy(Statement=FROM_THERE, StatementId="again"),
        }
    )

    shown = json.loads(client("events").describe_event_bus(Name="orchestrator")["Policy"])
    assert [statement["Sid"] for statement in shown["Statement"]] == ["senders", "again"]


@pytest.mark.rule("V9")
@pytest.mark.parametrize(
    "properties, message",
    [
        ({"Statement": FROM_THERE, "Principal": THERE}, "cannot be combined with Principal"),
        ({"Statement": {**FROM_THERE, "Resource": "*"}}, "must be the bus"),
        ({"Statement": {**FROM_THERE, "Action": "events:PutRule"}}, "supports only"),
        ({"Statement": {**TO_PUT}}, "missing \\['Principal'\\]"),
        ({"Action": "events:PutEvents"}, "required key \\[Principal\\]"),
        (
            {
                "Action": "events:PutEvents",
                "Principal": THERE,
                "Condition": {"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1"},
            },
            "Principal must be",
        ),
        (
            {"Statement": {**TO_PUT, "Principal": {"AWS": [str(10**11 + n) for n in range(700)]}}},
            "PolicyLengthExceeded|longer than 10240 bytes",
        ),
        ({"EventBusName": "none", "Statement": FROM_THERE}, "does not exist"),
    ],
)
def test_an_invalid_policy_fails_its_stack(stack, properties, message):
    with pytest.raises(DeploymentFailed, match=message):
        stack({"Senders": policy(**properties)})


@pytest.mark.rule("V8")
@pytest.mark.parametrize("action", ["events:PutEvents", "events:PutRule"])
def test_within_the_account_the_role_is_enough_even_across_regions(
    cloud, stack, allowed, forward, action
):
    # given
    stack({"Told": rule_on_bus({"Arn": allowed.arn})})
    forward(HERE, AWAY, action=action)

    # when
    cloud.events.put(HERE, AWAY, EVENT)
    began = cloud.world.now
    cloud.world.run()

    # then
    arrives = action == "events:PutEvents"
    assert [event["region"] for event in allowed.got()] == ([AWAY] if arrives else [])
    if arrives:
        assert cloud.functions.log_lines[0].time - began >= 2 * Settings().event_latency
        assert cloud.events.undelivered == []
    else:
        assert "events:PutEvents" in cloud.events.undelivered[0].reason


@pytest.mark.rule("V8")
def test_a_role_that_no_longer_trusts_eventbridge_forwards_nothing(
    cloud, client, stack, allowed, forward
):
    stack({"Told": rule_on_bus({"Arn": allowed.arn}), "Senders": policy(Statement=FROM_THERE)})
    name = forward().rpartition("/")[2]
    trust = {"Effect": "Allow", "Principal": {"AWS": THERE}, "Action": "sts:AssumeRole"}
    client("iam", THERE).update_assume_role_policy(
        RoleName=name, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )

    cloud.events.put(THERE, REGION, EVENT)
    cloud.world.run()

    assert allowed.got() == []
    assert "assume" in cloud.events.undelivered[0].reason


@pytest.mark.rule("V8")
def test_a_deleted_bus_receives_no_events(cloud, client, stack, forward):
    stack({"Senders": policy(Statement=FROM_THERE)})
    forward()
    client("cloudformation").delete_stack(StackName="bus")

    cloud.events.put(THERE, REGION, EVENT)
    cloud.world.run()

    assert [lost.target_arn for lost in cloud.events.undelivered] == [BUS]


@pytest.mark.rule("V8")
def test_a_forwarded_event_is_not_forwarded_again(cloud, stack, allowed, forward):
    # given
    third = f"arn:aws:events:{AWAY}:{HERE}:event-bus/default"
    stack({"Told": rule_on_bus({"Arn": allowed.arn}), "Senders": policy(Statement=FROM_THERE)})
    forward()
    forward(HERE, REGION, arn=third, bus="orchestrator")

    # when
    cloud.events.put(THERE, REGION, EVENT)
    cloud.world.run()

    # then
    assert len(allowed.got()) == 1
    assert [(lost.target_arn, lost.reason) for lost in cloud.events.undelivered] == [
        (
            third,
            "a rule forwarded the event from another bus, so it is not forwarded to a third one",
        )
    ]


@pytest.mark.rule("V8")
@pytest.mark.parametrize("shape", [{"Input": "{}"}, {"InputPath": "$.detail"}])
def test_a_bus_accepts_only_whole_events(client, role, shape):
    role_arn = role("events.amazonaws.com", "events:PutEvents")
    events = client("events")
    events.put_rule(Name="forward", EventPattern='{"source": ["aws.codepipeline"]}')

    with pytest.raises(ClientError, match="is not available for the bus"):
        events.put_targets(
            Rule="forward", Targets=[{"Id": "t", "Arn": BUS, "RoleArn": role_arn, **shape}]
        )


@pytest.mark.rule("V10")
def test_a_function_must_allow_the_rule_on_the_bus(cloud, stack, printer):
    stack({"Told": rule_on_bus({"Arn": printer.arn}, EventPattern='{"source": ["mine"]}')})

    cloud.session(HERE, REGION).client("events").put_events(
        Entries=[
            {"EventBusName": BUS, "Source": "mine", "DetailType": "t", "Detail": "{}"},
            {"EventBusName": BUS, "Source": "aws.codepipeline", "DetailType": "t", "Detail": "{}"},
        ]
    )
    cloud.world.run()

    assert printer.got() == []
    assert [event["source"] for event in cloud.events.log] == ["mine"]
    assert "no policy of" in cloud.events.undelivered[0].reason
    (failed,) = datapoints(cloud, HERE, REGION)
    assert failed.dimensions == {"RuleName": "allowed", "EventBusName": "orchestrator"}


@pytest.mark.rule("V12")
def test_a_bus_accepts_events_only_while_eventbridge_may_use_its_key(
    cloud, client, stack, allowed, forward
):
    # given
    kms = client("kms")
    needed = ["kms:DescribeKey", "kms:GenerateDataKey", "kms:Decrypt"]
    eventbridge = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": needed,
        "Resource": "*",
        "Condition": {
            "StringEquals": {
                "aws:SourceArn": BUS,
                "kms:EncryptionContext:aws:events:event-bus:arn": BUS,
            }
        },
    }
    document = {"Version": "2012-10-17", "Statement": [eventbridge]}
    key = kms.create_key(Policy=json.dumps(document))["KeyMetadata"]
    stack({"Told": rule_on_bus({"Arn": allowed.arn})}, KmsKeyIdentifier=key["Arn"])
    forward(HERE)

    # when
    cloud.events.put(HERE, REGION, EVENT)
    cloud.world.run()
    document = {**document, "Statement": [{**eventbridge, "Action": needed[:1]}]}
    kms.put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=json.dumps(document))
    cloud.events.put(HERE, REGION, EVENT)
    cloud.world.run()

    # then
    assert len(allowed.got()) == 1
    assert [lost.source_arn for lost in cloud.events.undelivered] == [BUS]
    assert "cannot use the key" in cloud.events.undelivered[0].reason


@pytest.mark.rule("F13", "V8")
@pytest.mark.parametrize(
    "fault, came",
    [
        (DeliveryFault("dropped", "target", source="aws.codepipeline", account=THERE), 0),
        (DeliveryFault("dropped", "event", source="aws.codepipeline"), 0),
        (DeliveryFault("dropped", source="aws.states"), 1),
        (DeliveryFault("doubled", "target", source="aws.codepipeline", account=THERE), 2),
        (DeliveryFault("doubled", source="aws.codepipeline"), 8),
    ],
)
def test_faults_can_affect_deliveries_between_buses(cloud, stack, allowed, forward, fault, came):
    stack({"Told": rule_on_bus({"Arn": allowed.arn}), "Senders": policy(Statement=FROM_THERE)})
    forward()
    cloud.faults.add(fault)

    cloud.events.put(THERE, REGION, EVENT)
    cloud.world.run()

    assert len(allowed.got()) == came


@pytest.mark.rule("V10")
def test_a_function_in_a_sam_template_receives_events_from_the_bus(cloud, tmp_path, forward):
    # given
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text(
        "def handler(event, context):\n    print('got', event['account'])\n"
    )
    rule = {"EventBusName": {"Ref": "Bus"}, "Pattern": {"source": ["aws.codepipeline"]}}
    listening = {
        "Handler": "app.handler",
        "Runtime": "python3.13",
        "CodeUri": "code",
        "Events": {"Told": {"Type": "EventBridgeRule", "Properties": rule}},
    }
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "orchestrator"}},
            "Senders": policy(Action="events:PutEvents", Principal=THERE),
            "App": {"Type": "AWS::Serverless::Function", "Properties": listening},
        },
    }
    (tmp_path / "sam.json").write_text(json.dumps(template))
    deploy(cloud, tmp_path / "sam.json", HERE, REGION, "listener")
    forward()
    forward(HERE, AWAY)

    # when
    cloud.events.put(THERE, REGION, EVENT)
    cloud.events.put(HERE, AWAY, EVENT)
    cloud.world.run()

    # then
    got = [line.text for line in cloud.functions.log_lines if line.text.startswith("got")]
    assert sorted(got) == [f"got {HERE}", f"got {THERE}"]
    assert cloud.events.undelivered == []
