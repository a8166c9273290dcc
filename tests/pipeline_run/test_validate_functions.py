"""How `validate` resolves intrinsic functions, and checks schedules and rules."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.accounts import ROOT

TEMPLATE = """\
Parameters:
  Minutes: {Type: Number}
  Names: {Type: CommaDelimitedList}
  Secret: {Type: "AWS::SSM::Parameter::Value<String>", Default: /a/b}
  Mode: {Type: String, Default: latest}
  Env: {Type: String, AllowedValues: [prod, dev]}
  Role: {Type: String, Default: ""}
Conditions:
  IsProd: !Equals [!Ref AWS::StackName, prod]
  IsTest: !Not [!Condition IsProd]
  IsStart: !Equals [!Ref Mode, start]
  IsDev: !Or [!Equals [dev, !Ref Env], !Equals [!Ref Env, test]]
  HasRole: !And [!Not [!Equals [!Ref Role, ""]], !Condition IsDev]
  IsLive: !Not [!Condition IsDev]
  IsOwn: !Equals [!Join ["", [!Ref Env]], prod]
Mappings:
  Regions:
    eu-west-1: {Target: web, Bad: my web}
    us-east-1: {Target: shop, Bad: shop}
  Envs:
    prod: {Web: '{"pipelineName": "web"}'}
Resources:
"""
ACTION = """\
  Release:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      Stages:
        - Name: Go
          Actions:
            - Name: Web
              ActionTypeId: {Category: Invoke, Owner: AWS, Provider: Lambda, Version: "1"}
              Configuration: CONFIGURATION
