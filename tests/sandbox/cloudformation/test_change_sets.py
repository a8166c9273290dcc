"""A change set follows the same rules as direct operations on a stack."""

import json
from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError

TOPIC = {"Type": "AWS::SNS::Topic"}
QUERY = {
    "Type": "AWS::Logs::QueryDefinition",
    "Properties": {"Name": "Errors", "QueryString": {"Ref": "Query"}},
}
BROKEN = {
    "Type": "AWS::Lambda::EventInvokeConfig",
    "Properties": {"FunctionName": "nobody", "Qualifier": "$LATEST"},
    "DependsOn": "Saved",
}
NO_CHANGES = (
    "The submitted information didn't contain changes. "
    "Submit different information to create a change set."
)


@pytest.fixture
def stacks(session):
    return session.client("cloudformation")


@pytest.fixture
def queries(session):
    def ask():
        found = session.client("logs").describe_query_definitions()["queryDefinitions"]
        return [each["queryString"] for each in found]

    return ask


@contextmanager
def refused(code, message):
    with pytest.raises(ClientError, match=message) as caught:
        yield
    assert caught.value.response["Error"]["Code"] == code


def template(**resources):
    return json.dumps(
        {
            "Parameters": {"Query": {"Type": "String", "Default": "first"}},
            "Resources": {"Saved": QUERY, **resources},
            "Outputs": {"Id": {"Value": {"Ref": "Saved"}}},
        }
    )


def propose(stacks, body, name="c", kind="CREATE", **more):
    made = stacks.create_change_set(
        StackName="s", ChangeSetName=name, ChangeSetType=kind, TemplateBody=body, **more
    )
    return stacks.describe_change_set(ChangeSetName=made["Id"])


def status(stacks):
    (stack,) = stacks.describe_stacks(StackName="s")["Stacks"]
    return stack["StackStatus"]


def changes(described):
    return [
        (each["ResourceChange"]["Action"], each["ResourceChange"]["LogicalResourceId"])
        for each in described["Changes"]
    ]


@pytest.mark.rule("G4")
def test_a_change_set_creates_nothing_until_it_is_executed(stacks, queries):
    # when
    proposed = propose(stacks, template(), Description="the first")
    before = status(stacks), queries()
    stacks.execute_change_set(ChangeSetName="c", StackName="s")

    # then
    assert proposed["Status"] == "CREATE_COMPLETE"
    assert proposed["ExecutionStatus"] == "AVAILABLE"
    assert proposed["Description"] == "the first"
    assert proposed["Parameters"] == [{"ParameterKey": "Query", "ParameterValue": "first"}]
    assert changes(proposed) == [("Add", "Saved")]
    assert before == ("REVIEW_IN_PROGRESS", [])
    assert (status(stacks), queries()) == ("CREATE_COMPLETE", ["first"])
    (stack,) = stacks.describe_stacks(StackName="s")["Stacks"]
    (resource,) = stacks.list_stack_resources(StackName="s")["StackResourceSummaries"]
    assert stack["Outputs"] == [{"OutputKey": "Id", "OutputValue": resource["PhysicalResourceId"]}]
    executed = stacks.describe_change_set(ChangeSetName="c", StackName="s")
    assert executed["ExecutionStatus"] == "EXECUTE_COMPLETE"


@pytest.mark.rule("G4")
def test_a_change_set_updates_a_stack(stacks, queries):
    # given
    stacks.create_stack(StackName="s", TemplateBody=template(Old=TOPIC))

    # when
    given = [{"ParameterKey": "Query", "ParameterValue": "second"}]
    proposed = propose(stacks, template(New=TOPIC), kind="UPDATE", Parameters=given)
    stacks.execute_change_set(ChangeSetName=proposed["ChangeSetId"])

    # then
    assert changes(proposed) == [("Modify", "Saved"), ("Add", "New"), ("Remove", "Old")]
    modified = proposed["Changes"][0]["ResourceChange"]
    assert modified["Replacement"] == "False"
    assert [each["Target"]["Name"] for each in modified["Details"]] == ["QueryString"]
    assert (status(stacks), queries()) == ("UPDATE_COMPLETE", ["second"])
    kept = stacks.describe_stack_resources(StackName="s")["StackResources"]
    assert {each["LogicalResourceId"]: each["ResourceStatus"] for each in kept} == {
        "Saved": "UPDATE_COMPLETE",
        "New": "CREATE_COMPLETE",
        "Old": "DELETE_COMPLETE",
    }


@pytest.mark.rule("G4")
def test_a_change_set_without_changes_fails(stacks):
    # given
    stacks.create_stack(StackName="s", TemplateBody=template())

    # when
    proposed = propose(stacks, template(), kind="UPDATE")

    # then
    assert (proposed["Status"], proposed["StatusReason"]) == ("FAILED", NO_CHANGES)
    with refused("InvalidChangeSetStatus", r"cannot be executed .* status of \[FAILED\]"):
        stacks.execute_change_set(ChangeSetName=proposed["ChangeSetId"])


