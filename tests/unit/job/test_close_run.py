from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from codepipeline_orchestrator.aws.answers import StatusChange, read_answer
from codepipeline_orchestrator.errors import (
    InvalidInput,
    JobsUnavailable,
    JobUnanswered,
    RunStatusOutdated,
)
from codepipeline_orchestrator.job.close_run import close_run
from codepipeline_sandbox.faults import CallFault
from tests.unit.job.actions import (
    CONTEXT,
    FIRST,
    RUN,
    SECOND,
    SUCCEEDED,
    Answers,
    Functions,
    NotOpen,
    Runs,
    refused,
)

STOPS = {"request": {"onAbort": "stop"}, "execution": {"pipelineExecutionId": "e"}, "memory": None}
LEAVES = {**STOPS, "request": {"onAbort": "leave"}}
RESULT = {"outcome": "Failed", "error": "PipelineFailed", "message": "It failed."}
STOPPED_AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
NOTHING: dict[str, Any] = {"type": "WaitStateEntered"}


@pytest.fixture
def item(jobs):
    return jobs.open(FIRST, CONTEXT)


@pytest.fixture
def close(jobs):
    def do(stepfunctions, *refusals, functions=None, **change):
        codepipeline: Any = Answers(list(refusals))
        aws_lambda: Any = functions or Functions()
        event = {"executionArn": RUN, "status": "ABORTED", "redriveCount": 0, **change}
        close_run(
            read_answer(StatusChange, event),
            stop_function="stop",
            jobs=jobs,
            stepfunctions=stepfunctions,
            codepipeline=codepipeline,
            connect_lambda=lambda: aws_lambda,
        )
        return codepipeline.put, aws_lambda.invoked

    return do


@pytest.fixture
def closed(close, item):
    """Closes a run that ended with this status and history (newest event first)."""

    def do(status, *events, functions=None, refusals=(), **run):
        stepfunctions: Any = Runs(status, item.digest, run, events)
        return close(stepfunctions, *refusals, functions=functions)

    return do


def sent(payload):
    details = {"parameters": json.dumps({"Payload": payload})}
    return {"type": "TaskScheduled", "taskScheduledEventDetails": details}


def answered(payload):
    details = {"output": json.dumps({"Payload": payload})}
    return {"type": "TaskSucceeded", "taskSucceededEventDetails": details}


def message(reply):
    return reply["failureDetails"]["message"]


# --- the job ---


@pytest.mark.interleaving(19, 20)
@pytest.mark.parametrize("newest", [FIRST, SECOND])
@pytest.mark.parametrize("status", ["FAILED", "ABORTED", "TIMED_OUT"])
def test_the_newest_job_is_answered(closed, jobs, item, status, newest):
    jobs.file(FIRST, newest, 2, item.secret, CONTEXT)
    [(job, reply)], _ = closed(status)
    assert job == newest
    assert "The target was left unchanged." in message(reply)


def test_a_run_keeps_the_answer_that_it_already_has(closed, jobs, item):
    jobs.end(FIRST, item.digest, SUCCEEDED)
    [(_, reply)], _ = closed("ABORTED", refusals=[])
    assert reply["executionDetails"]["summary"] == "It succeeded."
    assert closed("ABORTED", refusals=[NotOpen()]) == ([], [])


def test_a_run_that_reported_its_own_end_is_left_alone(close, item, raw):
    before = raw(FIRST)
    stepfunctions: Any = Runs("FAILED", item.digest, {"cause": json.dumps(RESULT)}, [sent(STOPS)])
    assert close(stepfunctions) == ([], [])
    assert raw(FIRST) == before


@pytest.mark.interleaving(24)
def test_the_job_of_a_run_that_could_not_report_gets_the_outcome(closed):
    cause = json.dumps({"report": {"outcome": "Succeeded", "status": "Succeeded"}})
    [(_, reply)], _ = closed("FAILED", error="ResultNotReported", cause=cause)
    assert "outputVariables" in reply


@pytest.mark.parametrize("digest", [None, "0" * 64], ids=["no action", "another action"])
@pytest.mark.interleaving(49)
def test_a_run_without_an_item_answers_no_job(close, item, raw, digest):
    before = raw(FIRST)
    stepfunctions: Any = Runs("ABORTED", digest)
    assert close(stepfunctions) == ([], [])
    assert raw(FIRST) == before


