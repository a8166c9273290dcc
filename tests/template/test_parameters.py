"""What a deployment may be given, and what it refuses."""

import re

import pytest

REFUSED = [
    ("AllowedTargetRoleArns", "arn:aws:iam::1111:role/target"),
    ("AllowedTargetRoleArns", "arn:aws:iam::111122223333:user/target"),
    ("AllowedTargetRoleArns", "*"),
    ("LocalPipelineNames", "arn:aws:codepipeline:eu-central-1:111122223333:MyFirstPipeline"),
    ("LocalPipelineNames", "My First Pipeline"),
    ("ExternalId", "with space"),
    ("ScheduleExpression", "0 6 * * *"),
    ("ScheduleTimezone", ""),
    ("SchedulePipelineName", 'quote"'),
    ("SchedulePipelineName", "My*"),
    ("PowertoolsLayer", "arn:aws:lambda:eu-central-1:111122223333:layer:powertools"),
    ("PermissionsBoundaryArn", "arn:aws:iam::111122223333:role/boundary"),
    ("ExportPrefix", "under_score"),
]
ACCEPTED = [
    ("AllowedTargetRoleArns", "arn:aws:iam::222233334444:role/codepipeline-orchestrator-target"),
    ("AllowedTargetRoleArns", "arn:aws-cn:iam::222233334444:role/path/target-*"),
    ("AllowedTargetRoleArns", "arn:aws:iam::*:role/codepipeline-orchestrator-target"),
    ("LocalPipelineNames", "MyFirstPipeline"),
    ("LocalPipelineNames", "*"),
    ("ExternalId", "codepipeline-orchestrator"),
    ("ScheduleExpression", "cron(0 6 ? * MON-FRI *)"),
    ("ScheduleExpression", "rate(12 hours)"),
    ("ScheduleTimezone", "America/Argentina/Buenos_Aires"),
    ("ScheduleTimezone", "Etc/GMT+5"),
    ("SchedulePipelineName", "release@2.0_a-b"),
    ("PowertoolsLayer", "/aws/service/powertools/python/arm64/python3.13/3.37.0"),
    (
        "PowertoolsLayer",
        "arn:aws-us-gov:lambda:us-gov-west-1:111122223333:layer:AWSLambdaPowertoolsPythonV3:4",
    ),
    ("PermissionsBoundaryArn", "arn:aws:iam::111122223333:policy/boundary"),
    ("PermissionsBoundaryArn", "arn:aws:iam::aws:policy/PowerUserAccess"),
    ("ExportPrefix", "team:stage-"),
]
TARGET_ROLE_REFUSED = [
    ("OrchestratorRoleArn", "*"),
    ("OrchestratorRoleArn", "arn:aws:iam::*:role/orchestrator"),
    ("OrchestratorRoleArn", "arn:aws:iam::111122223333:role/*"),
    ("OrchestratorRoleArn", "arn:aws:iam::111122223333:role/*-TargetAccessRole"),
    ("PipelineNames", ""),
]
TARGET_ROLE_ACCEPTED = [
    ("OrchestratorRoleArn", "arn:aws:iam::111122223333:role/orch-TargetAccessRole-1ABC"),
    ("OrchestratorRoleArn", "arn:aws:iam::111122223333:role/orch-TargetAccessRole-*"),
    ("PipelineNames", "team-a-*"),
    ("RoleName", "codepipeline-orchestrator-target"),
]


@pytest.fixture(params=["template", "target_role_template"])
def either(request):
    return request.getfixturevalue(request.param)


def _accepts(template, name, value):
    return re.fullmatch(template["Parameters"][name]["AllowedPattern"], value) is not None


def test_every_parameter_is_described_and_bounded(either):
    for name, parameter in either["Parameters"].items():
        assert parameter["Description"].endswith("."), name
        if "AllowedValues" in parameter:
            assert parameter["Default"] in parameter["AllowedValues"], name
        else:
            assert parameter["ConstraintDescription"], name
        if parameter["Type"] == "Number" and "AllowedValues" not in parameter:
            assert parameter["MinValue"] <= parameter["Default"] <= parameter["MaxValue"], name
        elif "AllowedValues" not in parameter:
            assert parameter["AllowedPattern"].startswith("^"), name
            assert parameter["Type"] == "CommaDelimitedList" or parameter["MaxLength"], name


def test_every_default_is_allowed(either):
    for name, parameter in either["Parameters"].items():
        if "AllowedPattern" in parameter and "Default" in parameter:
            assert _accepts(either, name, parameter["Default"]), name


def test_every_parameter_stands_in_one_group_of_the_console(either):
    interface = either["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]
    assert sorted(grouped) == sorted(either["Parameters"])


@pytest.mark.parametrize("name, value", REFUSED)
def test_a_wrong_value_is_refused(template, name, value):
    assert not _accepts(template, name, value)


@pytest.mark.parametrize("name, value", ACCEPTED)
def test_a_right_value_is_accepted(template, name, value):
    assert _accepts(template, name, value)


@pytest.mark.parametrize("name, value", TARGET_ROLE_REFUSED)
def test_a_target_role_refuses_what_would_trust_or_allow_too_much(
    target_role_template, name, value
):
    assert not _accepts(target_role_template, name, value)


@pytest.mark.parametrize("name, value", TARGET_ROLE_ACCEPTED)
def test_a_target_role_accepts_one_orchestrator_and_named_pipelines(
    target_role_template, name, value
):
    assert _accepts(target_role_template, name, value)


def test_a_schedule_without_its_pipeline_is_refused(template):
    rule = template["Rules"]["AScheduleNamesItsPipeline"]
    assert rule["RuleCondition"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "ScheduleExpression"}, ""]}]
    }
    assert rule["Assertions"][0]["Assert"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "SchedulePipelineName"}, ""]}]
    }
