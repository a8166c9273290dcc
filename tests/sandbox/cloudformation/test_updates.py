"""Stack updates: changed, replaced and retained resources, and rollbacks."""

import json
from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from codepipeline_sandbox.cloudformation.stacks.replacement import CREATE_ONLY

IAM = ["CAPABILITY_NAMED_IAM"]
TRUST = {"Version": "2012-10-17", "Statement": []}
NOBODY = {
    "Type": "AWS::Lambda::EventInvokeConfig",
    "Properties": {"FunctionName": "nobody", "Qualifier": "$LATEST"},
}


@contextmanager
def refused(code, message):
    with pytest.raises(ClientError, match=message) as caught:
        yield
    assert caught.value.response["Error"]["Code"] == code


def topic(**properties):
    return {"Type": "AWS::SNS::Topic", "Properties": properties}


def policy(action):
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return {"PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}


def query(text):
    return {
        "Type": "AWS::Logs::QueryDefinition",
        "Properties": {"Name": "Errors", "QueryString": text},
    }


@pytest.fixture
def stacks(session):
    return session.client("cloudformation")


@pytest.fixture
def put(stacks):
    def act(*, outputs=None, **resources):
        body = json.dumps({"Resources": resources, "Outputs": outputs or {}})
        known = [stack["StackName"] for stack in stacks.describe_stacks()["Stacks"]]
        call = stacks.update_stack if "s" in known else stacks.create_stack
        call(StackName="s", TemplateBody=body, Capabilities=IAM)
        (stack,) = stacks.describe_stacks(StackName="s")["Stacks"]
        return stack["StackStatus"]

    return act


@pytest.fixture
def topics(session):
    def ask():
        found = session.client("sns").list_topics()["Topics"]
        return sorted(each["TopicArn"].rpartition(":")[2] for each in found)

    return ask


@pytest.fixture
def queries(session):
    def ask():
        found = session.client("logs").describe_query_definitions()["queryDefinitions"]
        return [each["queryString"] for each in found]

    return ask


def events(stacks, since):
    found = stacks.describe_stack_events(StackName="s")["StackEvents"][::-1]
    return [(each["LogicalResourceId"], each["ResourceStatus"]) for each in found[since:]]


@pytest.mark.rule("G6")
def test_only_what_differs_is_changed(stacks, put, topics, queries):
    # given
    put(Same=topic(TopicName="same"), Old=topic(TopicName="old"), Saved=query("first"))
    before = len(stacks.describe_stack_events(StackName="s")["StackEvents"])

    # when
    status = put(Same=topic(TopicName="same"), New=topic(TopicName="new"), Saved=query("second"))

    # then
    assert status == "UPDATE_COMPLETE"
    assert (topics(), queries()) == (["new", "same"], ["second"])
    assert events(stacks, before) == [
        ("s", "UPDATE_IN_PROGRESS"),
        ("New", "CREATE_IN_PROGRESS"),
        ("New", "CREATE_COMPLETE"),
        ("Saved", "UPDATE_IN_PROGRESS"),
        ("Saved", "UPDATE_COMPLETE"),
        ("s", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        ("Old", "DELETE_IN_PROGRESS"),
        ("Old", "DELETE_COMPLETE"),
        ("s", "UPDATE_COMPLETE"),
    ]


@pytest.mark.rule("G6")
def test_a_property_that_cannot_change_replaces_the_resource(stacks, put, topics, queries):
    # given
    reference = query({"Ref": "Topic"})
    put(Topic=topic(TopicName="first"), Saved=reference)

    # when
    status = put(Topic=topic(TopicName="second"), Saved=reference)

    # then
    assert (status, topics()) == ("UPDATE_COMPLETE", ["second"])
    assert queries()[0].endswith(":second")
    (resource,) = stacks.describe_stack_resources(StackName="s", LogicalResourceId="Topic")[
        "StackResources"
    ]
    assert resource["ResourceStatus"] == "UPDATE_COMPLETE"
    assert resource["PhysicalResourceId"].endswith(":second")


@pytest.mark.rule("G6")
def test_a_failed_update_is_undone(stacks, put, topics, queries):
    # given
    put(Saved=query("first"), Topic=topic(TopicName="first"), Old=topic(TopicName="old"))

    # when
    status = put(
        Saved=query("second"),
        Topic=topic(TopicName="second"),
        New=topic(TopicName="new"),
        Nobody={**NOBODY, "DependsOn": ["Saved", "Topic", "New"]},
    )

    # then
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert (topics(), queries()) == (["first", "old"], ["first"])
    reasons = {
        each["ResourceStatus"]: each.get("ResourceStatusReason")
        for each in stacks.describe_stack_events(StackName="s")["StackEvents"]
    }
    assert "Function not found" in reasons["CREATE_FAILED"]
    assert reasons["UPDATE_ROLLBACK_IN_PROGRESS"] == (
        "The following resource(s) failed to update: [Nobody]."
    )
    assert put(Saved=query("third")) == "UPDATE_COMPLETE"
    assert (topics(), queries()) == ([], ["third"])


@pytest.mark.rule("G6")
@pytest.mark.parametrize(
    "before, after, reason",
    [
        (
            {"RoleName": "r", "AssumeRolePolicyDocument": TRUST},
            {"RoleName": "r", "AssumeRolePolicyDocument": TRUST, "Path": "/p/"},
            "a custom-named resource requires replacing. Rename r and update the stack again.",
        ),
        (
            {"AssumeRolePolicyDocument": TRUST},
            {"AssumeRolePolicyDocument": TRUST, "Policies": [{"PolicyName": "none"}]},
            "PolicyDocument",
        ),
    ],
)
def test_a_refused_change_undoes_the_update(stacks, session, put, before, after, reason):
    put(Role={"Type": "AWS::IAM::Role", "Properties": before})
    roles = session.client("iam").list_roles()["Roles"]

    status = put(Role={"Type": "AWS::IAM::Role", "Properties": after})

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    told = stacks.describe_stack_events(StackName="s")["StackEvents"]
    failed = [each for each in told if each["ResourceStatus"] == "UPDATE_FAILED"]
    assert reason in failed[0]["ResourceStatusReason"]
    assert session.client("iam").list_roles()["Roles"] == roles


@pytest.mark.rule("G3", "G6")
@pytest.mark.parametrize(
    "kind, before, after",
    [
        ("AWS::SNS::Topic", {}, {"Tags": [{"Key": "k", "Value": "v"}]}),
        ("AWS::SQS::Queue", {}, {"Tags": [{"Key": "k", "Value": "v"}]}),
        ("AWS::IAM::ManagedPolicy", policy("s3:GetObject"), policy("s3:PutObject")),
    ],
)
def test_a_type_that_cannot_be_updated_is_refused_by_name(stacks, put, kind, before, after):
    put(Odd={"Type": kind, "Properties": before})

    status = put(Odd={"Type": kind, "Properties": after})

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    (reason,) = [
        each["ResourceStatusReason"]
        for each in stacks.describe_stack_events(StackName="s")["StackEvents"]
        if each["ResourceStatus"] == "UPDATE_FAILED"
    ]
    assert reason == f"the sandbox does not support updates of {kind}"


@pytest.mark.rule("G6")
def test_a_retained_resource_outlives_its_declaration(put, topics):
    put(Kept={**topic(TopicName="kept"), "DeletionPolicy": "Retain"}, Saved=query("first"))

    put(Saved=query("first"))

    assert topics() == ["kept"]


@pytest.mark.rule("G6")
def test_an_update_without_changes_is_refused(put):
    put(Saved=query("first"))

    with refused("ValidationError", "No updates are to be performed."):
        put(Saved=query("first"))


@pytest.mark.rule("G6")
def test_the_type_of_a_resource_cannot_change(put):
    put(Saved=query("first"))

    with refused("ValidationError", r"modifies resource type of .*: \[Saved\]"):
        put(Saved=topic())


@pytest.mark.rule("G6")
def test_parameters_can_keep_their_values(stacks, queries):
    document = {
        "Parameters": {"Text": {"Type": "String"}, "More": {"Type": "String", "Default": "1"}},
        "Resources": {"Saved": query({"Fn::Sub": "${Text} ${More}"})},
    }
    given = {"ParameterKey": "Text", "ParameterValue": "first"}
    stacks.create_stack(StackName="s", TemplateBody=json.dumps(document), Parameters=[given])

    stacks.update_stack(
        StackName="s",
        UsePreviousTemplate=True,
        Parameters=[
            {"ParameterKey": "Text", "UsePreviousValue": True},
            {"ParameterKey": "More", "ParameterValue": "2"},
        ],
    )

    assert queries() == ["first 2"]


@pytest.mark.rule("G7")
def test_an_export_in_use_can_be_neither_changed_nor_deleted(stacks, put, queries):
    # given
    exported = {"Name": {"Value": "first", "Export": {"Name": "shared"}}}
    put(outputs=exported, Topic=topic())
    user = {"Resources": {"Saved": query({"Fn::ImportValue": {"Fn::Sub": "shared"}})}}
    stacks.create_stack(StackName="user", TemplateBody=json.dumps(user))

    def latest():
        (stack,) = stacks.describe_stacks(StackName="s")["Stacks"]
        return stack["StackStatus"], stack["StackStatusReason"]

    # when
    stacks.delete_stack(StackName="s")
    deleted = latest()
    removed = put(Topic=topic())
    changed = put(outputs={"Name": {**exported["Name"], "Value": "second"}}, Topic=topic())
    reasons = [
        each["ResourceStatusReason"]
        for each in stacks.describe_stack_events(StackName="s")["StackEvents"]
        if each["ResourceStatus"] == "UPDATE_ROLLBACK_IN_PROGRESS"
    ]

    # then
    assert queries() == ["first"]
    assert deleted == (
        "CREATE_COMPLETE",
        "Delete canceled. Cannot delete export shared as it is in use by user.",
    )
    assert (removed, changed) == ("UPDATE_ROLLBACK_COMPLETE",) * 2
    assert reasons == [
        "Export shared cannot be updated as it is in use by user",
        "Export shared cannot be deleted as it is in use by user",
    ]
    assert stacks.list_imports(ExportName="shared")["Imports"] == ["user"]
    stacks.delete_stack(StackName="user")
    with refused("ValidationError", "Export 'shared' is not imported by any stack."):
        stacks.list_imports(ExportName="shared")
    stacks.delete_stack(StackName="s")
    assert stacks.describe_stacks()["Stacks"] == []


@pytest.mark.parametrize("kind", CREATE_ONLY)
def test_the_properties_that_replace_a_resource_are_those_of_its_schema(kind):
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema

    def named(group):
        return {path.split("/")[2] for path in schema.get(group, [])}

    always, sometimes = named("createOnlyProperties"), named("conditionalCreateOnlyProperties")
    assert always <= CREATE_ONLY[kind] <= always | sometimes


@pytest.mark.rule("G5")
def test_a_template_can_be_read_as_submitted_and_as_processed(stacks):
    # given
    document = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Description": "a table",
        "Resources": {"Table": {"Type": "AWS::Serverless::SimpleTable"}},
    }
    text = json.dumps(document)
    stacks.create_change_set(
        StackName="s", ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=text
    )

    # when
    stacks.execute_change_set(StackName="s", ChangeSetName="c")
    original = stacks.get_template(StackName="s", TemplateStage="Original")["TemplateBody"]
    processed = stacks.get_template(StackName="s")["TemplateBody"]
    summary = stacks.get_template_summary(StackName="s")

    # then
    assert original == document
    assert processed["Resources"]["Table"]["Type"] == "AWS::DynamoDB::Table"
    assert summary["DeclaredTransforms"] == ["AWS::Serverless-2016-10-31"]
    assert stacks.validate_template(TemplateBody=text)["Description"] == "a table"


@pytest.mark.rule("G1", "G6")
def test_a_deleted_stack_can_still_be_read_by_its_id(stacks, put):
    # given
    put(Saved=query("first"))
    put(Saved=query("second"))
    (stack,) = stacks.describe_stacks(StackName="s")["Stacks"]

    # when
    stacks.delete_stack(StackName="s")

    # then
    (listed,) = stacks.list_stacks()["StackSummaries"]
    assert listed["StackStatus"] == "DELETE_COMPLETE"
    assert {"LastUpdatedTime", "DeletionTime"} <= set(listed)
    told = stacks.describe_stack_events(StackName=stack["StackId"])["StackEvents"]
    assert told[0]["ResourceStatus"] == "DELETE_COMPLETE"
    assert len({each["EventId"] for each in told}) == len(told)
    with refused("ValidationError", "Stack with id s does not exist"):
        stacks.describe_stacks(StackName="s")
    with refused("ValidationError", r"Stack \[s\] does not exist"):
        stacks.describe_stack_events(StackName="s")
