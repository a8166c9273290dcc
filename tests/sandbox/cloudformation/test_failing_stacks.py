"""Stacks that cannot be created, and what remains of them."""

import json
from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError

ROLE = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}}
TABLE = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
SCHEDULE = {
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "ScheduleExpression": "never",
    "Target": {"Arn": "arn:aws:sqs:::queue", "RoleArn": "arn:aws:iam::111122223333:role/none"},
}
FUNCTION = {
    "Code": {"S3Bucket": "none", "S3Key": "none"},
    "Handler": "app.handler",
    "Runtime": "python3.13",
    "Role": "arn:aws:iam::111122223333:role/none",
}
PERMISSION = {"FunctionName": "none", "Action": "lambda:*", "Principal": "sns.amazonaws.com"}
TO_NOWHERE = {"Id": "1", "Arn": "arn:aws:events:eu-west-1:111122223333:event-bus/none"}
NO_KEY = "arn:aws:kms:eu-west-1:111122223333:key/none"
NAMED = ["CAPABILITY_NAMED_IAM"]
FAILING = [
    ("AWS::CloudWatch::Alarm", {"AlarmName": "late"}, "ComparisonOperator"),
    ("AWS::CodePipeline::Pipeline", {"RoleArn": "none"}, "pipeline.stages"),
    ("AWS::DynamoDB::Table", {**TABLE, "TimeToLiveSpecification": {"Enabled": True}}, "TimeToLive"),
    ("AWS::Events::EventBus", {"Name": "b", "KmsKeyIdentifier": NO_KEY}, "does not exist"),
    (
        "AWS::Events::Rule",
        {"EventPattern": {"source": ["mine"]}, "Targets": [TO_NOWHERE]},
        "RoleArn is required",
    ),
    ("AWS::IAM::Role", {**ROLE, "ManagedPolicyArns": [f"{NO_KEY}/none"]}, "does not exist"),
    ("AWS::IAM::Role", {**ROLE, "Policies": [{"PolicyName": "none"}]}, "PolicyDocument"),
    ("AWS::Lambda::EventInvokeConfig", {"FunctionName": "no", "Qualifier": "$LATEST"}, "not found"),
    ("AWS::Lambda::Function", FUNCTION, "bucket does not exist"),
    ("AWS::Lambda::Permission", PERMISSION, "not found"),
    ("AWS::Logs::LogGroup", {"LogGroupName": "g", "KmsKeyId": NO_KEY}, "KMS key does not exist"),
    ("AWS::SNS::TopicPolicy", {"PolicyDocument": {}, "Topics": [NO_KEY]}, "does not exist"),
    ("AWS::Scheduler::Schedule", SCHEDULE, "Invalid Schedule Expression"),
    (
        "AWS::StepFunctions::StateMachine",
        {"RoleArn": "arn:aws:iam::111122223333:role/none", "DefinitionString": "{}"},
        "Invalid State Machine Definition",
    ),
]


@pytest.fixture
def stacks(session):
    return session.client("cloudformation")


@pytest.fixture
def existing(session):
    def ask():
        client = session.client
        return [
            client("cloudwatch").describe_alarms()["MetricAlarms"],
            client("codepipeline").list_pipelines()["pipelines"],
            client("dynamodb").list_tables()["TableNames"],
            [bus["Name"] for bus in client("events").list_event_buses()["EventBuses"]],
            client("events").list_rules()["Rules"],
            client("iam").list_roles()["Roles"],
            client("lambda").list_functions()["Functions"],
            client("logs").describe_log_groups()["logGroups"],
            client("scheduler").list_schedules()["Schedules"],
            client("sns").list_topics()["Topics"],
            client("stepfunctions").list_state_machines()["stateMachines"],
        ]

    return ask


@contextmanager
def refused(code, message):
    with pytest.raises(ClientError, match=message) as caught:
        yield
    assert caught.value.response["Error"]["Code"] == code


def template(**resources):
    return json.dumps({"Resources": resources})


def failing(kind="AWS::Lambda::EventInvokeConfig", properties=FAILING[7][1]):
    """A template with a topic that can be created and a resource that cannot."""
    topic = {"Type": "AWS::SNS::Topic"}
    broken = {"Type": kind, "Properties": properties, "DependsOn": "Topic"}
    return template(Broken=broken, Topic=topic)


def statuses(stacks, name):
    events = stacks.describe_stack_events(StackName=name)["StackEvents"]
    return [(each["LogicalResourceId"], each["ResourceStatus"]) for each in reversed(events)]


