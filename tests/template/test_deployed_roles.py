import json

import boto3
import pytest
from moto import mock_aws
from moto.iam.models import iam_backends

ACCOUNT = "123456789012"  # moto's default account
REGION = "eu-central-1"
ROLE = "arn:aws:iam::222233334444:role/codepipeline-orchestrator-target"
OTHER_ROLE = "arn:aws:iam::333344445555:role/team/target"


@pytest.fixture
def deploy(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield _deploy


def _deploy(template, **parameters):
    session = boto3.Session(region_name=REGION)
    cloudformation = session.client("cloudformation")
    cloudformation.create_stack(
        StackName="orchestrator",
        TemplateBody=json.dumps(template),
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    resources = cloudformation.list_stack_resources(StackName="orchestrator")
    return {
        resource["LogicalResourceId"]: _statements(resource["PhysicalResourceId"])
        for resource in resources["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::IAM::Role"
    }


def _statements(role_name):
    # moto's API does not return a stack's role policies as valid JSON, but its backend does.
    role = iam_backends[ACCOUNT]["aws"].get_role(role_name)
    documents = [_parsed(document) for document in role.policies.values()]
    statements = {s["Sid"]: s for document in documents for s in document["Statement"]}
    return {**statements, "Trust": _parsed(role.assume_role_policy_document)["Statement"][0]}


def _parsed(document):
    return json.loads(document) if isinstance(document, str) else document


@pytest.fixture(scope="module")
def target_access(template):
    names = {
        "TargetAccessRole",
        "LocalTargetRole",
        "FunctionsLogGroup",
        "AssumeLocalTargetRolePolicy",
        "AssumeAllowedTargetRolesPolicy",
        "LocalPipelinesPolicy",
        "ScheduledPipelinePolicy",
    }
    return {
        **{key: template[key] for key in ("Parameters", "Conditions")},
        "Resources": {
            name: resource for name, resource in template["Resources"].items() if name in names
        },
    }


def _only_logs(statement):
    actions = statement["Action"]
    actions = [actions] if isinstance(actions, str) else actions
    return all(action.startswith("logs:") for action in actions)


def test_by_default_only_the_local_role_may_be_assumed(deploy, target_access):
    roles = deploy(target_access)

    (local_role,) = (
        statement["Resource"]
        for sid, statement in roles["TargetAccessRole"].items()
        if sid != "Trust" and not _only_logs(statement)
    )
    assert local_role.startswith(f"arn:aws:iam::{ACCOUNT}:role/orchestrator-LocalTargetRole-")


def test_by_default_no_local_pipeline_may_be_accessed(deploy, target_access):
    assert set(deploy(target_access)["LocalTargetRole"]) == {"Trust"}


@pytest.mark.parametrize("allowed", [[ROLE], [ROLE, OTHER_ROLE]])
def test_exactly_the_allowed_target_roles_may_be_assumed(deploy, target_access, allowed):
    roles = deploy(target_access, AllowedTargetRoleArns=",".join(allowed))

    assert roles["TargetAccessRole"]["AssumeAllowedTargetRoles"]["Resource"] == allowed


@pytest.mark.parametrize("names", [["MyFirstPipeline"], ["MyFirstPipeline", "team-a-*", "b"]])
def test_exactly_the_named_local_pipelines_may_be_followed(deploy, target_access, names):
    roles = deploy(target_access, LocalPipelineNames=",".join(names))

    arns = [f"arn:*:codepipeline:*:*:{name}" for name in names]
    assert roles["LocalTargetRole"]["FollowLocalPipelines"]["Resource"] == arns
    assert roles["LocalTargetRole"]["ReadLocalDefinitions"]["Resource"] == arns
    stages = [f"{arn}/*" for arn in arns]
    assert roles["LocalTargetRole"]["RetryLocalStages"]["Resource"] == stages


def test_the_scheduled_pipeline_may_be_followed(deploy, target_access):
    roles = deploy(
        target_access, ScheduleExpression="rate(1 day)", SchedulePipelineName="MyFirstPipeline"
    )

    statement = roles["LocalTargetRole"]["FollowScheduledPipeline"]
    assert statement["Resource"] == f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:MyFirstPipeline"
    definition = roles["LocalTargetRole"]["ReadScheduledDefinition"]
    assert definition["Resource"] == statement["Resource"]


def test_the_local_role_trusts_one_role_with_the_external_id(deploy, target_access):
    trust = deploy(target_access, ExternalId="of-ours")["LocalTargetRole"]["Trust"]

    principal = trust["Principal"]["AWS"]
    assert principal.startswith(f"arn:aws:iam::{ACCOUNT}:role/orchestrator-TargetAccessRole-")
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": "of-ours"}}


def test_a_target_role_trusts_one_orchestrator_and_is_limited_to_its_pipelines(
    deploy, target_role_template
):
    orchestrator = "arn:aws:iam::111122223333:role/orchestrator-TargetAccessRole-1ABC"

    role = deploy(
        target_role_template, OrchestratorRoleArn=orchestrator, PipelineNames="one,two-*"
    )["TargetRole"]

    assert role["Trust"]["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
    assert role["Trust"]["Condition"] == {
        "ArnLike": {"aws:PrincipalArn": orchestrator},
        "StringEquals": {"sts:ExternalId": "codepipeline-orchestrator"},
    }
    assert role["FollowPipelines"]["Resource"] == [
        "arn:*:codepipeline:*:*:one",
        "arn:*:codepipeline:*:*:two-*",
    ]


@pytest.mark.parametrize("read", ["true", "false"])
def test_a_target_role_reads_definitions_unless_its_owner_turns_that_off(
    deploy, target_role_template, read
):
    role = deploy(
        target_role_template,
        OrchestratorRoleArn="arn:aws:iam::111122223333:role/orchestrator-TargetAccessRole-1ABC",
        PipelineNames="one",
        ReadDefinitions=read,
    )["TargetRole"]

    assert ("ReadDefinitions" in role) == (read == "true")