@pytest.mark.rule("G1", "G4")
def test_a_change_set_whose_stack_fails_is_rolled_back(stacks, queries):
    # when
    proposed = propose(stacks, template(Broken=BROKEN))
    stacks.execute_change_set(ChangeSetName="c", StackName="s")

    # then
    assert (status(stacks), queries()) == ("ROLLBACK_COMPLETE", [])
    (stack,) = stacks.describe_stacks(StackName="s")["Stacks"]
    assert "Outputs" not in stack
    executed = stacks.describe_change_set(ChangeSetName=proposed["ChangeSetId"])
    assert executed["ExecutionStatus"] == "EXECUTE_FAILED"
    with refused("ValidationError", "is in ROLLBACK_COMPLETE state and can not be updated"):
        propose(stacks, template(), "d", "UPDATE")
    stacks.delete_stack(StackName="s")
    assert stacks.describe_stacks()["Stacks"] == []


BAD = [
    ({"Mine": {"Type": "Custom::Mine"}}, {}, "ValidationError", "not support Custom::Mine"),
    ({"A": {**TOPIC, "DependsOn": "B"}}, {}, "ValidationError", r"dependencies \[B\]"),
    ({}, {"Parameters": [{"ParameterKey": "X", "ParameterValue": ""}]}, "ValidationError", "X"),
    (
        {
            "R": {
                "Type": "AWS::IAM::Role",
                "Properties": {"AssumeRolePolicyDocument": {}, "RoleName": "r"},
            }
        },
        {"Capabilities": ["CAPABILITY_IAM"]},
        "InsufficientCapabilitiesException",
        "CAPABILITY_NAMED_IAM",
    ),
    (
        {"S": {"Type": "AWS::Scheduler::Schedule", "Properties": {"KmsKeyArn": "key"}}},
        {},
        "ValidationError",
        "KmsKeyArn",
    ),
]


@pytest.mark.rule("G2", "G3", "G4")
@pytest.mark.parametrize("way", ["create_stack", "CREATE", "update_stack", "UPDATE"])
@pytest.mark.parametrize("resources, more, code, message", BAD)
def test_every_way_to_deploy_makes_the_same_checks(stacks, way, resources, more, code, message):
    # given
    if way in {"update_stack", "UPDATE"}:
        stacks.create_stack(StackName="s", TemplateBody=template())
    before = [each["StackStatus"] for each in stacks.describe_stacks()["Stacks"]]
    body = template(**resources)

    # when
    with refused(code, message):
        if way in {"CREATE", "UPDATE"}:
            propose(stacks, body, "c", way, **more)
        else:
            getattr(stacks, way)(StackName="s", TemplateBody=body, **more)

    # then
    assert [each["StackStatus"] for each in stacks.describe_stacks()["Stacks"]] == before


@pytest.mark.rule("G4")
def test_a_type_that_does_not_fit_the_stack_is_refused(stacks):
    with refused("ValidationError", r"Stack \[s\] does not exist"):
        propose(stacks, template(), kind="UPDATE")
    propose(stacks, template())
    with refused("ValidationError", "in REVIEW_IN_PROGRESS state and can not be updated"):
        propose(stacks, template(), "d", "UPDATE")
    with refused("AlreadyExistsException", r"ChangeSet \[c\] already exists"):
        propose(stacks, template())
    stacks.execute_change_set(ChangeSetName="c", StackName="s")
    with refused("ValidationError", "cannot be created again with the changeSet"):
        propose(stacks, template(), "d")


@pytest.mark.rule("G4")
def test_change_sets_are_listed_and_deleted(stacks):
    # given
    propose(stacks, template(), "a")
    propose(stacks, template(), "b")
    propose(stacks, template(), "c")

    # when
    stacks.delete_change_set(ChangeSetName="a", StackName="s")
    listed = stacks.list_change_sets(StackName="s")["Summaries"]
    stacks.execute_change_set(ChangeSetName="b", StackName="s")
    left = stacks.list_change_sets(StackName="s")["Summaries"]

    # then
    assert [each["ChangeSetName"] for each in listed] == ["b", "c"]
    assert [each["ChangeSetName"] for each in left] == ["b"]
    with refused("ChangeSetNotFound", r"ChangeSet \[c\] does not exist"):
        stacks.describe_change_set(ChangeSetName="c", StackName="s")
    with refused("InvalidChangeSetStatus", r"execution status of \[EXECUTE_COMPLETE\]"):
        stacks.execute_change_set(ChangeSetName="b", StackName="s")
    with refused("ValidationError", "StackName must be specified"):
        stacks.describe_change_set(ChangeSetName="b")


@pytest.mark.rule("G4")
def test_a_change_set_is_obsolete_once_its_stack_has_changed(stacks):
    stacks.create_stack(StackName="s", TemplateBody=template())
    propose(stacks, template(New=TOPIC), kind="UPDATE")

    stacks.update_stack(StackName="s", TemplateBody=template(Other=TOPIC))

    with refused("InvalidChangeSetStatus", r"execution status of \[OBSOLETE\]"):
        stacks.execute_change_set(ChangeSetName="c", StackName="s")