@pytest.mark.rule("G1")
def test_a_stack_that_cannot_be_created_is_rolled_back(stacks):
    # when
    identity = stacks.create_stack(StackName="s", TemplateBody=failing())["StackId"]

    # then
    (stack,) = stacks.describe_stacks(StackName="s")["Stacks"]
    assert (stack["StackId"], stack["StackStatus"]) == (identity, "ROLLBACK_COMPLETE")
    assert "Outputs" not in stack
    assert statuses(stacks, "s") == [
        ("s", "CREATE_IN_PROGRESS"),
        ("Topic", "CREATE_IN_PROGRESS"),
        ("Topic", "CREATE_COMPLETE"),
        ("Broken", "CREATE_IN_PROGRESS"),
        ("Broken", "CREATE_FAILED"),
        ("s", "ROLLBACK_IN_PROGRESS"),
        ("Topic", "DELETE_IN_PROGRESS"),
        ("Topic", "DELETE_COMPLETE"),
        ("s", "ROLLBACK_COMPLETE"),
    ]
    events = stacks.describe_stack_events(StackName="s")["StackEvents"]
    reasons = {
        each["ResourceStatus"]: each["ResourceStatusReason"]
        for each in events
        if each["LogicalResourceId"] in {"s", "Broken"} and "ResourceStatusReason" in each
    }
    assert "Function not found" in reasons["CREATE_FAILED"]
    assert reasons["ROLLBACK_IN_PROGRESS"] == (
        "The following resource(s) failed to create: [Broken]. Rollback requested by user."
    )


@pytest.mark.rule("G1")
@pytest.mark.parametrize("kind, properties, reason", FAILING)
def test_nothing_is_left_of_a_stack_that_failed(stacks, existing, kind, properties, reason):
    before = existing()

    stacks.create_stack(StackName="s", TemplateBody=failing(kind, properties), Capabilities=NAMED)

    (broken,) = stacks.describe_stack_resources(StackName="s", LogicalResourceId="Broken")[
        "StackResources"
    ]
    assert broken["ResourceStatus"] == "CREATE_FAILED"
    assert reason in broken["ResourceStatusReason"]
    assert existing() == before


@pytest.mark.rule("G1")
def test_a_failed_stack_can_be_deleted_and_its_name_used_again(stacks):
    # given
    stacks.create_stack(StackName="s", TemplateBody=failing())
    good = template(Topic={"Type": "AWS::SNS::Topic"})

    # when
    with refused("AlreadyExistsException", r"Stack \[s\] already exists"):
        stacks.create_stack(StackName="s", TemplateBody=good)
    with refused("ValidationError", "is in ROLLBACK_COMPLETE state and can not be updated."):
        stacks.update_stack(StackName="s", TemplateBody=good)
    stacks.delete_stack(StackName="s")
    stacks.create_stack(StackName="s", TemplateBody=good)

    # then
    (stack,) = stacks.describe_stacks(StackName="s")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert len(stacks.describe_stacks()["Stacks"]) == 1


@pytest.mark.rule("G1")
@pytest.mark.parametrize(
    "chosen, status",
    [
        ({"OnFailure": "DO_NOTHING"}, "CREATE_FAILED"),
        ({"DisableRollback": True}, "CREATE_FAILED"),
        ({"OnFailure": "ROLLBACK"}, "ROLLBACK_COMPLETE"),
        ({"OnFailure": "DELETE"}, "DELETE_COMPLETE"),
    ],
)
def test_the_caller_chooses_what_happens_to_a_failed_stack(stacks, session, chosen, status):
    made = stacks.create_stack(StackName="s", TemplateBody=failing(), **chosen)

    (stack,) = stacks.describe_stacks(StackName=made["StackId"])["Stacks"]
    assert stack["StackStatus"] == status
    topics = session.client("sns").list_topics()["Topics"]
    assert bool(topics) == (status == "CREATE_FAILED")


@pytest.mark.rule("G1")
def test_a_stack_fails_if_its_export_name_is_taken(stacks, existing):
    # given
    document = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"Name": {"Value": "1", "Export": {"Name": "taken"}}},
    }
    stacks.create_stack(StackName="first", TemplateBody=json.dumps(document))
    before = existing()

    # when
    stacks.create_stack(StackName="second", TemplateBody=json.dumps(document))

    # then
    events = stacks.describe_stack_events(StackName="second")["StackEvents"]
    assert events[0]["ResourceStatus"] == "ROLLBACK_COMPLETE"
    reasons = [each.get("ResourceStatusReason", "") for each in events]
    assert (
        "Export with name taken is already exported by stack first. Rollback requested by user."
        in reasons
    )
    assert existing() == before
    assert len(stacks.list_exports()["Exports"]) == 1


