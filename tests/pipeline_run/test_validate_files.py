"""The files that `validate` understands, and hostile files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from playground.accounts import ROOT

FUNCTION = "stack-CodePipelineJobFunction-1A2B"
MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:PipelineRunStateMachine-1A"
BAD = '{"piplineName": "web"}'


def pipeline(given=BAD, name="release", action="Web"):
    """The output of `aws codepipeline get-pipeline`."""
    configuration = {"FunctionName": FUNCTION, "UserParameters": given}
    invoke = {
        "name": action,
        "actionTypeId": {"category": "Invoke", "provider": "Lambda"},
        "configuration": configuration,
    }
    stages = [{"name": "Deploy", "actions": [invoke]}]
    return {"pipeline": {"name": name, "stages": stages}, "metadata": {"created": "x"}}


def planned(kind, values, unknown=None):
    """The output of `terraform show -json` for a plan."""
    resource = {"address": f"module.a.{kind}.x", "type": kind, "values": values}
    change = {"address": resource["address"], "change": {"after_unknown": unknown or {}}}
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {"child_modules": [{"resources": [resource]}]}},
        "resource_changes": [change],
    }


def stages(**configuration):
    action = {"name": "Web", "provider": "Lambda", "configuration": configuration}
    return {"stage": [{"name": "Deploy", "action": [action]}]}


def test_the_output_of_get_pipeline_is_checked(type_):
    result = type_("validate", "-", stdin=json.dumps(pipeline(), indent=2))

    assert "standard input:16: release Deploy/Web: piplineName: unknown field" in result.stdout
    assert (
        type_("validate", "-", stdin=json.dumps(pipeline('{"pipelineName": "a"}'))).exit_code == 0
    )


def test_the_pipeline_of_get_pipeline_can_be_given_alone(type_):
    result = type_("validate", "-", stdin=json.dumps(pipeline()["pipeline"]))

    assert "release Deploy/Web: piplineName: unknown field" in result.stdout


@pytest.mark.parametrize(
    "document, expected",
    [
        (
            planned("aws_codepipeline", stages(FunctionName=FUNCTION, UserParameters=BAD)),
            "module.a.aws_codepipeline.x Deploy/Web: piplineName: unknown field",
        ),
        (
            planned("aws_codepipeline", stages(FunctionName=FUNCTION)),
            "The action has no UserParameters",
        ),
        (
            planned(
                "aws_codepipeline",
                stages(FunctionName=FUNCTION),
                stages(UserParameters=True),
            ),
            "warning: The value of ${known after apply} is unknown",
        ),
        (
            planned("aws_scheduler_schedule", {"target": [{"arn": MACHINE, "input": BAD}]}),
            "piplineName: unknown field",
        ),
        (planned("aws_scheduler_schedule", {"target": [{"arn": MACHINE}]}), "Input: missing"),
        (planned("aws_cloudwatch_event_target", {"arn": MACHINE}), "Input: missing"),
        (
            planned(
                "aws_cloudwatch_event_target",
                {
                    "arn": MACHINE,
                    "input_transformer": [{"input_paths": {}, "input_template": "<a>"}],
                },
            ),
            "<a> is not in InputPathsMap",
        ),
    ],
)
def test_the_output_of_terraform_show_is_checked(type_, document, expected):
    result = type_("validate", "-", stdin=json.dumps(document))

    assert "Checked 1 input" in result.stderr
    assert expected in result.stdout
    assert result.exit_code == ("warning" not in expected)


@pytest.mark.parametrize(
    "given, is_refused",
    [
        ({"pipelineName": "release"}, True),
        ({"pipelineName": "release", "clientRequestToken": "#{A.ExecutionId}"}, True),
        ({"targetname": "release"}, True),
        ({"pipelineName": "release", "region": "eu-west-1"}, False),
        ({"pipelineName": "other"}, False),
    ],
)
def test_a_pipeline_that_names_itself_is_reported(type_, given, is_refused):
    text = json.dumps(given)
    terraforms = stages(FunctionName=FUNCTION, UserParameters=text)
    plan = planned("aws_codepipeline", {"name": "release", **terraforms})

    for document in (pipeline(text), plan):
        result = type_("validate", "-", stdin=json.dumps(document))
        assert ("release names itself as its target" in result.stdout) == is_refused
        assert result.exit_code == is_refused


def test_terraform_files_are_not_supported_and_the_message_says_what_to_do(type_, tmp_path):
    (tmp_path / "main.tf").write_text("")

    named = type_("validate", str(tmp_path / "main.tf"))
    found = type_("validate", str(tmp_path))

    assert named.exit_code == 1
    assert "terraform show -json tfplan | pipeline-run validate -" in named.stdout
    assert found.exit_code == 0
    assert "warning: 1 file was not checked" in found.stdout


def test_all_templates_in_a_directory_are_checked(type_, tmp_path):
    for place in ("a/release.json", ".git/b.json", "node_modules/c.json"):
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).write_text(json.dumps(pipeline()))
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "notes.txt").write_text(BAD)
    os.mkfifo(tmp_path / "fifo.json")

    result = type_("validate", str(tmp_path))

    assert "Checked 1 input" in result.stderr
    assert "a/release.json:1: release Deploy/Web: piplineName: unknown field" in result.stdout


FORGED = "x\nother.yaml:1: all good\r\u2028\x1b[31m\u202e::error::y\n::error::z ##[error] ##vso[a]"


@pytest.mark.parametrize(
    "document",
    [
        pipeline(name=FORGED),
        pipeline(action=FORGED),
        pipeline(json.dumps({FORGED: 1, "pipelineName": FORGED, "mode": FORGED})),
        pipeline(f'{{"pipelineName": "a" {FORGED}'),
        pipeline(json.dumps({"targetname": "a", FORGED: 1})),
        pipeline(json.dumps({"detail-type": FORGED, "detail": {}})),
    ],
)
def test_text_in_a_file_cannot_forge_a_line(type_, document):
    result = type_("validate", "-", stdin=json.dumps(document))

    lines = result.stdout.splitlines()
    assert lines
    assert all(line.startswith("standard input:1: ") for line in lines)
    assert result.stdout.replace("\n", "").isprintable()
    assert "##[" not in result.stdout
    assert "##vso[" not in result.stdout


def test_the_name_of_another_function_cannot_forge_a_line(type_):
    document = json.dumps(pipeline(action="a\n::error::b")).replace(FUNCTION, "other\\n##[error]")

    result = type_("validate", "-", stdin=document)

    assert len(result.stderr.splitlines()) == 2
    assert "a\\n::error::b (other\\n\\u0023#[error])" in result.stderr


def test_a_file_name_cannot_forge_a_line(type_, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "::error::a\nb.json").write_text(BAD)

    lines = type_("validate", "::error::a\nb.json").stdout.splitlines()

    assert lines
    assert all(line.startswith("\\u003a:error::a\\nb.json:1: ") for line in lines)


def test_output_that_the_terminal_cannot_encode_is_escaped(tmp_path):
    file = tmp_path / "input.json"
    file.write_text('{"pipelineName": "ü€"}', encoding="utf-8")
    paths = os.pathsep.join(str(ROOT / each) for each in ("", "functions", "sandbox"))
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "pipeline_run", "validate", str(file)],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": paths},
        capture_output=True,
        check=False,
    )

    assert done.returncode == 1
    assert b"'\\xfc\\u20ac' was given" in done.stdout


ACTION = (
    "{Name: A, ActionTypeId: {Provider: Lambda}, Configuration: "
    f"{{FunctionName: {FUNCTION}, UserParameters: GIVEN}}}}"
)


def template(*given, before=""):
    actions = ", ".join(ACTION.replace("GIVEN", each) for each in given)
    return (
        f"{before}Resources:\n  R:\n    Type: AWS::CodePipeline::Pipeline\n"
        f"    Properties: {{Stages: [{{Name: S, Actions: [{actions}]}}]}}\n"
    )


def schedule(given):
    return (
        "Resources:\n  R:\n    Type: AWS::Scheduler::Schedule\n"
        f"    Properties: {{Target: {{Arn: {MACHINE}, Input: {given}}}}}\n"
    )


LAUGHS = "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
MANY = ", ".join(f'"a{number}": 1' for number in range(20_000))
HOSTILE = {
    "10 MB": ("AWS::CodePipeline::Pipeline " * 370_000, "more than 10 MB"),
    "almost 10 MB": ("AWS::CodePipeline::Pipeline " * 350_000, "at most 1,048,576"),
    "many values": (f"AWS::Events::Rule: [{'1,' * 500_000}]", "more than 150,000 values"),
    "aliases": (f"a0: &a0 [x]\n{LAUGHS}{template('x')}", "too many aliases"),
    "brackets": ("AWS::Events::Rule: " + "[" * 900_000, "nested too deeply"),
    "lists": ("- " * 400_000 + "AWS::Events::Rule", "nested too deeply"),
    "long defaults": (
        template(
            f"!Sub '{'${A}' * 100_000}'",
            before=f"Parameters: {{A: {{Type: String, Default: {'y' * 400_000}}}}}\n",
        ),
        "too long inputs",
    ),
    "many conditions": (
        template(f"!Join ['', [{', '.join(f'!If [C{n}, a, b]' for n in range(20_000))}]]"),
        "too many",
    ),
    "conditions of conditions": (
        f"Conditions: {{{', '.join(f'C{n}: !Condition C{n + 1}' for n in range(5_000))}}}\n"
        + template("!If [C0, a, b]"),
        "too many",
    ),
    "large mappings": (
        f"Mappings: {{M: {{{', '.join(f'k{n}: {{v: x}}' for n in range(3_000))}}}}}\n"
        + template(*["!FindInMap [M, !Ref AWS::Region, v]"] * 300),
        "not JSON",
    ),
    "many fields": (schedule(f"'{{{MANY}}}'"), "a0: unknown field"),
    "a repeated field": (schedule(f"'{{{MANY}, \"a19999\": 1}}'"), "the name 'a19999' twice"),
    "many unknown values": (template(*['!Sub \'{"mode": "${A}"}\''] * 6_000), "pipelineName"),
    "quotes": (schedule("'" + '"\\\\' * 60_000 + "'"), "not JSON"),
    "a long word": (schedule(f"'{'a' * 200_000}'"), "not JSON"),
    "a null character": ("AWS::Events::Rule\x00", "not YAML"),
    "a large plan": (
        json.dumps(planned("aws_codepipeline", stages(UserParameters="x" * 1_100_000))),
        "hostile.yaml: 1,100,",
    ),
}


@pytest.mark.parametrize("text, expected", HOSTILE.values(), ids=HOSTILE)
def test_no_file_blocks_or_crashes_the_hook(type_, tmp_path, text, expected):
    file = tmp_path / "hostile.yaml"
    file.write_text(text)

    before = time.process_time()
    result = type_("validate", "--templates", str(file))

    assert result.exit_code == 1
    assert expected in result.stdout
    assert time.process_time() - before < 10  # usually less than 2


def test_a_large_file_without_pipelines_is_skipped(type_, tmp_path):
    file = tmp_path / "data.json"
    file.write_text(f"[{'1,' * 6_000_000}1]")

    assert type_("validate", "--templates", str(file)).exit_code == 0
