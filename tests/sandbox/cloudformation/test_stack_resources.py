"""Stack resources that moto's CloudFormation does not support."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

IAM = ["CAPABILITY_IAM"]
TEMPLATE = """
Resources:
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmDescription: first
      AlarmName: Late
      ComparisonOperator: GreaterThanThreshold
      EvaluationPeriods: 1
      Threshold: 1
  Group: {Type: AWS::Scheduler::ScheduleGroup}
  Policy:
    Type: AWS::SNS::TopicPolicy
    Properties: {PolicyDocument: {Id: first}, Topics: [!Ref Topic]}
  Query:
    Type: AWS::Logs::QueryDefinition
    Properties: {Name: Errors, QueryString: first}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          Effect: Allow
          Action: sts:AssumeRole
          Principal: {Service: scheduler.amazonaws.com}
  Schedule:
    Type: AWS::Scheduler::Schedule
    Properties:
      Description: first
      FlexibleTimeWindow: {Mode: "OFF"}
      GroupName: !Ref Group
      ScheduleExpression: rate(1 day)
      Target:
        Arn: arn:aws:states:eu-west-1:111122223333:stateMachine:Run
        RoleArn: !GetAtt Role.Arn
  Topic:
    Type: AWS::SNS::Topic
    Properties: {TopicName: Alarms}
Outputs:
  Alarm: {Value: !GetAtt Alarm.Arn}
  Group: {Value: !GetAtt Group.Arn}
  Schedule: {Value: !GetAtt Schedule.Arn}
  Names: {Value: !Sub "${Alarm} ${Group} ${Schedule}"}
"""
NAMED = ["CAPABILITY_NAMED_IAM"]
POLICIES = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}
      ManagedPolicyArns: [MANAGED]
      Policies: [{PolicyName: InRole, PolicyDocument: DOCUMENT}]
  Beside:
    Type: AWS::IAM::Policy
    Properties: {PolicyName: Beside, Roles: [!Ref Role], PolicyDocument: DOCUMENT}
  Managed:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: Managed
      Roles: [!Ref Role]
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Action: "s3:ListBucket", Resource: "*"}]
"""


@pytest.fixture
def stacks(session):
    return session.client("cloudformation")


@pytest.fixture
def texts(session):

    def ask():
        alarms = session.client("cloudwatch").describe_alarms()["MetricAlarms"]
        queries = session.client("logs").describe_query_definitions()["queryDefinitions"]
        return [
            *(alarm["AlarmDescription"] for alarm in alarms),
            *(query["queryString"] for query in queries),
            *of_schedules(session.client("scheduler")),
            *of_policies(session.client("sns")),
        ]

    return ask


def of_schedules(scheduler):
    for each in scheduler.list_schedules()["Schedules"]:
        schedule = scheduler.get_schedule(GroupName=each["GroupName"], Name=each["Name"])
        yield schedule["Description"]


def of_policies(sns):
    for topic in sns.list_topics()["Topics"]:
        attributes = sns.get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"]
        yield json.loads(attributes["Policy"])["Id"]


@dataclass(frozen=True)
class Read:
    trust: dict[str, str]
    inline: dict[str, Any]
    managed: set[str]


@pytest.fixture
def policies(session):
    iam = session.client("iam")

    def read():
        (role,) = iam.list_roles()["Roles"]
        named = {"RoleName": role["RoleName"]}
        inline = iam.list_role_policies(**named)["PolicyNames"]
        attached = iam.list_attached_role_policies(**named)["AttachedPolicies"]
        return Read(
            trust=role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"],
            inline={
                name: iam.get_role_policy(**named, PolicyName=name)["PolicyDocument"]
                for name in inline
            },
            managed={each["PolicyName"].partition("-")[0] for each in attached},
        )

    return read


