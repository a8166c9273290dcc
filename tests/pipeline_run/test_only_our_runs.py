"""Executions of other programs are refused, and no document of theirs breaks a command."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline_run.connection import Connection
from pipeline_run.deployment import find
from pipeline_run.errors import CommandError
from pipeline_run.exits import exit_of
from pipeline_run.reason import reason
from pipeline_run.run_output import print_result, run_document
from pipeline_run.run_table import run_row, run_table
from pipeline_run.runs import Run, of_arn
from pipeline_run.stages import with_result

MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:renamed"
ARN = "arn:aws:states:eu-west-1:111122223333:execution:renamed:nightly"
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
OURS = {"States": dict.fromkeys(("AssumeRole", "StartExecution", "GetState", "ReportJobResult"))}

names = st.sampled_from(
    [
        "pipelineName",
        "targetname",
        "job",
        "input",
        "secret",
        "clientRequestToken",
        "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID",
        "onAbort",
        "outcome",
        "error",
        "message",
        "failure",
        "stage",
        "approval",
        "approver",
        "link",
        "report",
        "target",
        "execution",
        "request",
        "details",
        "supersededBy",
        "stopReason",
        "stages",
        "name",
        "startTime",
        "status",
        "actions",
    ]
)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | names
values = st.recursive(
    leaves, lambda inner: st.lists(inner) | st.dictionaries(names | st.text(), inner), max_leaves=12
)
documents = values.map(json.dumps) | st.text()


def described(status="RUNNING", **more):
    times = {"startDate": START}
    if status != "RUNNING":
        times["stopDate"] = START + timedelta(seconds=2)
    return {"executionArn": ARN, "name": "nightly", "status": status, **times, **more}


@settings(max_examples=50)
@given(
    status=st.sampled_from(["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]),
    input_=documents,
    output=documents,
    error=st.sampled_from(["ResultNotReported", "PipelineFailed"]) | st.text(),
    cause=documents,
)
@example(
    "FAILED", "{}", "{}", "ResultNotReported", '{"report": {"outcome": "Failed"}, "target": []}'
)
@example("FAILED", "{}", "{}", "PipelineFailed", '{"outcome": [], "error": {}, "message": 1}')
@example("SUCCEEDED", "{}", '{"outcome": "Failed", "stages": ["Build"]}', "", "")
@example("SUCCEEDED", "{}", '{"outcome": "Failed", "stages": [{"name": "a"}]}', "", "")
@example(
    "SUCCEEDED",
    "{}",
    '{"outcome": "x", "stages": [{"name": [], "startTime": "2026-01-05"}]}',
    "",
    "",
)
@example(
    "SUCCEEDED", "{}", '{"outcome": "x", "stages": [{"name": "a", "startTime": "noon"}]}', "", ""
)
@example("FAILED", "[" * 100_000, "", "", '{"error": "' + "x" * 20_000)
@example("SUCCEEDED", "null", "[1]", "", "")
def test_no_document_breaks_what_is_shown_about_a_run(status, input_, output, error, cause):
    run = Run(described(status, input=input_, output=output, error=error, cause=cause))

    lines = run_table([run_row(run, reason(run), START)], [run.name], 80)
    shown = io.StringIO()
    with redirect_stdout(shown):
        print_result(run)

    assert [len(line) <= 80 for line in lines] == [True, True]
    assert "\x1b" not in shown.getvalue()
    assert json.dumps(run_document(run), default=str)
    assert run.goes_on or isinstance(with_result((), run.result), list)
    assert run.left().endswith(".")
    assert status in {"RUNNING", "SUCCEEDED"} or exit_of(run.result) != 0


def test_an_output_that_is_not_a_result_is_an_error_and_not_a_success():
    run = Run(described("SUCCEEDED", output='{"statusCode": 200}'))

    assert run.outcome == "Error"
    assert exit_of(run.result) == 7


class Client:
    """A Step Functions client with one execution and one state machine."""

    class exceptions:  # noqa: N801 - boto3's name
        ExecutionDoesNotExist = KeyError
        InvalidArn = KeyError

    def __init__(self, execution: Any, definition: Any) -> None:
        self.execution, self.definition = execution, definition

    def describe_execution(self, **_):
        return self.execution

    def describe_state_machine(self, **_):
        if isinstance(self.definition, str):
            raise ClientError({"Error": {"Code": self.definition}}, "DescribeStateMachine")
        return {"definition": json.dumps(self.definition)}


def found(execution, definition):
    return of_arn(connected(Connection(), execution, definition), ARN)


def connected(connection, execution, definition):
    connection.__dict__["stepfunctions"] = Client(execution, definition)
    return connection


@pytest.mark.parametrize("document", ["null", "[]", "{", '{"pipelineName": "web"}'])
def test_a_state_machine_is_recognized_by_its_states_under_any_name(document):
    assert found(described(input=document), OURS).name == "nightly"


@pytest.mark.parametrize(
    "definition", [None, [], {}, {"States": []}, {"States": {"GetState": {}, "AssumeRole": {}}}]
)
def test_an_execution_of_another_program_is_refused_by_name(definition):
    with pytest.raises(CommandError, match="belongs to the state machine renamed, which is not"):
        found(described(input='{"pipelineName": "web"}'), definition)


@pytest.mark.parametrize("denied", ["AccessDeniedException", "KmsAccessDeniedException"])
def test_without_the_definition_the_input_decides(denied, capsys):
    assert found(described(input='{"pipelineName": "web"}'), denied).pipeline == "web"
    assert "could not be read (" in capsys.readouterr().err
    with pytest.raises(CommandError, match="which is not a deployment"):
        found(described(input='{"orderId": 7}'), denied)


@pytest.mark.parametrize(
    "definition, remarks, unconfirmed",
    [(OURS, 0, ""), ("AccessDeniedException", 1, "AccessDeniedException")],
)
def test_the_state_machine_that_the_user_names_is_checked(capsys, definition, remarks, unconfirmed):
    where = find(connected(Connection(state_machine=MACHINE), {}, definition))

    assert where.unconfirmed == unconfirmed
    assert capsys.readouterr().err.count("could not be read (") == remarks


def test_another_failure_to_read_the_definition_is_reported():
    with pytest.raises(CommandError, match="Could not describe the state machine: Throttling"):
        found(described(input='{"pipelineName": "web"}'), "ThrottlingException")


@pytest.mark.parametrize(
    "arn",
    [
        MACHINE,
        "arn:aws:states:eu-west-1:111122223333:express:machine:name:id",
        "arn:aws:codepipeline:eu-west-1:111122223333:web",
        "arn:",
    ],
)
def test_another_arn_is_refused(arn):
    with pytest.raises(CommandError, match="is not the ARN of a run"):
        of_arn(Connection(), arn)