@pytest.mark.interleaving(9)
def test_the_target_is_stopped_even_if_the_job_cannot_be_answered(closed):
    functions = Functions()
    with pytest.raises(JobUnanswered):
        closed(
            "ABORTED", sent(STOPS), refusals=[refused("ThrottlingException")], functions=functions
        )
    assert [each["FunctionName"] for each in functions.invoked] == ["stop"]


@pytest.mark.interleaving(41)
def test_without_the_table_lambda_retries_the_event(cloud, closed):
    cloud.faults.add(CallFault("throttled", "dynamodb:UpdateItem", callers="everybody"))
    with pytest.raises(JobsUnavailable):
        closed("ABORTED")


def test_an_event_without_a_run_closes_nothing(close):
    stepfunctions: Any = Runs("ABORTED")
    with pytest.raises(InvalidInput, match="names no run"):
        close(stepfunctions, executionArn=None)


# --- a run in progress ---


@pytest.mark.interleaving(44)
@pytest.mark.parametrize("status", ["RUNNING", "PENDING_REDRIVE"])
@pytest.mark.parametrize("has_answer", [True, False])
def test_a_redriven_run_continues_and_a_stored_answer_is_sent(
    closed, jobs, item, status, has_answer
):
    if has_answer:
        jobs.end(FIRST, item.digest, SUCCEEDED)
    put, invoked = closed(status, sent(STOPS), redriveCount=1)
    assert [job for job, _ in put] == [FIRST] * has_answer
    assert invoked == []


def test_log_lines_name_the_closed_run(closed, logged_run):
    closed("ABORTED")
    assert logged_run() == FIRST


def test_an_end_reported_without_a_redrive_count_precedes_the_first_redrive(close, item):
    stepfunctions: Any = Runs("RUNNING", item.digest, {"redriveCount": 1})
    assert close(stepfunctions, redriveCount=None) == ([], [])


@pytest.mark.interleaving(49)
@pytest.mark.parametrize("digest", [None, "0" * 64])
def test_the_answer_of_another_run_is_never_used(close, jobs, item, digest):
    jobs.end(FIRST, item.digest, SUCCEEDED)
    stepfunctions: Any = Runs("RUNNING", digest, {"redriveCount": 1})
    assert close(stepfunctions) == ([], [])


@pytest.mark.interleaving(6)
@pytest.mark.parametrize("reported, known", [(0, 0), (None, None), (0, None), (1, 1), (2, 1)])
def test_a_run_that_still_shows_as_running_is_read_again_later(close, item, reported, known):
    redrives = {} if known is None else {"redriveCount": known}
    stepfunctions: Any = Runs("RUNNING", item.digest, redrives)
    with pytest.raises(RunStatusOutdated, match="RUNNING"):
        close(stepfunctions, redriveCount=reported)
    stepfunctions.status = "ABORTED"
    assert [job for job, _ in close(stepfunctions, redriveCount=reported)[0]] == [FIRST]


# --- the target ---

DONE = "CodePipeline is stopping its target because onAbort is 'stop'."
LATER = (
    "Its target has not been stopped yet, although onAbort is 'stop'. The orchestrator keeps "
    "trying for three minutes."
)


@pytest.mark.interleaving(46)
@pytest.mark.parametrize("stop_date", [STOPPED_AT, None])
def test_the_target_of_an_aborted_run_is_stopped_if_on_abort_is_stop(closed, stop_date):
    [(_, reply)], [invoked] = closed(
        "ABORTED", NOTHING, sent({"x": 1}), sent(STOPS), sent(LEAVES), stopDate=stop_date
    )
    stopped_at = stop_date and STOPPED_AT.isoformat()
    asked: Any = {"why": "Stop", "report": {}, "stopDate": stopped_at, "mayHaveStarted": True}
    assert invoked == {"FunctionName": "stop", "Payload": {**STOPS, **asked}}
    assert DONE in message(reply)


@pytest.mark.parametrize(
    "functions, words",
    [
        (Functions({"stopped": True}), DONE),
        (
            Functions({"notStopped": "no right"}),
            "Its target was not stopped, although onAbort is 'stop': no right",
        ),
    ],
)
def test_the_result_of_the_stop_is_reported(closed, functions, words):
    functions.invoked.clear()
    [(_, reply)], _ = closed("ABORTED", sent(STOPS), functions=functions)
    assert words in message(reply)
    assert len(functions.invoked) == 1


