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
    result_of,
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


def answer_of(status, machine=MACHINE, digest=DIGEST, **run):
    stepfunctions: Any = Runs(status, digest, run)
    return answer_from_status(TOKEN, state_machine_arn=machine, stepfunctions=stepfunctions)


def failure(status, **run):
    made = answer_of(status, **run)
    assert isinstance(made, Failure)
    return made


def described(**run):
    return read_answer(RunDescription, {"executionArn": RUN, **run})


def test_the_arn_of_a_run_consists_of_its_machine_and_its_first_job():
    assert run_arn(MACHINE, FIRST) == RUN


def test_a_missing_run_is_an_error_that_says_what_may_have_happened():
    with pytest.raises(RunNotFound) as caught:
        answer_of(None)
    assert str(caught.value) == (
        f"This action's run {RUN} does not exist. The orchestrator may have been removed "
        "and deployed again while the action waited. Retry the stage to start a new run."
    )


@pytest.mark.interleaving(15)
@pytest.mark.parametrize("status", ["RUNNING", "PENDING_REDRIVE", "Paused"])
def test_a_run_in_progress_is_continued_with_the_next_number(status):
    assert answer_of(status) == StillRunning(
        Token(FIRST, "secret", 6).text, f"Following deploy. Run: {LINK}", FIRST
    )


def test_a_run_without_a_public_console_is_shown_by_its_arn():
    made = answer_of("RUNNING", MACHINE.replace("aws:states", "aws-iso:states"))
    assert isinstance(made, StillRunning)
    assert made.summary.endswith(f" Run: {RUN.replace('aws:states', 'aws-iso:states')}")


@pytest.mark.interleaving(48, 49)
@pytest.mark.parametrize("status", ["RUNNING", "SUCCEEDED", "ABORTED"])
@pytest.mark.parametrize("digest", [None, "secret", digest_of("other")])
def test_a_token_that_does_not_match_the_run_reveals_nothing(status, digest):
    with pytest.raises(InvalidContinuationToken, match="belongs to another action"):
        answer_of(status, digest=digest)


@pytest.mark.parametrize("missing", ["status", "input"])
def test_an_incomplete_description_of_a_run_is_read_again_later(missing):
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
def test_the_digest_is_in_the_input_of_a_run_that_an_action_started(document, digest):
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
def test_a_run_has_ended_only_when_its_status_is_terminal(status, ended):
    assert goes_on(described(status=status)) is not ended


def test_a_success_is_reported_from_the_output():
    made = answer_of("SUCCEEDED", output=json.dumps({"message": "It succeeded."}))
    assert made == Success("It succeeded.", FIRST)


RESULT = {"outcome": "Failed", "error": "PipelineFailed", "message": "It failed."}


def test_a_failure_is_reported_from_its_cause():
    made = failure("FAILED", error="PipelineFailed", cause=json.dumps(RESULT))
    assert made == Failure("JobFailed", "It failed.", FIRST)


@pytest.mark.parametrize("known", [True, False])
def test_a_run_that_could_not_report_is_described_from_its_last_state(known):
    cause = {
        "report": {"outcome": "Failed", "status": "Failed"},
        "target": to_document(TARGET) if known else None,
        "execution": to_document(STATE.execution) if known else None,
    }
    made = failure("FAILED", error="ResultNotReported", cause=json.dumps(cause))
    assert made.type == "JobFailed"
    assert made.external_execution_id == (ID if known else FIRST)
    assert (f"Pipeline {SAID}, execution {ID}, failed." in made.message) is known


SHOW = "To see the run:\npipeline-run show " + FIRST
ANEW = "The target was left unchanged. Retry the stage to start a new run."
UNKNOWN = (
    "Its target continues unless onAbort is 'stop' or 'abandon'. Retry the stage to start a new "
    "run."
)


@pytest.mark.parametrize(
    "status, more, words",
    [
        ("FAILED", {}, f"ended with status FAILED. {ANEW}"),
        ("FAILED", {"error": "E"}, f"ended with status FAILED (E). {ANEW}"),
        (
            "FAILED",
            {"error": "E", "cause": "not JSON"},
            f"ended with status FAILED (E: not JSON). {ANEW}",
        ),
        ("FAILED", {"cause": "[1]"}, f"ended with status FAILED ([1]). {ANEW}"),
        (
            "FAILED",
            {"cause": '{"report": 1}'},
            f'ended with status FAILED ({{"report": 1}}). {ANEW}',
        ),
        (
            "FAILED",
            {"error": "ResultNotReported", "cause": "{}"},
            f"ended with status FAILED (ResultNotReported: {{}}). {ANEW}",
        ),
        (
            "TIMED_OUT",
            {"error": "States.Timeout"},
            f"ended with status TIMED_OUT (States.Timeout). {ANEW}",
        ),
        ("ABORTED", {}, f"was stopped in Step Functions. {UNKNOWN}"),
        (
            "ABORTED",
            {"error": "Maintenance", "cause": "by hand"},
            f"was stopped in Step Functions (Maintenance: by hand). {UNKNOWN}",
        ),
        # Anyone who stops a run can write any cause.
        (
            "ABORTED",
            {"cause": json.dumps(RESULT)},
            f"was stopped in Step Functions ({json.dumps(RESULT)}). {UNKNOWN}",
        ),
    ],
)
def test_a_run_that_ended_without_a_result_is_reported_with_the_known_details(status, more, words):
    assert failure(status, **more) == Failure(
        "SystemUnavailable", f"This action's run {words}\n{SHOW}\n{LINK}", FIRST
    )


def test_text_from_outside_never_starts_a_line():
    made = failure("ABORTED", cause="by hand\nTo see the run:\nrm -r *")
    assert "(by hand To see the run: rm -r *)" in made.message


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_the_answer_says_what_happened_to_the_target(status):
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
def test_a_run_that_failed_with_a_result_has_already_reported(status, cause, reported):
    assert has_reported(described(status=status, cause=json.dumps(cause))) is reported


def test_a_run_with_malformed_input_is_reported_without_a_pipeline_name():
    document = {"job": {"id": FIRST, "secret": DIGEST}, "input": "text"}
    made = answer_of("RUNNING", input=json.dumps(document))
    assert isinstance(made, StillRunning)
    assert made.summary.startswith("Following the target. Run: ")


@pytest.mark.parametrize("output", [None, "{}", "no JSON"])
def test_a_success_without_a_message_still_says_that_the_run_succeeded(output):
    made = answer_of("SUCCEEDED", output=output)
    assert isinstance(made, Success)
    assert "succeeded" in made.summary


@pytest.mark.parametrize(
    "status, error",
    [("ABORTED", "RunAborted"), ("FAILED", "FunctionFailed"), ("TIMED_OUT", "FunctionFailed")],
)
def test_the_result_names_who_stopped_the_run(status, error):
    assert result_of(described(status=status))["error"] == error
