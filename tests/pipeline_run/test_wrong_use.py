"""Wrong command lines and wrong surroundings: a sentence, a next step, and nothing has happened."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from pipeline_run.environment import Environment
from sandbox.accounts import REGION, ROOT, TOOLS
from sandbox.deployment import deploy

ROLE = "arn:aws:iam::222233334444:role/target"

# What is typed after `start` and after `doctor`, and what both answer.
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
    "an id that is none": (["web", "--pipeline-execution-id", "3f0c"], "pipelineExecutionId: "),
    "what does not go together": (
        ["web", "--no-wait", "--on-timeout", "stop"],
        "onTimeout: not valid with wait false",
    ),
    "a variable without a value": (["web", "--variable", "IMAGE"], "'IMAGE' is not NAME=VALUE"),
    "a revision without a type": (
        ["web", "--source-revision", "Source=3f0c"],
        "is not ACTION=TYPE:VALUE, such as Source=COMMIT_ID:3f0c9a51",
    ),
    "an unknown type of revision": (
        ["web", "--source-revision", "Source=COMMIT:3f0c"],
        "revisionType: 'COMMIT' was given (did you mean COMMIT_ID?)",
    ),
    "an output without a namespace": (["web", "--output-variable", "TAG"], "outputVariables.0: "),
    "an input that is no JSON": (["--input", "{web}"], "--input: The input is not JSON"),
    "an input that is no object": (
        ["--input", '"web"'],
        "--input: The input is a string; it must be",
    ),
    "an input that was encoded twice": (
        ["--input", r'"{\"pipelineName\": \"web\"}"'],
        "--input: The input is a JSON string that itself holds JSON",
    ),
    "an input with a line break": (
        ["--input", '{"pipelineName": "we\nb"}'],
        r"""(\n) inside a string at line 1, column 21, in '{"pipelineName": "we\nb"}'""",
    ),
    "an input from nowhere": (["--input", "@none.json"], "--input: none.json cannot be read"),
    "an unknown field": (
        ["--input", '{"pipelineName": "web", "piplineName": "w"}'],
        "piplineName: unknown field (did you mean pipelineName?)",
    ),
    "an empty external id": (["web", "--external-id", "x"], "externalId: 'x' was given"),
    "a Region that is none": (["web", "--target-region", "Ireland"], "region: 'Ireland' was given"),
}


def nobody(_profile, _region):
    raise AssertionError("AWS was asked")


@pytest.mark.parametrize("name", ["start", "doctor"])
@pytest.mark.parametrize("words, told", WRONG_INPUTS.values(), ids=WRONG_INPUTS)
def test_a_wrong_input_is_told_before_aws_is_asked(type_, name, words, told):
    result = type_(name, *words, obj=Environment(session=nobody))

    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())
    assert result.stdout == ""


def test_start_without_anything_asks_for_the_pipeline(type_):
    result = type_("start", obj=Environment(session=nobody))

    assert result.exit_code == 2
    assert "Which pipeline?" in result.stderr


@pytest.mark.parametrize(
    "words, told",
    [
        (["lst"], "There is no command 'lst'. Did you mean list?"),
        (["frobnicate"], "Known are validate, start"),
        (["role"], "Which pipelines?"),
        (["role", "my web"], "'my web' is no name of a pipeline"),
        (["role", "web", "--orchestrator-role", "x"], "--orchestrator-role: 'x' is no ARN"),
        (["role", "--input", "none.json"], "--input: none.json"),
        (["list", "--limit", "1000"], "1000 is not in the range"),
        (["list", "--status", "faild"], "(did you mean FAILED?)"),
        (["role", "web", "--with", "retries"], "(did you mean retry?)"),
        (["stop"], "Missing argument 'RUN'"),
        (["list", "--state-machine", "web"], "'web' is no ARN of a state machine"),
    ],
)
def test_a_wrong_command_line_is_told(type_, words, told):
    result = type_(*words, obj=Environment(session=nobody))

    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())


@pytest.mark.parametrize("word", ["--help", "-h"])
@pytest.mark.parametrize(
    "name", ["validate", "start", "watch", "stop", "list", "show", "timeline", "doctor", "role"]
)
def test_every_command_has_help_with_an_example(type_, name, word):
    result = type_(name, word)

    assert result.exit_code == 0
    assert f"  pipeline-run {name}" in result.stdout


class Refusing(boto3.Session):
    """A session whose clients answer everything with this error."""

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
    "error, told",
    [
        (refused("AccessDenied"), "Ask for this permission"),
        (refused("ExpiredToken"), "Log in again"),
        (refused("Throttling"), "Try again in a moment"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1/"), "Check --endpoint-url"),
    ],
)
def test_what_aws_refuses_is_told_with_a_next_step(type_, error, told):
    result = type_("list", obj=Environment(session=lambda *_: Refusing(error)))

    assert result.exit_code == 3
    assert told in result.stderr
    assert result.stdout == ""


def no_session(profile, region):
    return boto3.Session(profile_name=profile, region_name=region)


@pytest.mark.parametrize(
    "words, told",
    [
        (["--profile", "nobody"], "aws configure list-profiles"),
        ([], "Give --region"),
        (["--region", "eu-west-1", "--endpoint-url", "nowhere"], "Check --endpoint-url"),
        (["--region", "eu west 1"], "Check --endpoint-url, --region"),
    ],
)
def test_a_wrong_place_is_told_with_a_next_step(type_, words, told, tmp_path):
    nothing = {"AWS_CONFIG_FILE": str(tmp_path / "none"), "AWS_REGION": None}
    nothing |= {"AWS_DEFAULT_REGION": None, "AWS_PROFILE": None, "AWS_ENDPOINT_URL": None}

    result = type_("list", *words, obj=Environment(session=no_session), **nothing)

    assert result.exit_code == 3
    assert told in result.stderr


def test_a_defect_is_a_sentence_unless_somebody_looks_for_it(type_):
    defect = Environment(session=lambda *_: Refusing(KeyError("states")))

    result = type_("list", obj=defect)

    assert result.exit_code == 3
    assert "This is a defect of pipeline-run: KeyError: 'states'" in result.stderr
    with pytest.raises(AssertionError, match="KeyError"):
        type_("list", obj=defect, PIPELINE_RUN_DEBUG="1")


def test_without_any_run_list_says_so(typed, company):
    assert "no such run" in typed("list").stdout
    shown = typed("show")
    assert shown.exit_code == 3
    assert "pipeline-run start PIPELINE" in shown.stderr


def test_without_a_deployment_it_says_how_to_make_one(typed, cloud):
    result = typed("list")

    assert result.exit_code == 3
    assert "There is no deployment in this account in eu-west-1" in result.stderr
    assert "make deploy" in result.stderr


def test_of_two_deployments_one_has_to_be_named(typed, company, cloud):
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
    assert "2 deployments in this account in eu-west-1: orchestrator, second" in unclear.stderr
    assert "--stack orchestrator" in unclear.stderr
    assert named.exit_code == 0