@pytest.mark.parametrize(
    "functions",
    [
        Functions({"errorType": "TargetNotFoundYet", "errorMessage": "not yet"}, failed=True),
        Functions(refused("TooManyRequestsException", 429)),
        Functions(EndpointConnectionError(endpoint_url="https://lambda")),
    ],
    ids=["not found yet", "throttled", "unreachable"],
)
def test_a_failed_stop_is_retried_by_lambda_and_not_reported_as_done(closed, functions):
    functions.invoked.clear()
    [(_, reply)], _ = closed("ABORTED", sent(STOPS), functions=functions)
    first, second = functions.invoked
    assert second == {**first, "InvocationType": "Event"}
    assert LATER in message(reply)


EXECUTION = {"pipelineExecutionId": "new"}
UNSTARTED = {**STOPS, "execution": None}
CONFIRMING = {**UNSTARTED, "state": "ConfirmAction"}
TRIED = {"memory": {"startTriedAt": "x"}}


@pytest.mark.interleaving(45)
@pytest.mark.parametrize(
    "events, stops",
    [
        # Newest first. The output of a completed task comes before its input.
        ([sent(UNSTARTED)], True),
        ([answered({"changes": {"execution": None}}), sent(UNSTARTED)], False),
        ([answered({"changes": {"execution": EXECUTION}}), sent(UNSTARTED)], True),
        ([answered({"changes": TRIED}), sent(UNSTARTED)], True),
        ([answered({}), sent({**UNSTARTED, **TRIED})], True),
        ([answered({"changes": {"job": None}}), sent(CONFIRMING), sent(UNSTARTED)], False),
        ([sent(CONFIRMING)], False),
        ([sent({**CONFIRMING, **TRIED}), answered({"changes": {}}), sent(UNSTARTED)], True),
    ],
    ids=[
        *("no answer", "nothing started", "started", "unsure", "unsure before"),
        *("confirmed", "confirming", "confirming again"),
    ],
)
def test_only_a_target_that_the_run_may_have_started_is_stopped(closed, events, stops):
    [(_, reply)], invoked = closed("ABORTED", *events)
    assert bool(invoked) is stops
    assert (DONE in message(reply)) is stops
    assert ("Nothing had been started." in message(reply)) is not stops


def test_the_execution_that_the_last_task_found_is_stopped(closed):
    _, [invoked] = closed(
        "ABORTED", answered({"changes": {"execution": EXECUTION}}), sent(UNSTARTED)
    )
    assert invoked["Payload"]["execution"] == EXECUTION


@pytest.mark.parametrize(
    "status, events",
    [
        ("ABORTED", [sent(LEAVES), sent(STOPS)]),
        ("ABORTED", [sent({"request": {}})]),
        ("ABORTED", [sent("text"), NOTHING]),
        ("ABORTED", []),
        ("FAILED", [sent(STOPS)]),
        ("TIMED_OUT", [sent(STOPS)]),
    ],
)
def test_any_other_target_keeps_running(closed, status, events):
    [(_, reply)], invoked = closed(status, *events)
    assert invoked == []
    assert "The target was left unchanged." in message(reply)


def test_only_the_needed_part_of_the_history_is_read(close, item):
    stepfunctions: Any = Runs("ABORTED", item.digest, {}, [NOTHING, sent(STOPS), NOTHING])
    close(stepfunctions)
    assert stepfunctions.read == 2


# --- metrics ---


@pytest.mark.parametrize(
    "status, more, counted",
    [
        ("ABORTED", {}, [("RunsEnded", "Aborted", "RunAborted")]),
        (
            "FAILED",
            {"error": "ResultNotReported"},
            [
                ("RunsEnded", "Error", "ResultNotReported"),
                ("RunErrors", None, "ResultNotReported"),
            ],
        ),
        (
            "TIMED_OUT",
            {},
            [("RunsEnded", "Error", "FunctionFailed"), ("RunErrors", None, "FunctionFailed")],
        ),
        # This run counted its own end.
        ("FAILED", {"cause": json.dumps(RESULT)}, []),
        ("SUCCEEDED", {}, []),
    ],
)
def test_the_end_of_a_run_that_could_not_report_is_counted(closed, capsys, status, more, counted):
    closed(status, **more)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    written = [line for line in lines if "_aws" in line]
    assert [(name(each), each.get("Outcome"), each["error"]) for each in written] == counted


def name(line):
    return line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"]