def allowing(action):
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_policies_of_a_stacks_role_can_be_read_as_documents(stacks, policies, session):
    # given
    first, second = allowing("s3:GetObject"), allowing("s3:PutObject")
    stacks.create_stack(
        StackName="s", TemplateBody=with_policies(first, "ReadOnlyAccess"), Capabilities=NAMED
    )
    made = policies()

    # when
    stacks.update_stack(
        StackName="s", TemplateBody=with_policies(second, "PowerUserAccess"), Capabilities=NAMED
    )
    changed = policies()

    # then the role has its new policies and keeps those from other resources
    assert made.inline == {"InRole": first, "Beside": first}
    assert changed.inline == {"InRole": second, "Beside": second}
    assert made.managed == {"Managed", "ReadOnlyAccess"}
    assert changed.managed == {"Managed", "PowerUserAccess"}
    assert made.trust == changed.trust == {"Service": "lambda.amazonaws.com"}


def with_policies(document, managed):
    text = POLICIES.replace("MANAGED", f"arn:aws:iam::aws:policy/{managed}")
    return text.replace("DOCUMENT", json.dumps(document))


def test_resources_are_created_updated_and_deleted(stacks, texts, session):
    # when
    stacks.create_stack(StackName="s", TemplateBody=TEMPLATE, Capabilities=IAM)
    made = texts()
    changed = TEMPLATE.replace("first", "second")
    stacks.update_stack(StackName="s", TemplateBody=changed, Capabilities=IAM)
    changed = texts()
    stacks.delete_stack(StackName="s")

    # then
    assert (made, changed, texts()) == (["first"] * 4, ["second"] * 4, [])
    (group,) = session.client("scheduler").list_schedule_groups()["ScheduleGroups"]
    assert group["Name"] == "default"


def test_names_and_arns_of_resources_can_be_used_in_outputs(stacks):
    # when
    stacks.create_stack(StackName="s", TemplateBody=TEMPLATE, Capabilities=IAM)

    # then
    (stack,) = stacks.describe_stacks(StackName="s")["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    alarm, group, schedule = outputs["Names"].split()
    assert alarm == "Late"
    assert outputs["Alarm"].endswith(f":alarm:{alarm}")
    assert outputs["Group"].endswith(f":schedule-group/{group}")
    assert outputs["Schedule"].endswith(f":schedule/{group}/{schedule}")


@pytest.mark.parametrize("resource", ["Alarm", "Group", "Policy", "Query", "Schedule"])
def test_an_unknown_attribute_is_refused(stacks, resource):
    body = f"{TEMPLATE}  Odd: {{Value: !GetAtt {resource}.Odd}}"

    with pytest.raises(ClientError, match="does not support attribute type Odd"):
        stacks.create_stack(StackName="s", TemplateBody=body, Capabilities=IAM)


@pytest.mark.parametrize("wanted", ["yes", "no"])
def test_an_output_whose_condition_is_false_is_neither_shown_nor_exported(stacks, wanted):
    # given
    value = {"Fn::GetAtt": ["Topic", "TopicName"]}
    template = {
        "Parameters": {"Wanted": {"Type": "String"}},
        "Conditions": {"Wanted": {"Fn::Equals": [{"Ref": "Wanted"}, "yes"]}},
        "Resources": {
            "Always": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "Always"}},
            "Topic": {
                "Type": "AWS::SNS::Topic",
                "Condition": "Wanted",
                "Properties": {"TopicName": "Alarms"},
            },
        },
        "Outputs": {"Name": {"Condition": "Wanted", "Value": value, "Export": {"Name": "Name"}}},
    }

    # when
    stacks.create_stack(
        StackName="watch",
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": "Wanted", "ParameterValue": wanted}],
    )

    # then
    there = wanted == "yes"
    (stack,) = stacks.describe_stacks(StackName="watch")["Stacks"]
    assert bool(stack.get("Outputs")) == there
    assert [each["Value"] for each in stacks.list_exports()["Exports"]] == ["Alarms"] * there