"""
FUNCTION = "FunctionName: !ImportValue codepipeline-orchestrator-CodePipelineJobFunctionName"
MACHINE = "!ImportValue codepipeline-orchestrator-StateMachineArn"
PATHS = "InputPathsMap: {p: $.a}"
MACHINE_ARN = "arn:aws:states:eu-west-1:111122223333:stateMachine:PipelineRunStateMachine"
GOOD = """'{"pipelineName": "web"}'"""
BAD = """'{"piplineName": "web"}'"""


@pytest.fixture
def check(type_, tmp_path):
    def check_resources(resources, *options):
        file = tmp_path / "template.yaml"
        file.write_text(TEMPLATE + resources)
        return type_("validate", str(file), *options)

    return check_resources


@pytest.mark.parametrize(
    "given, expected",
    [
        (f"!If [IsProd, {GOOD}, {BAD}]", "piplineName: unknown field"),
        (f"!If [IsProd, {BAD}, {GOOD}]", "piplineName: unknown field"),
        (f'{{"Fn::If": [IsProd, {GOOD}, {{"Fn::If": [IsRed, {BAD}, {GOOD}]}}]}}', "piplineName"),
        (f"!If [IsProd, {GOOD}, !Ref AWS::NoValue]", "The action has no UserParameters"),
        (f"!If [IsProd, {GOOD}, {GOOD}]", ""),
        (
            """!Join ['', ['{"targetname":"a', !If [IsProd, '"', ''], !If [IsTest, '"}', "}"]]]""",
            "",
        ),
        (
            """!Join ['', ['{"pipelineName": "', !Ref Minutes, '", "mod": "start"}']]""",
            "mod: unknown",
        ),
        ("""!Join ['', !Ref Names]""", ""),
        ("""!Sub ['{"pipelineName": "${N}", "mod": "x"}', {N: !GetAtt A.B}]""", "mod: unknown"),
        ("""!Sub ['{"pipelineName": "${N}"}', {N: "a\\nb"}]""", "a raw line break"),
        (
            """!Sub '{"pipelineName": "x", "timeoutMinutes": "${Minutes}"}'""",
            "'${Minutes}' was given",
        ),
        ("""!Sub '{"pipelineName": "${Secret}"}'""", ""),
        ("""'{"pipelineName": "{{resolve:ssm:/a/b}}"}'""", ""),
        ("""{pipelineName: web}""", "must be a string that contains JSON, not an object"),
        ("""[web]""", "must be a string that contains JSON, not an object"),
        ("""{"Fn::ToJsonString": {pipelineName: web, timeoutMinutes: 5}}""", ""),
        ("""{"Fn::ToJsonString": {piplineName: !Ref Minutes}}""", "piplineName: unknown"),
        ("""{"Fn::ToJsonString": {pipelineName: web, wait: !Ref Wait}}""", "wait: '${Wait}' was"),
        ("""{"Fn::ToJsonString": {pipelineName: web, wait: !GetAtt A.B}}""", ""),
        ("""{"Fn::ToJsonString": {pipelineName: web, outputVariables: !Ref Names}}""", ""),
        (
            """{"Fn::ToJsonString": {pipelineName: !Sub 'a "${X}"', mode: !If [C, idle, a]}}""",
            "pipelineName: 'a ",
        ),
    ],
)
def test_functions_are_resolved(check, given, expected):
    result = check(ACTION.replace("CONFIGURATION", f"{{{FUNCTION}, UserParameters: {given}}}"))

    assert expected in result.stdout
    assert result.exit_code == (1 if expected else 0), result.stdout


@pytest.mark.parametrize(
    "given, expected",
    [
        ("""!Sub '{"pipelineName": "x", "mode": "${Mode}"}'""", ""),
        ("""!Sub '{"pipelineName": "x", "mode": "${Env}"}'""", "mode: 'dev' was given"),
        ("""!Sub '{"pipelineName": "x", "mode": "${Mode}", "ifRunning": "skip"}'""", "only valid"),
        (
            """!Sub ['{"pipelineName": "x", "mode": "${Mode}"${A}}',
              {A: !If [IsStart, ', "ifRunning": "skip"', ""]}]""",
            "",
        ),
        (
            """!Sub ['{"pipelineName": "x", "mode": "${Mode}"${A}}',
              {A: !If [IsStart, "", ', "ifRunning": "skip"']}]""",
            "only valid with mode 'start'",
        ),
        (
            """!Sub ['{"pipelineName": "x"${A}}',
              {A: !If [HasRole, !Sub ', "roleArn": "${Role}", "region": "${Env}"', ""]}]""",
            "region: 'dev' was given",
        ),
        (f"!If [IsOwn, {GOOD}, {BAD}]", "piplineName"),
        (f"!If [IsDev, !If [IsDev, {GOOD}, {BAD}], {GOOD}]", ""),
        (
            """!Sub ['{"pipelineName": "${A}"}',
              {A: !FindInMap [Regions, !Ref AWS::Region, Target]}]""",
            "",
        ),
        (
            """!Sub ['{"pipelineName": "${A}"}',
              {A: !FindInMap [Regions, !Ref AWS::Region, Bad]}]""",
            "pipelineName: 'my web' was given",
        ),
        ("!FindInMap [Envs, !Ref Env, Web]", ""),  # CloudFormation refuses dev
        ("!FindInMap [Envs, !Ref Env, Web, {DefaultValue: '{}'}]", "pipelineName: missing"),
        (f"!Select [1, [{GOOD}, {BAD}]]", "piplineName"),
    ],
)
def test_the_values_that_a_template_gives_its_parameters_are_checked(check, given, expected):
    result = check(ACTION.replace("CONFIGURATION", f"{{{FUNCTION}, UserParameters: {given}}}"))

    assert expected in result.stdout
    assert result.exit_code == (1 if expected else 0), result.stdout


@pytest.mark.parametrize(
    "condition, is_refused", [("IsStart", True), ("IsDev", True), ("IsLive", False)]
)
def test_an_action_is_checked_under_the_conditions_for_it(check, condition, is_refused):
    given = f"{{{FUNCTION}, UserParameters: !If [IsDev, {BAD}, {GOOD}]}}"
    action = ACTION.replace("CONFIGURATION", given)
    start, inner = action.split("- Name: Web\n")
    wrapped = f"{start}- Fn::If:\n              - {condition}\n              - Name: Web\n"
    wrapped += inner.replace("              ", "                ") + "              - []\n"

    for text in (action.replace("Type:", f"Condition: {condition}\n    Type:", 1), wrapped):
        result = check(text)
        assert result.exit_code == is_refused, result.stdout
        assert "Checked 1 input" in result.stderr


@pytest.mark.parametrize(
    "configuration, expected",
    [
        (
            f"{{{FUNCTION}, 'Fn::ForEach::A': [B, [UserParameters], {{'${{B}}': {BAD}}}]}}",
            "from a function such as Fn::ForEach",
        ),
        (
            f"{{{FUNCTION}, 'Fn::Transform': {{Name: 'AWS::Include'}}}}",
            "from a function such as Fn::ForEach",
        ),
        (
            f"!If [IsDev, {{{FUNCTION}, UserParameters: {GOOD}}}, !Transform {{Name: Macro}}]",
            "from a function such as Fn::ForEach",
        ),
        (f"{{{FUNCTION}, UserParameters: !Ref Minutes}}", "The value of ${Minutes} is unknown"),
        (f"{{{FUNCTION}, UserParameters: !GetAtt A.B}}", "The value of ${A.B} is unknown"),
        (
            f"{{{FUNCTION}, UserParameters: !ImportValue A}}",
            "The value of ${Fn::ImportValue} is unknown",
        ),
    ],
)
def test_what_could_not_be_checked_is_a_warning(check, configuration, expected):
    result = check(ACTION.replace("CONFIGURATION", configuration))

    assert result.exit_code == 0
    assert "warning: " in result.stdout
    assert expected in result.stdout


@pytest.mark.parametrize(
    "collection, is_refused",
    [("[web, my web]", True), ("[web]", False), ("!Ref Names", False), ("[!Ref Env, b]", False)],
)
def test_each_item_of_a_loop_is_checked(check, collection, is_refused):
    text = f"""{{{FUNCTION}, UserParameters: !Sub '{{"pipelineName": "${{Name}}"}}'}}"""
    pipeline = ACTION.replace("CONFIGURATION", text).replace("Release:", "'${Name}Release':")
    loop = f"  Fn::ForEach::All:\n    - Name\n    - {collection}\n    -"
    result = check(loop + pipeline.replace("\n", "\n    ").rstrip() + "\n")

    assert ("${Name}Release Go/Web: pipelineName: 'my web'" in result.stdout) == is_refused
    assert result.exit_code == is_refused
    assert "Checked 1 input" in result.stderr


def test_a_configuration_that_depends_on_a_condition_is_checked(check):
    branch = f"{{{FUNCTION}, UserParameters: {BAD}}}"
    result = check(ACTION.replace("CONFIGURATION", f"!If [IsProd, !Ref AWS::NoValue, {branch}]"))

    assert "Release Go/Web: piplineName: unknown field" in result.stdout


def test_a_step_functions_action_accepts_at_most_1000_characters(check):
    text = f"""StateMachineArn: {MACHINE}, Input: '{{"pipelineName": "web"{" " * 1000}}}'"""
    action = ACTION.replace("Provider: Lambda", "Provider: StepFunctions")
    result = check(action.replace("CONFIGURATION", f"{{{text}}}"))

    assert "CodePipeline allows 1,000 in Input" in result.stdout


def test_an_input_in_a_file_is_a_warning(check):
    text = f"StateMachineArn: {MACHINE}, InputType: FilePath, Input: input.json"
    action = ACTION.replace("Provider: Lambda", "Provider: StepFunctions")
    result = check(action.replace("CONFIGURATION", f"{{{text}}}"))

    assert result.exit_code == 0
    assert "warning: InputType is FilePath" in result.stdout


def test_actions_that_invoke_something_else_are_counted_and_listed(check):
    other = ACTION.replace("CONFIGURATION", "{FunctionName: other, UserParameters: x}")
    ours = ACTION.replace("CONFIGURATION", f"{{{FUNCTION}, UserParameters: {GOOD}}}")
    result = check(
        ours + "".join(other.replace("Release:", f"Release{number}:") for number in range(12))
    )

    assert "Checked 1 input: no problems found." in result.stderr
    assert "they start something else (12): Release0 Go/Web (other)" in result.stderr
    assert "and 2 more" in result.stderr


@pytest.mark.parametrize(
    "given, expected",
    [
        (f"Input: {GOOD}", ""),
        (f"Input: {BAD}", "S: piplineName: unknown field"),
        ("RoleArn: x", "S: Input: missing"),
        (f"Input: !If [IsProd, {GOOD}, !Ref AWS::NoValue]", "S: Input: missing"),
        ("""Input: '{"pipelineName": "#{A.b}"}'""", "'#{A.b}' was given"),
        ("""Input: '{"pipelineName": "x <aws.scheduler.execution-id>"}'""", "was given"),
        (
            """Input: '{"pipelineName": "x", "externalId": "<aws.scheduler.execution-id>"}'""",
            "",
        ),
    ],
)
def test_schedules_are_checked(check, given, expected):
    result = check(
        "  S:\n    Type: AWS::Scheduler::Schedule\n    Properties:\n"
        f"      Target:\n        Arn: {MACHINE}\n        {given}\n"
    )

    assert "Checked 1 input" in result.stderr
    assert expected in result.stdout
    assert result.exit_code == (1 if expected else 0), result.stdout


def test_a_schedule_that_calls_start_execution_is_checked(check):
    request = json.dumps(
        {
            "StateMachineArn": MACHINE_ARN,
            "Input": '{"piplineName": "web"}',
        }
    )
    result = check(
        "  S:\n    Type: AWS::Scheduler::Schedule\n    Properties:\n      Target:\n"
        f"        Arn: arn:aws:scheduler:::aws-sdk:sfn:startExecution\n        Input: '{request}'\n"
    )

    assert "S: piplineName: unknown field" in result.stdout


@pytest.mark.parametrize(
    "given, expected",
    [
        (f"Input: {GOOD}", ""),
        (f"Input: {BAD}", "R one: piplineName: unknown field"),
        ("RoleArn: x", "R one: Input: missing"),
        ("InputPath: $", "R one: Input: missing"),
        (f"InputTransformer: {{{PATHS}}}", "R one: Input: missing"),
        (
            f"""InputTransformer: {{{PATHS}, InputTemplate: '{{"pipelineName": <p>}}'}}""",
            "",
        ),
        (
            f"""InputTransformer: {{{PATHS}, InputTemplate: '{{"pipelineNam": <p>}}'}}""",
            "pipelineNam: unknown field",
        ),
        (
            f"""InputTransformer: {{{PATHS}, InputTemplate: '{{"pipelineName": <q>}}'}}""",
            "<q> is not in InputPathsMap",
        ),
        (
            f"""InputTransformer: {{{PATHS}, InputTemplate: '"<p> has ended"'}}""",
            "The input is a string",
        ),
    ],
)
def test_rules_are_checked(check, given, expected):
    result = check(
        "  R:\n    Type: AWS::Events::Rule\n    Properties:\n"
        f"      Targets:\n        - Id: one\n          Arn: {MACHINE}\n          {given}\n"
        "        - {Id: bus, Arn: !ImportValue codepipeline-orchestrator-EventBusArn}\n"
    )

    assert "Checked 1 input" in result.stderr
    assert expected in result.stdout
    assert result.exit_code == (1 if expected else 0), result.stdout


def test_a_rule_that_starts_another_stacks_state_machine_is_listed_and_can_be_checked(check):
    rule = (
        "  R:\n    Type: AWS::Events::Rule\n    Properties:\n      Targets:\n"
        f"        - {{Id: one, Arn: !ImportValue tools-StateMachineArn, Input: {BAD}}}\n"
    )

    skipped = check(rule)
    checked = check(rule, "--function", "tools-StateMachineArn")

    assert "they start something else (1): R one (tools-StateMachineArn)" in skipped.stderr
    assert "R one: piplineName: unknown field" in checked.stdout


def test_an_input_that_is_a_part_of_the_event_is_a_warning(check):
    result = check(
        "  R:\n    Type: AWS::Events::Rule\n    Properties:\n"
        f"      Targets:\n        - {{Id: one, Arn: {MACHINE}, InputPath: $.detail}}\n"
    )

    assert result.exit_code == 0
    assert "warning: InputPath takes the input from the event" in result.stdout


def test_the_templates_on_the_entry_points_page_pass(type_, tmp_path):
    page = (ROOT / "docs" / "entry-points.md").read_text(encoding="utf-8")
    for number, block in enumerate(page.split("```yaml\n")[1:]):
        (tmp_path / f"{number}.yaml").write_text(block.partition("```")[0])

    result = type_("validate", str(tmp_path))

    assert (result.exit_code, result.stdout) == (0, "")
    assert "Checked 4 inputs: no problems found." in result.stderr


WORDS = (
    "#{a.b}",
    "${A}",
    *'{}[]",:\n\t\\|',
    "!Ref X",
    "!If ",
    "*a",
    "&a ",
    "null",
    "- ",
    "<x>",
    "<<: ",
)
SEED = f"""{TEMPLATE}  S:
    Type: AWS::Scheduler::Schedule
    Properties:
      Target:
        Arn: {MACHINE}
        Input: !Sub ['{{"mode": "${{A}}"}}', {{A: !If [B, a, !FindInMap [Envs, !Ref Env, Web]]}}]
  R:
    Type: AWS::Events::Rule
    Condition: IsDev
    Properties:
      Targets:
        - {{Id: a, Arn: {MACHINE}, InputTransformer: {{{PATHS}, InputTemplate: '{{"a": <p>}}'}}}}
""" + ACTION.replace(
    "CONFIGURATION",
    f"{{{FUNCTION}, UserParameters: {{Fn::ToJsonString: {{mode: !Ref A, wait: !GetAtt B.C}}}}}}",
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9), st.sampled_from(WORDS)), max_size=5))
def test_no_template_crashes_validate(type_, changes):
    text = SEED
    for where, removed, added in changes:
        at = int(where * len(text))
        text = text[:at] + added + text[at + removed :]

    result = type_("validate", "--templates", "-", stdin=text)

    assert all(line.startswith("standard input:") for line in result.stdout.splitlines())
    assert bool(result.exit_code) == (": no problems" not in result.stderr)
