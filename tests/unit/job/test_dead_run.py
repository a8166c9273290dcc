"""What becomes of the job and the target of a run that did not come to its end by itself."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from codepipeline_orchestrator.aws.answers import StatusChange, read_answer
from codepipeline_orchestrator.errors import JobUnanswered, RunStatusOutdated
from codepipeline_orchestrator.job.dead_run import close_run

RUN = "arn:aws:states:eu-west-1:111122223333:execution:Runs:job-1"
STOPS = {"request": {"onAbort": "stop"}, "target": {"pipelineName": "deploy"}}
LEAVES = {"request": {"onAbort": "leave"}}
HELD = {"id": "held", "held": True}
RESULT = {"outcome": "Failed", "error": "PipelineFailed", "message": "It failed."}


class AWS:
    """Step Functions with a run and its history; CodePipeline and Lambda that keep what comes."""

    exceptions = SimpleNamespace(
        ExecutionDoesNotExist=KeyError,
        InvalidJobStateException=KeyError,
        JobNotFoundException=KeyError,
    )

    def __init__(self, status, events, **run):
        asked = json.dumps({"input": {"pipelineName": "deploy"}})
        self.run = {"executionArn": RUN, "name": "job-1", "status": status, "input": asked, **run}
        self.events = events
        self.answered: list[str] = []
        self.invoked: list[dict[str, Any]] = []
        self.read = 0

    def describe_execution(self, *, executionArn):  # noqa: N803 - AWS's name
        assert executionArn == RUN
        return self.run

    def get_paginator(self, operation):
        assert operation == "get_execution_history"
        return self

    def paginate(self, **asked):
        config = {"PageSize": 100}
        assert asked == {"executionArn": RUN, "reverseOrder": True, "PaginationConfig": config}
        for event in self.events:
            self.read += 1
            yield {"events": [event]}

    def put_job_failure_result(self, **answer):
        self.answered.append(answer["jobId"])

    def invoke(self, **asked):
        self.invoked.append({**asked, "Payload": json.loads(asked["Payload"])})


def closed(status, *events, **run):
    """Everything that was done, given the newest events first."""
    aws = AWS(status, events, **run)
    close(aws, {"executionArn": RUN, "status": "ABORTED", "redriveCount": 0})
    return aws


def close(aws: Any, change):
    close_run(
        read_answer(StatusChange, change),
        stop_function="stop",
        stepfunctions=aws,
        codepipeline=aws,
        connect_lambda=lambda: aws,
    )


def left(**assigned):
    written = {name: json.dumps(value) for name, value in assigned.items()}
    return {"type": "TaskStateExited", "stateExitedEventDetails": {"assignedVariables": written}}


def handed_over(document):
    details = {"output": json.dumps(document)}
    return {"type": "TaskSucceeded", "taskSucceededEventDetails": details}


def sent(payload):
    details = {"parameters": json.dumps({"Payload": payload})}
    return {"type": "TaskScheduled", "taskScheduledEventDetails": details}


def started(document):
    details = {} if document is None else {"input": json.dumps(document)}
    return {"type": "ExecutionStarted", "executionStartedEventDetails": details}


NOTHING: dict[str, Any] = {"type": "WaitStateEntered"}
MINE, OTHER = {"id": "mine"}, {"id": "other"}


@pytest.mark.parametrize("status", ["RUNNING", "PENDING_REDRIVE"])
def test_a_run_that_was_redriven_is_let_alone(status):
    aws = closed(status, left(heldJob=MINE), redriveCount=1)
    assert (aws.answered, aws.read) == ([], 0)


@pytest.mark.parametrize(
    "told, known", [(0, {"redriveCount": 0}), (None, {}), (0, {}), (1, {"redriveCount": 1})]
)
def test_a_status_that_is_older_than_the_end_is_read_again_later(told, known):
    # interleavings, row 6: given that the end is told before DescribeExecution knows of it
    aws = AWS("RUNNING", [left(heldJob=MINE)], **known)
    change = {"executionArn": RUN, "status": "ABORTED", "redriveCount": told}

    # then Lambda brings the event back, and the job is answered when the status is known
    with pytest.raises(RunStatusOutdated, match="RUNNING"):
        close(aws, change)
    assert aws.answered == []
    aws.run["status"] = "ABORTED"
    close(aws, change)
    assert aws.answered == ["mine"]


def test_a_job_that_cannot_be_answered_keeps_no_target_from_being_stopped():
    # given that CodePipeline takes no answers
    class Down(AWS):
        def put_job_failure_result(self, **answer):
            raise EndpointConnectionError(endpoint_url=answer["jobId"])

    aws = Down("ABORTED", [left(heldJob=MINE), sent(STOPS)])
    with pytest.raises(JobUnanswered):
        close(aws, {"executionArn": RUN, "status": "ABORTED"})

    # then the target is stopped all the same
    assert [each["FunctionName"] for each in aws.invoked] == ["stop"]


def test_a_run_that_has_reported_is_let_alone():
    aws = closed("FAILED", left(heldJob=MINE), cause=json.dumps(RESULT))
    assert (aws.answered, aws.read) == ([], 0)


@pytest.mark.parametrize(
    "status, more",
    [
        ("FAILED", {}),
        ("FAILED", {"cause": "[1]"}),
        ("FAILED", {"cause": '{"outcome": "Failed"}'}),
        ("TIMED_OUT", {"cause": json.dumps(RESULT)}),
        ("ABORTED", {"cause": json.dumps(RESULT)}),
    ],
)
def test_a_run_that_could_not_report_has_its_job_answered(status, more):
    assert closed(status, left(heldJob=MINE), **more).answered == ["mine"]


@pytest.mark.parametrize(
    "events, answered",
    [
        ([left(heldJob=MINE), left(heldJob=OTHER)], ["mine"]),
        ([NOTHING, left(other=1), left(heldJob=MINE)], ["mine"]),
        ([left(heldJob=None), left(heldJob=OTHER)], []),
        ([handed_over({"heldJob": MINE}), left(heldJob=OTHER)], ["mine"]),
        ([handed_over([1]), left(heldJob=MINE)], ["mine"]),
        ([{**handed_over(1), "taskSucceededEventDetails": {}}, left(heldJob=MINE)], ["mine"]),
        ([sent({"heldJob": MINE}), left(heldJob=OTHER)], ["mine"]),
        ([sent({"heldJob": None}), left(heldJob=OTHER)], []),
        ([sent("text"), left(heldJob=MINE)], ["mine"]),
        ([started({"job": HELD})], ["held"]),
        ([started({"job": {"id": "x"}})], []),
        ([started({"job": {"id": "x", "held": "yes"}})], []),
        ([started({"job": {"id": 5, "held": True}})], []),
        ([started({"job": {"held": True}})], []),
        ([started({"job": "x"})], []),
        ([started([1])], []),
        ([started(None)], []),
        ([{**started({"job": HELD}), "type": "Other"}], []),
        ([], []),
    ],
)
def test_the_job_that_was_held_last_is_answered(events, answered):
    assert closed("ABORTED", *events).answered == answered


def test_the_target_of_a_run_that_was_stopped_is_stopped_if_so_asked():
    # given a run that held a job, and whose last task on the target tells all
    aws = closed("ABORTED", left(heldJob=MINE), sent({"x": 1}), sent(STOPS), sent(LEAVES), NOTHING)

    # then both are settled, and no more was read than that took
    assert aws.answered == ["mine"]
    assert aws.invoked == [
        {
            "FunctionName": "stop",
            "InvocationType": "Event",
            "Payload": {**STOPS, "why": "Stop", "report": {}},
        }
    ]
    assert aws.read == 3


def test_the_job_is_looked_for_beyond_the_last_task():
    aws = closed("ABORTED", sent(STOPS), NOTHING, left(heldJob=MINE), NOTHING)
    assert (aws.answered, len(aws.invoked), aws.read) == (["mine"], 1, 3)


@pytest.mark.parametrize(
    "status, events",
    [
        ("ABORTED", [sent(LEAVES), sent(STOPS)]),
        ("ABORTED", [sent({"request": {}})]),
        ("ABORTED", []),
        ("FAILED", [sent(STOPS)]),
        ("TIMED_OUT", [sent(STOPS)]),
    ],
)
def test_any_other_target_is_left_as_it_is(status, events):
    assert closed(status, *events, started({})).invoked == []


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
        ("FAILED", {"cause": json.dumps(RESULT)}, []),  # it has counted itself
    ],
)
def test_what_a_run_could_not_count_is_counted(capsys, status, more, counted):
    # when
    closed(status, started({}), **more)

    # then
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    written = [line for line in lines if "_aws" in line]
    assert [(name(each), each.get("Outcome"), each["error"]) for each in written] == counted


def name(line):
    return line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"]