@pytest.mark.rule("G1")
def test_a_stack_remains_until_its_resources_can_be_deleted(stacks, session):
    # given
    bus = {"Type": "AWS::Events::EventBus", "Properties": {"Name": "busy"}}
    topic = {"Type": "AWS::SNS::Topic", "DependsOn": "Bus"}
    stacks.create_stack(StackName="s", TemplateBody=template(Bus=bus, Topic=topic))
    rule = {"Name": "r", "EventBusName": "busy", "EventPattern": '{"source": ["mine"]}'}
    session.client("events").put_rule(**rule)

    # when
    stacks.delete_stack(StackName="s")
    (stack,) = stacks.describe_stacks(StackName="s")["Stacks"]
    session.client("events").delete_rule(Name="r", EventBusName="busy")
    stacks.delete_stack(StackName="s")

    # then
    assert stack["StackStatus"] == "DELETE_FAILED"
    assert "failed to delete: [Bus]" in stack["StackStatusReason"]
    assert stacks.describe_stacks()["Stacks"] == []


@pytest.mark.rule("G2")
@pytest.mark.parametrize(
    "resources, outputs, message",
    [
        ({"A": {"Ref": "B"}}, {}, r"dependencies \[B\] in the Resources block of the template"),
        ({"A": {"Fn::Sub": "${B.Arn}"}}, {}, r"dependencies \[B\] in the Resources block"),
        ({"A": {"Fn::GetAtt": ["B", "Arn"]}}, {}, r"dependencies \[B\] in the Resources block"),
        ({"A": "a"}, {"Ref": "B"}, r"dependencies \[B\] in the Outputs block of the template"),
        ({"A": {"Ref": "B"}, "B": {"Ref": "A"}}, {}, r"Circular dependency .*: \[A, B\]"),
        ({}, {}, "At least one Resources member must be defined"),
    ],
)
def test_an_invalid_template_is_refused_before_anything_is_created(
    stacks, resources, outputs, message
):
    document = {
        "Resources": {
            name: {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": value}}
            for name, value in resources.items()
        },
        "Outputs": {"Out": {"Value": outputs}} if outputs else {},
    }

    with refused("ValidationError", message):
        stacks.create_stack(StackName="s", TemplateBody=json.dumps(document))

    assert stacks.describe_stacks()["Stacks"] == []


@pytest.mark.rule("G2")
@pytest.mark.parametrize(
    "text, message",
    [
        ("Resources: {A: *a}", "YAML aliases are not allowed"),
        ("Resources: &a {A: 1}\nMore: *a", "YAML aliases are not allowed in CloudFormation"),
        ("Resources: {", r"YAML not well-formed. \(line 1"),
        ('{"Resources": ', r"JSON not well-formed. \(line 1, column 15"),
        ("just text", "unsupported structure"),
        ("Resources: {A: 1}", "Any Resources member must be an object"),
        ("Resources: {A: {Kind: b}}", "Every Resources object must contain a Type member"),
        (
            "Resources: {A: {Type: AWS::SNS::Topic, Condition: C}}",
            "Unresolved condition dependency C",
        ),
        (
            "{Conditions: {C: !Equals [1]}, Resources: {A: {Type: AWS::SNS::Topic}}}",
            "the template cannot be evaluated: IndexError",
        ),
        (" " * 51_201, "Member must have length less than or equal to 51200"),
    ],
)
def test_text_that_is_not_a_template_is_refused(stacks, text, message):
    with refused("ValidationError", message):
        stacks.create_stack(StackName="s", TemplateBody=text)


@pytest.mark.rule("G2")
@pytest.mark.parametrize(
    "names, given, needed",
    [
        ({}, [], "CAPABILITY_IAM"),
        ({}, ["CAPABILITY_AUTO_EXPAND"], "CAPABILITY_IAM"),
        ({"RoleName": "r"}, ["CAPABILITY_IAM"], "CAPABILITY_NAMED_IAM"),
    ],
)
def test_a_role_needs_a_capability(stacks, names, given, needed):
    role = {"Type": "AWS::IAM::Role", "Properties": {**ROLE, **names}}

    with refused("InsufficientCapabilitiesException", rf"Requires capabilities : \[{needed}\]"):
        stacks.create_stack(StackName="s", TemplateBody=template(R=role), Capabilities=given)


@pytest.mark.rule("G3")
@pytest.mark.parametrize(
    "call",
    [
        lambda stacks: stacks.create_stack(
            StackName="s", TemplateBody="{}", RoleARN="arn:aws:iam::111122223333:role/deployer"
        ),
        lambda stacks: stacks.create_stack_set(StackSetName="s", TemplateBody="{}"),
        lambda stacks: stacks.detect_stack_drift(StackName="s"),
        lambda stacks: stacks.create_stack(
            StackName="s",
            TemplateBody=template(Nested={"Type": "AWS::CloudFormation::Stack"}),
        ),
        lambda stacks: stacks.create_stack(
            StackName="s",
            TemplateBody='{"Transform": "Mine", "Resources": {"A": {"Type": "AWS::SNS::Topic"}}}',
        ),
    ],
)
def test_an_unsupported_request_is_refused_by_name(stacks, call):
    with pytest.raises(ClientError, match=r"(?i)the sandbox does not support") as caught:
        call(stacks)

    assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


@pytest.mark.rule("G2")
@pytest.mark.parametrize(
    "parameters, message",
    [
        ({"StackName": "a_b"}, "Value 'a_b' at 'stackName' failed to satisfy constraint"),
        ({"StackName": "s", "OnFailure": "RETRY"}, "at 'onFailure' failed .* enum value set"),
        ({"StackName": "s", "ChangeSetName": "a b"}, "at 'changeSetName' failed to satisfy"),
    ],
)
def test_a_request_that_violates_the_api_model_is_refused(stacks, parameters, message):
    call = stacks.create_change_set if "ChangeSetName" in parameters else stacks.create_stack

    with refused("ValidationError", message):
        call(TemplateBody=template(Topic={"Type": "AWS::SNS::Topic"}), **parameters)


@pytest.mark.rule("G1")
def test_a_stack_fails_if_another_stack_has_its_resource_name(stacks, session):
    # given
    named = template(Topic={"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "taken"}})
    first = stacks.create_stack(StackName="first", TemplateBody=named)["StackId"]

    # when
    stacks.create_stack(StackName="second", TemplateBody=named)

    # then
    (failed,) = stacks.describe_stack_resources(StackName="second")["StackResources"]
    assert failed["ResourceStatusReason"] == f"taken already exists in stack {first}"
    assert len(session.client("sns").list_topics()["Topics"]) == 1


RULES = {
    "Both": {
        "RuleCondition": {"Fn::Not": [{"Fn::Equals": [{"Ref": "First"}, ""]}]},
        "Assertions": [
            {
                "Assert": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Second"}, ""]}]},
                "AssertDescription": "First requires Second.",
            }
        ],
    }
}


@pytest.mark.rule("G2")
@pytest.mark.parametrize(
    "values, allowed", [(("", ""), True), (("1", "2"), True), (("", "2"), True), (("1", ""), False)]
)
def test_the_rules_of_a_template_are_checked(stacks, values, allowed):
    empty = {"Type": "String", "Default": ""}
    document = {
        "Parameters": {"First": empty, "Second": empty},
        "Rules": RULES,
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
    }
    first, second = values
    given = [
        {"ParameterKey": "First", "ParameterValue": first},
        {"ParameterKey": "Second", "ParameterValue": second},
    ]
    request = {"StackName": "s", "TemplateBody": json.dumps(document), "Parameters": given}

    if allowed:
        stacks.create_stack(**request)
    else:
        with refused("ValidationError", "Both: First requires Second"):
            stacks.create_stack(**request)

    assert bool(stacks.describe_stacks()["Stacks"]) == allowed


@pytest.mark.rule("G2")
@pytest.mark.parametrize("version, allowed", [("5", False), ("6", True)])
def test_a_rule_can_compare_a_parameter_with_a_list(stacks, version, allowed):
    # The rule of every stack that the CDK synthesizes.
    old = {"Fn::Contains": [["4", "5"], {"Ref": "Version"}]}
    assertion = {"Assert": {"Fn::Not": [old]}, "AssertDescription": "version 6 is required"}
    document = {
        "Parameters": {"Version": {"Type": "String", "Default": version}},
        "Rules": {"R": {"Assertions": [assertion]}},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
    }
    request = {"StackName": "s", "TemplateBody": json.dumps(document)}

    if allowed:
        assert stacks.create_stack(**request)
    else:
        with refused("ValidationError", "version 6 is required"):
            stacks.create_stack(**request)


@pytest.mark.rule("G3")
def test_an_unsupported_function_in_rules_is_refused_by_name(stacks):
    members = {"Assertions": [{"Assert": {"Fn::EachMemberIn": [["a"], ["a"]]}}]}
    document = {"Rules": {"R": members}, "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}

    with refused("ValidationError", "does not support Fn::EachMemberIn in Rules"):
        stacks.create_stack(StackName="s", TemplateBody=json.dumps(document))


@pytest.mark.rule("G2")
def test_a_protected_stack_cannot_be_deleted(stacks):
    good = template(Topic={"Type": "AWS::SNS::Topic"})
    stacks.create_stack(StackName="s", TemplateBody=good, EnableTerminationProtection=True)

    with refused("ValidationError", "cannot be deleted while TerminationProtection is enabled"):
        stacks.delete_stack(StackName="s")

    stacks.update_termination_protection(StackName="s", EnableTerminationProtection=False)
    stacks.delete_stack(StackName="s")
    assert stacks.describe_stacks()["Stacks"] == []
