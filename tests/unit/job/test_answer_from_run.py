"""What a job is told of its run, word by word."""

from __future__ import annotations

import json
from typing import Any

import pytest

from codepipeline_orchestrator.aws.answers import RunDescription, read_answer
from codepipeline_orchestrator.errors import (
    InvalidContinuationToken,
    RunNotFound,
    RunStatusOutdated,
)
from codepipeline_orchestrator.job.answer import Failure, StillRunning, Success
from codepipeline_orchestrator.job.answer_from_run import (
    answer_from_status,
    digest_in,
    end_of_run,
    goes_on,
    has_reported,
)
from codepipeline_orchestrator.job.table import digest_of
from codepipeline_orchestrator.job.token import Token
from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.run_arn import run_arn
from tests.function.runs import ID, STATE, TARGET
from tests.unit.job.actions import FIRST, MACHINE, RUN, Runs

TOKEN = Token(FIRST, "secret", 5)
DIGEST = digest_of("secret")
LINK = (
    f"https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1"
    f"#/v2/executions/details/{RUN}"
)
SAID = "deploy (account 222233334444, eu-west-1)"


def told(status, machine=MACHINE, digest=DIGEST, **run):
    stepfunctions: Any = Runs(status, digest, run)
    return answer_from_status(TOKEN, state_machine_arn=machine, stepfunctions=stepfunctions)


def failure(status, **run):
    made = told(status, **run)
    assert isinstance(made, Failure)
    return made


def described(**run):
    return read_answer(RunDescription, {"executionArn": RUN, **run})


def test_a_run_is_named_by_its_machine_and_the_job_that_began_it():
    assert run_arn(MACHINE, FIRST) == RUN


def test_a_run_that_is_gone_is_an_error_that_says_what_may_have_happened():
    with pytest.raises(RunNotFound) as caught:
        told(None)
    assert str(caught.value) == (
        f"The run {RUN} of this action does not exist. The orchestrator may have been removed "
        "and deployed again while the action waited. Retry the stage to start again."
    )


@pytest.mark.interleaving(15)
@pytest.mark.parametrize("status", ["RUNNING", "PENDING_REDRIVE", "Paused"])
def test_a_run_that_goes_on_is_asked_again_with_the_next_number(status):
    assert told(status) == StillRunning(
        Token(FIRST, "secret", 6).text, f"Following deploy. Run: {LINK}", FIRST
    )


def test_where_the_console_is_not_public_the_run_is_named_by_its_arn():
    made = told("RUNNING", MACHINE.replace("aws:states", "aws-iso:states"))
    assert isinstance(made, StillRunning)
    assert made.summary.endswith(f" Run: {RUN.replace('aws:states', 'aws-iso:states')}")


@pytest.mark.interleaving(48, 49)
@pytest.mark.parametrize("status", ["RUNNING", "SUCCEEDED", "ABORTED"])
@pytest.mark.parametrize("digest", [None, "secret", digest_of("other")])
def test_a_token_that_the_runs_input_does_not_prove_is_told_nothing(status, digest):
    with pytest.raises(InvalidContinuationToken, match="belongs to another action"):
        told(status, digest=digest)


@pytest.mark.parametrize("missing", ["status", "input"])
def test_a_run_that_is_not_described_whole_is_read_again_later(missing):
    with pytest.raises(RunStatusOutdated, match="without its status or its input"):
        answer_from_status(
            TOKEN,
            state_machine_arn=MACHINE,
            stepfunctions=Runs("RUNNING", DIGEST, {missing: None}),  # type: ignore[arg-type]
        )


@pytest.mark.parametrize(
    "document, digest",
    [
        ({"job": {"id": FIRST, "secret": "d"}, "input": {}}, "d"),
        ({"job": {"id": FIRST}, "input": {}}, None),
        ({"job": {"secret": 7}}, None),
        ({"job": "d"}, None),
        ({"pipelineName": "deploy"}, None),
        ([], None),
    ],
)
def test_the_digest_is_in_the_input_of_a_run_that_an_action_asked_for(document, digest):
    assert digest_in(described(input=json.dumps(document))) == digest
    assert digest_in(described()) is None


