import re

import pytest

REFUSED = [
    ("AllowedTargetRoleArns", "arn:aws:iam::1111:role/target"),
    ("AllowedTargetRoleArns", "arn:aws:iam::111122223333:user/target"),
    ("AllowedTargetRoleArns", "*"),
    ("LocalPipelineNames", "arn:aws:codepipeline:eu-central-1:111122223333:MyFirstPipeline"),
    ("LocalPipelineNames", "My First Pipeline"),
    ("LocalPipelineNames", "team-**"),
    ("LocalPipelineNames", "team-?*"),
    ("ExternalId", "with space"),
    ("EventSenders", "1111"),
    ("EventSenders", "*"),
    ("EventSenders", "ou-abcd-11112222"),
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
    ("LocalPipelineNames", "*-team-?-x@2.*"),
    ("EventSenders", "222233334444"),
    ("EventSenders", "o-a1b2c3d4e5"),
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
    ("PipelineNames", "a**"),
    ("EventBusArn", "arn:aws:events:eu-west-1:111122223333:rule/other"),
    ("EventBusArn", "*"),
]
TARGET_ROLE_ACCEPTED = [
    ("OrchestratorRoleArn", "arn:aws:iam::111122223333:role/orch-TargetAccessRole-1ABC"),
    ("OrchestratorRoleArn", "arn:aws:iam::111122223333:role/orch-TargetAccessRole-*"),
    ("PipelineNames", "team-a-*"),
    ("PipelineNames", "*"),
    ("PipelineNames", "?-team-a"),
    ("EventBusArn", "arn:aws:events:eu-west-1:111122223333:event-bus/orchestrator-events"),
    ("RoleName", "codepipeline-orchestrator-target"),
]


@pytest.fixture(params=["template", "target_role_template", "target_events_template"])
def either(request):
    return request.getfixturevalue(request.param)


def _accepts(template, name, value):
    return re.fullmatch(template["Parameters"][name]["AllowedPattern"], value) is not None


def test_every_parameter_has_a_description_and_constraints(either):
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


def test_every_parameter_is_in_one_group_of_the_console(either):
    interface = either["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]
    assert sorted(grouped) == sorted(either["Parameters"])


@pytest.mark.parametrize("name, value", REFUSED)
def test_a_wrong_value_is_refused(template, name, value):
    assert not _accepts(template, name, value)


@pytest.mark.parametrize("name, value", ACCEPTED)
def test_a_correct_value_is_accepted(template, name, value):
    assert _accepts(template, name, value)


@pytest.mark.parametrize("name, value", TARGET_ROLE_REFUSED)
def test_a_target_role_refuses_values_that_trust_or_allow_too_much(
    target_role_template, name, value
):
    assert not _accepts(target_role_template, name, value)


@pytest.mark.parametrize("name, value", TARGET_ROLE_ACCEPTED)
def test_a_target_role_accepts_one_orchestrator_and_named_pipelines(
    target_role_template, name, value
):
    assert _accepts(target_role_template, name, value)


@pytest.mark.parametrize("name", ["EventBusArn", "PipelineNames", "PermissionsBoundaryArn"])
def test_both_target_templates_have_the_same_parameters(
    target_role_template, target_events_template, name
):
    role, events = (
        each["Parameters"][name] for each in (target_role_template, target_events_template)
    )
    if name == "EventBusArn":  # The parameter is optional only in target-role.yaml.
        assert role["Default"] == ""
        assert role["AllowedPattern"] == f"^({events['AllowedPattern'][1:-1]})?$"
    else:
        assert role["AllowedPattern"] == events["AllowedPattern"]


def test_both_target_templates_send_the_same_events(target_role_template, target_events_template):
    for name in ("EventsRule", "SendEventsRole"):
        role, events = (
            each["Resources"][name]["Properties"]
            for each in (target_role_template, target_events_template)
        )
        assert role == events


def test_a_schedule_without_its_pipeline_is_refused(template):
    rule = template["Rules"]["AScheduleNamesItsPipeline"]
    assert rule["RuleCondition"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "ScheduleExpression"}, ""]}]
    }
    assert rule["Assertions"][0]["Assert"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "SchedulePipelineName"}, ""]}]
    }
