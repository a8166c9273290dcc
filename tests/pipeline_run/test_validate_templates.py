"""How `validate` checks inputs inside CloudFormation and SAM templates."""

from __future__ import annotations

import json
import textwrap

import pytest
import yaml

from playground.accounts import ROOT

TEMPLATE = """\
Parameters:
  Account: {Type: String}
  Mode: {Type: String, Default: latest}
  Waiter: {Type: String, Default: PipelineWaiterLambdaName}
Resources:
  Release:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      Stages:
        - Name: Deploy
          Actions:
            - Name: Shop
              ActionTypeId: {Category: Invoke, Owner: AWS, Provider: Lambda, Version: "1"}
              Configuration:
                FunctionName: CALLEE
                UserParameters: INPUT
"""


@pytest.fixture
def check(type_, tmp_path):
    """Return a function that checks a template whose only action has this callee and input."""

    def check_template(given, *words, callee="!ImportValue PipelineWaiterLambdaName"):
        file = tmp_path / "pipeline.yaml"
        given = textwrap.indent(given, " " * 18).lstrip()
        file.write_text(TEMPLATE.replace("CALLEE", callee).replace("INPUT", given))
        return type_("validate", *words, str(file))

    return check_template


def test_a_mistake_is_reported_with_its_line_and_action(check):
    result = check('|\n{\n  "pipelineName": "shop",\n  "onTimeOut": "stop"\n}')

    assert result.exit_code == 1
    assert "pipeline.yaml:19: Release Deploy/Shop: onTimeOut: unknown field" in result.stdout


@pytest.mark.parametrize(
    "callee",
    [
        "!ImportValue PipelineWaiterLambdaName",
        "!ImportValue blue-PipelineWaiterLambdaName",
        '{"Fn::ImportValue": !Sub "${Prefix}PipelineWaiterLambdaName"}',
        "!ImportValue codepipeline-orchestrator-CodePipelineJobFunctionName",
        "!Ref CodePipelineJobFunction",
        "!GetAtt Orchestrator.Outputs.CodePipelineJobFunctionName",
        "!Ref Waiter",
        "orchestrator-CodePipelineJobFunction-1A2B3C",
    ],
)
def test_every_way_to_name_the_deployed_function_is_recognized(check, callee):
    result = check("'{}'", callee=callee)

    assert result.exit_code == 1
    assert "pipelineName: missing" in result.stdout


def test_other_functions_are_skipped_unless_named(check):
    unknown = check("'{}'", callee="my-waiter")
    claimed = check("'{}'", "--function", "my-waiter", callee="my-waiter")

    assert unknown.exit_code == 0
    assert "Release Deploy/Shop (my-waiter)" in unknown.stderr
    assert "--function" in unknown.stderr
    assert claimed.exit_code == 1


@pytest.mark.parametrize(
    "given, expected",
    [
        ("""!Sub '{"pipelineName": "shop-${AWS::StackName}"}'""", ""),
        ("""!Sub '{"pipelineName": "s", "roleArn": "arn:aws:iam::${Account}:role/x"}'""", ""),
        ("""!Sub '{"pipelineName": "s", "timeoutMinutes": ${Minutes}}'""", ""),
        ("""!Sub '{"pipelineName": "s", "mode": "${Mode}"}'""", ""),
        (
            """!Sub '{"pipelineName": "s", "ifRunning": "skip", "mode": "${Mode}"}'""",
            "only valid with",
        ),
        ("""!Sub ['{"pipelineName": "${P} x"}', {P: shop}]""", "'shop x' was given"),
        ("""!Sub '{"pipelineName": "${!P}"}'""", "'${P}' was given"),
        ("""!Join ['', ['{"pipelineName": "', !Ref Mode, '", "x": 1}']]""", "x: unknown field"),
        ("!Ref Unknown", ""),
        ("""!FindInMap [Inputs, !Ref Mode, shop]""", ""),
        ("""!Sub '{"pipelineName": "s", "wait": ${Wait}, "x": 1}'""", "x: unknown field"),
    ],
)
def test_values_that_only_aws_knows_are_assumed_to_be_valid(check, given, expected):
    result = check(given)

    assert result.exit_code == (1 if expected else 0)
    assert expected in result.stdout


def test_an_action_without_user_parameters_is_reported_at_its_line(type_, tmp_path):
    lines = TEMPLATE.replace("CALLEE", "!ImportValue PipelineWaiterLambdaName").splitlines()
    file = tmp_path / "pipeline.yaml"
    file.write_text("\n".join(lines[:-1]))

    result = type_("validate", str(file))

    assert (
        "pipeline.yaml:12: Release Deploy/Shop: The action has no UserParameters" in result.stdout
    )


def test_json_templates_with_conditions_are_checked(type_, tmp_path):
    # A generated template may be JSON with tabs, and its actions may depend on conditions.
    action = {
        "Name": "Shop",
        "ActionTypeId": {"Provider": "StepFunctions"},
        "Configuration": {
            "StateMachineArn": {"Fn::ImportValue": "codepipeline-orchestrator-StateMachineArn"},
            "Input": '{"pipelineName": "shop", "waitt": true}',
        },
    }
    actions = {"Fn::If": ["IsOn", [action], []]}
    stage = {"Name": "Deploy", "Actions": actions}
    properties = {"Stages": [stage]}
    resources = {"Release": {"Type": "AWS::CodePipeline::Pipeline", "Properties": properties}}
    file = tmp_path / "release.template.json"
    file.write_text(json.dumps({"Resources": resources}, indent="\t"))

    result = type_("validate", str(file))

    assert "Release Deploy/Shop: waitt: unknown field (did you mean wait?)" in result.stdout


@pytest.mark.parametrize(
    "text, expected",
    [
        ("a: [", ":1: not YAML: "),
        ("a: 1\n---\nb: 2\n", ":2: not YAML: "),
        ("a: *nowhere\n", ":1: not YAML: "),
        ("# A comment\nname: something else\n", "neither a template, which has Resources, nor an"),
        ('{"piplineName": "web"}', ":1: piplineName: unknown field"),
    ],
)
def test_yaml_that_is_not_a_template_is_reported_unless_skipped(type_, tmp_path, text, expected):
    file = tmp_path / "other.yaml"
    file.write_text(text)

    assert expected in type_("validate", str(file)).stdout
    assert type_("validate", "--templates", str(file)).exit_code == 0


def test_an_alias_that_contains_itself_is_reported(type_, tmp_path):
    file = tmp_path / "circle.yaml"
    file.write_text(
        "Resources:\n  P: &p\n    Type: AWS::CodePipeline::Pipeline\n    Properties: [*p]\n"
    )

    assert ":4: not YAML: the alias p contains itself." in type_("validate", str(file)).stdout


def test_our_own_template_passes_the_pre_commit_hook(type_):
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    files = [str(ROOT / name) for name in ("template.yaml", "statemachine/input.schema.json")]

    result = type_(*hook["entry"].split()[1:], *files)

    assert result.exit_code == 0
