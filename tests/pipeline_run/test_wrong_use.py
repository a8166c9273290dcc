"""A wrong command line or environment leads to a clear message and changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from codepipeline_sandbox.cloudformation import deploy
from pipeline_run.connection import Connection
from pipeline_run.environment import Environment
from playground.accounts import REGION, ROOT, TOOLS

ROLE = "arn:aws:iam::222233334444:role/target"

# Each case has arguments for `start` and `doctor`, and the message that both commands print.
WRONG_INPUTS = {
    "an unknown option": (["web", "--role", ROLE], "No such option '--role'"),
    "two pipelines": (["web", "shop"], "unexpected extra argument (shop)"),
    "a name with a space": (["my web"], "pipelineName: 'my web' was given"),
    "no name": (["--mode", "latest"], "pipelineName: missing"),
    "a wrong mode": (
        ["web", "--mode", "lastest"],
        "'lastest' is not one of 'start', 'latest', 'idle' (did you mean latest?)",
    ),
    "a word for a number": (["web", "--timeout-minutes", "1h"], "'1h' is not a valid integer"),
    "too many retries": (["web", "--max-stage-retries", "11"], "maxStageRetries: 11 was given"),
    "a user for a role": (["web", "--role-arn", "arn:aws:iam::1:user/x"], "roleArn: "),
    "an invalid id": (["web", "--pipeline-execution-id", "3f0c"], "pipelineExecutionId: "),
    "options that cannot be combined": (
        ["web", "--no-wait", "--on-timeout", "stop"],
        "onTimeout: not valid with wait false",
    ),
    "a variable without a value": (
        ["web", "--variable", "IMAGE"],
        "'IMAGE' is not in the form NAME=VALUE",
    ),
    "a revision without a type": (
        ["web", "--source-revision", "Source=3f0c"],
        "is not in the form ACTION=TYPE:VALUE, for example Source=COMMIT_ID:3f0c9a51",
    ),
    "an unknown type of revision": (
        ["web", "--source-revision", "Source=COMMIT:3f0c"],
        "revisionType: 'COMMIT' was given (did you mean COMMIT_ID?)",
    ),
    "an output without a namespace": (["web", "--output-variable", "TAG"], "outputVariables.0: "),
    "an input that is not JSON": (["--input", "{web}"], "--input: The input is not JSON"),
    "an input that is not an object": (
        ["--input", '"web"'],
        "--input: The input is a string. It must be",
    ),
    "an input that was encoded twice": (
        ["--input", r'"{\"pipelineName\": \"web\"}"'],
        "--input: The input is a JSON string that contains JSON",
    ),
    "an input with a line break": (
        ["--input", '{"pipelineName": "we\nb"}'],
        r"""(\n) inside a string at line 1, column 21, in '{"pipelineName": "we\nb"}'""",
    ),
    "a missing input file": (["--input", "@none.json"], "--input: cannot read none.json"),
    "an unknown field": (
        ["--input", '{"pipelineName": "web", "piplineName": "w"}'],
        "piplineName: unknown field (did you mean pipelineName?)",
    ),
    "an empty external ID": (["web", "--external-id", "x"], "externalId: 'x' was given"),
    "an invalid Region": (["web", "--target-region", "Ireland"], "region: 'Ireland' was given"),
}


def nobody(_profile, _region):
    raise AssertionError("the command called AWS")


@pytest.mark.parametrize("name", ["start", "doctor"])
@pytest.mark.parametrize("words, expected", WRONG_INPUTS.values(), ids=WRONG_INPUTS)
def test_an_invalid_input_is_reported_before_any_call(type_, name, words, expected):
    result = type_(name, *words, obj=Environment(session=nobody))

    assert result.exit_code == 2
    assert expected in " ".join(result.stderr.split())
    assert result.stdout == ""


def test_a_wrong_input_names_the_help_of_the_command(type_):
    result = type_("doctor", "web", "--role-arn", "x", obj=Environment(session=nobody))

    assert result.stderr.endswith("`pipeline-run doctor --help` describes the options.\n")


def test_a_profile_with_a_space_is_quoted_in_a_suggested_command():
    assert Connection(profile="on call").command("watch x") == (
        "pipeline-run watch x --profile 'on call'"
    )


@pytest.mark.parametrize("words", [["start"], ["start", ""], ["doctor", ""]])
def test_a_missing_pipeline_is_reported(type_, words):
    result = type_(*words, obj=Environment(session=nobody))

    assert result.exit_code == 2
    assert "No pipeline given" in result.stderr


@pytest.mark.parametrize(
    "words, expected",
    [
        (["lst"], "Unknown command 'lst'. Did you mean list?"),
        (["frobnicate"], "Commands: validate, start"),
        (["role"], "No pipelines given"),
        (["role", "my web"], "'my web' is not a valid pipeline name"),
        (["role", "web", "--orchestrator-role", "x"], "'x' is not a role ARN"),
        (["role", "--input", "none.json"], "--input: cannot read none.json: No such file"),
        (["list", "--limit", "1000"], "1000 is not in the range"),
        (["list", "--status", "faild"], "(did you mean FAILED?)"),
        (["role", "web", "--with", "retries"], "(did you mean retry?)"),
        (["stop"], "Missing argument 'RUN'"),
        (["list", "--state-machine", "web"], "'web' is not a state machine ARN"),
    ],
)
def test_a_wrong_command_line_is_reported(type_, words, expected):
    result = type_(*words, obj=Environment(session=nobody))

    assert result.exit_code == 2
    assert expected in " ".join(result.stderr.split())


@pytest.mark.parametrize("word", ["--help", "-h"])
@pytest.mark.parametrize(
    "name", ["validate", "start", "watch", "stop", "list", "show", "timeline", "doctor", "role"]
)
def test_every_command_has_help_with_an_example(type_, name, word):
    result = type_(name, word)

    assert result.exit_code == 0
    assert f"  pipeline-run {name}" in result.stdout


class Refusing(boto3.Session):
    """A session whose clients always raise this error."""

    def __init__(self, error):
        super().__init__(region_name="eu-west-1")
        self._error = error

    def client(self, *_words, **_more):
        raise self._error


def refused(code, status=400):
    answer: Any = {"Error": {"Code": code, "Message": "no."}}
    answer["ResponseMetadata"] = {"HTTPStatusCode": status}
    return ClientError(answer, "ListExports")


@pytest.mark.parametrize(
    "error, expected",
    [
        (refused("AccessDenied"), "Request this permission"),
        (refused("ExpiredToken"), "Log in again"),
        (refused("Throttling"), "Try again in a moment"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1/"), "Check --endpoint-url"),
    ],
)
def test_errors_from_aws_are_reported_with_a_next_step(type_, error, expected):
    result = type_("list", obj=Environment(session=lambda *_: Refusing(error)))

    assert result.exit_code == 3
    assert expected in result.stderr
    assert result.stdout == ""


def no_session(profile, region):
    return boto3.Session(profile_name=profile, region_name=region)


@pytest.mark.parametrize(
    "words, expected",
    [
        (["--profile", "nobody"], "aws configure list-profiles"),
        ([], "Use --region"),
        (["--region", "eu-west-1", "--endpoint-url", "nowhere"], "Check --endpoint-url"),
        (["--region", "eu west 1"], "Check --endpoint-url, --region"),
    ],
)
def test_a_wrong_configuration_is_reported_with_a_next_step(type_, words, expected, tmp_path):
    nothing = {"AWS_CONFIG_FILE": str(tmp_path / "none"), "AWS_REGION": None}
    nothing |= {"AWS_DEFAULT_REGION": None, "AWS_PROFILE": None, "AWS_ENDPOINT_URL": None}

    result = type_("list", *words, obj=Environment(session=no_session), **nothing)

    assert result.exit_code == 3
    assert expected in result.stderr


def test_a_bug_is_reported_in_a_sentence_without_a_traceback(type_):
    broken = Environment(session=lambda *_: Refusing(KeyError("states")))

    result = type_("list", obj=broken)

    assert result.exit_code == 3
    assert "This is a bug in pipeline-run: KeyError: 'states'" in result.stderr
    with pytest.raises(AssertionError, match="KeyError"):
        type_("list", obj=broken, PIPELINE_RUN_DEBUG="1")


def test_list_and_show_report_that_there_are_no_runs(typed, company):
    assert "No runs found" in typed("list").stdout
    shown = typed("show")
    assert shown.exit_code == 3
    assert "pipeline-run start PIPELINE" in shown.stderr


def test_without_a_deployment_the_message_says_how_to_create_one(typed, cloud):
    result = typed("list")

    assert result.exit_code == 3
    assert "No deployment found in account 111122223333, eu-west-1" in result.stderr
    assert "make deploy" in result.stderr


def test_with_two_deployments_one_must_be_chosen(typed, company, cloud):
    deploy(
        cloud,
        ROOT / "template.yaml",
        account_id=TOOLS,
        region=REGION,
        stack_name="second",
        parameters={"ExportPrefix": "second-"},
    )

    unclear = typed("list")
    named = typed("list", PIPELINE_RUN_STACK="second")

    assert unclear.exit_code == 3
    assert (
        "2 deployments in account 111122223333, eu-west-1: orchestrator, second" in unclear.stderr
    )
    assert "--stack orchestrator" in unclear.stderr
    assert named.exit_code == 0


@pytest.mark.parametrize(
    "words", [("approve",), ("reject", "--comment", "no"), ("rerun",), ("stop", "--reason", "no")]
)
def test_a_command_that_changes_something_needs_a_run(type_, words):
    result = type_(*words)

    assert result.exit_code == 2
    assert "Missing argument 'RUN'." in result.stderr


def test_settings_of_other_programs_have_no_effect():
    others = {"LOG_LEVEL": "trace", "POWERTOOLS_LOG_LEVEL": "trace", "POWERTOOLS_DEV": "perhaps"}
    result = subprocess.run(
        [sys.executable, "-m", "pipeline_run", "list", "--help"],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(ROOT), f"{ROOT}/functions")),
            **others,
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, result.stderr) == (0, "")