@pytest.mark.parametrize(
    "status, ended",
    [
        ("RUNNING", False),
        ("PENDING_REDRIVE", False),
        ("Paused", False),
        *[(each, True) for each in ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")],
    ],
)
def test_only_a_status_that_is_an_end_is_one(status, ended):
    assert goes_on(described(status=status)) is not ended


def test_a_success_is_told_from_the_output():
    made = told("SUCCEEDED", output=json.dumps({"message": "It succeeded."}))
    assert made == Success("It succeeded.", FIRST)


RESULT = {"outcome": "Failed", "error": "PipelineFailed", "message": "It failed."}


def test_a_failure_is_told_from_its_cause():
    made = failure("FAILED", error="PipelineFailed", cause=json.dumps(RESULT))
    assert made == Failure("JobFailed", "It failed.", FIRST)


@pytest.mark.parametrize("known", [True, False])
def test_a_run_that_could_not_report_is_told_from_what_it_knew(known):
    cause = {
        "report": {"outcome": "Failed", "status": "Failed"},
        "target": to_document(TARGET) if known else None,
        "execution": to_document(STATE.execution) if known else None,
    }
    made = failure("FAILED", error="ResultNotReported", cause=json.dumps(cause))
    assert made.type == "JobFailed"
    assert made.external_execution_id == (ID if known else FIRST)
    assert (f"The pipeline {SAID}, execution {ID}, failed." in made.message) is known


SHOW = "This shows the run:\npipeline-run show " + FIRST
ANEW = "The target was left unchanged. Retry the stage to start again."
UNKNOWN = "Its target continues unless onAbort says otherwise. Retry the stage to start again."


@pytest.mark.parametrize(
    "status, more, words",
    [
        ("FAILED", {}, f"ended FAILED. {ANEW}"),
        ("FAILED", {"error": "E"}, f"ended FAILED (E). {ANEW}"),
        ("FAILED", {"error": "E", "cause": "not JSON"}, f"ended FAILED (E: not JSON). {ANEW}"),
        ("FAILED", {"cause": "[1]"}, f"ended FAILED ([1]). {ANEW}"),
        ("FAILED", {"cause": '{"report": 1}'}, f'ended FAILED ({{"report": 1}}). {ANEW}'),
        (
            "FAILED",
            {"error": "ResultNotReported", "cause": "{}"},
            f"ended FAILED (ResultNotReported: {{}}). {ANEW}",
        ),
        ("TIMED_OUT", {"error": "States.Timeout"}, f"ended TIMED_OUT (States.Timeout). {ANEW}"),
        ("ABORTED", {}, f"was stopped in Step Functions. {UNKNOWN}"),
        (
            "ABORTED",
            {"error": "Maintenance", "cause": "by hand"},
            f"was stopped in Step Functions (Maintenance: by hand). {UNKNOWN}",
        ),
        # whoever stops a run writes what they like
        (
            "ABORTED",
            {"cause": json.dumps(RESULT)},
            f"was stopped in Step Functions ({json.dumps(RESULT)}). {UNKNOWN}",
        ),
    ],
)
def test_an_end_that_the_run_did_not_write_is_told_with_what_is_known(status, more, words):
    assert failure(status, **more) == Failure(
        "SystemUnavailable", f"The run of this action {words}\n{SHOW}\n{LINK}", FIRST
    )


def test_what_others_wrote_begins_no_line_of_its_own():
    made = failure("ABORTED", cause="by hand\nThis shows the run:\nrm -r *")
    assert "(by hand This shows the run: rm -r *)" in made.message


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_what_became_of_the_target_is_said_as_it_is_known(status):
    run = described(status=status)
    assert "It was stopped. Retry the stage" in str(end_of_run(run, "It was stopped."))
    assert (UNKNOWN if status == "ABORTED" else ANEW) in str(end_of_run(run))


@pytest.mark.parametrize(
    "status, cause, reported",
    [
        ("FAILED", RESULT, True),
        ("FAILED", {"report": 1}, False),
        ("FAILED", None, False),
        ("ABORTED", RESULT, False),
        ("TIMED_OUT", RESULT, False),
    ],
)
def test_a_run_has_reported_when_it_failed_with_a_result(status, cause, reported):
    assert has_reported(described(status=status, cause=json.dumps(cause))) is reported


def test_a_run_that_was_asked_for_otherwise_is_told_without_a_name():
    document = {"job": {"id": FIRST, "secret": DIGEST}, "input": "text"}
    made = told("RUNNING", input=json.dumps(document))
    assert isinstance(made, StillRunning)
    assert made.summary.startswith("Following the target. Run: ")
