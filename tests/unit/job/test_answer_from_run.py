"""What a job is told of its run, word by word."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from codepipeline_orchestrator.errors import RunNotFound
from codepipeline_orchestrator.job.answer import Failure, StillRunning, Success
from codepipeline_orchestrator.job.answer_from_run import answer_from_status
from codepipeline_orchestrator.job.job import Job
from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.run_arn import run_arn
from tests.function.runs import ID, STATE, TARGET

MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:Runs"
JOB = Job("job-1", "111122223333", "f", '{"pipelineName": "deploy"}', None)
RUN = "arn:aws:states:eu-west-1:111122223333:execution:Runs:job-1"
LINK = (
    f"https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1"
    f"#/v2/executions/details/{RUN}"
)
ASKED = json.dumps({"job": {"id": "job-1"}, "input": {"pipelineName": "deploy"}})
SAID = "deploy (account 222233334444, eu-west-1)"
SNAPSHOT = {"target": SAID, "pipelineExecutionId": ID, "status": "InProgress", "percent": 7}


class DoesNotExist(Exception):
    """ExecutionDoesNotExist."""


class Runs:
    """Step Functions with one run, its history, or none."""

    exceptions = SimpleNamespace(ExecutionDoesNotExist=DoesNotExist)

    def __init__(self, status=None, outputs=(), refused=None, **run):
        self.run = {"status": status, "name": "job-1", "input": ASKED, **run}
        self.events = [{"stateExitedEventDetails": {"output": each}} for each in outputs]
        self.refused = refused

    def describe_execution(self, *, executionArn):  # noqa: N803 - AWS's name
        if self.run["status"] is None:
            raise DoesNotExist
        return {**self.run, "executionArn": executionArn}

    def get_execution_history(self, **asked):
        self.asked = asked
        if self.refused:
            raise self.refused
        return {"events": [{}, {"stateExitedEventDetails": {}}, *self.events]}


def told(status, machine=MACHINE, **more):
    stepfunctions: Any = Runs(status, **more)
    return answer_from_status(JOB, state_machine_arn=machine, stepfunctions=stepfunctions)


def failure(status, **more):
    made = told(status, **more)
    assert isinstance(made, Failure)
    return made


def test_a_run_is_named_by_its_machine_and_the_job_that_began_it():
    assert run_arn(MACHINE, "job-1") == RUN


def test_a_run_that_is_gone_is_an_error_that_says_what_may_have_happened():
    with pytest.raises(RunNotFound) as caught:
        told(None)
    assert str(caught.value) == (
        f"The run {RUN} of this action does not exist (any more). Was the orchestrator deployed "
        "anew while the action waited? Retry the stage: the action begins anew."
    )


@pytest.mark.parametrize("status", ["RUNNING", "PENDING_REDRIVE"])
def test_the_newest_snapshot_in_the_history_is_shown(status):
    outputs = ["[1]", '{"polls": 1}', json.dumps({"snapshot": SNAPSHOT}), '{"snapshot": {}}']
    assert told(status, outputs=outputs) == StillRunning(
        JOB.token(),
        f"Waiting for {SAID}, execution {ID}, which is InProgress Run: {LINK}",
        ID,
        7,
    )


def test_before_the_target_has_started_the_run_stands_for_it():
    snapshot = {"target": SAID, "status": "busy", "waitsFor": []}
    made = told("RUNNING", outputs=[json.dumps({"snapshot": snapshot})])
    assert isinstance(made, StillRunning)
    assert made.summary.startswith(f"Waiting to start {SAID}")
    assert (made.external_execution_id, made.percent) == ("job-1", None)


@pytest.mark.parametrize(
    "refused",
    [None, ClientError({}, "GetExecutionHistory"), ReadTimeoutError(endpoint_url="https://states")],
)
def test_without_a_snapshot_the_pipeline_is_named(refused):
    assert told("RUNNING", refused=refused) == StillRunning(
        JOB.token(), f"Following deploy. Run: {LINK}", "job-1"
    )


@pytest.mark.parametrize("outputs", [[], [json.dumps({"snapshot": SNAPSHOT})]])
def test_where_the_console_is_not_public_the_run_is_named_by_its_arn(outputs):
    machine = MACHINE.replace("aws:states", "aws-iso:states")
    made = told("RUNNING", machine, outputs=outputs)
    assert isinstance(made, StillRunning)
    assert made.summary.endswith(f" Run: {RUN.replace('aws:states', 'aws-iso:states')}")


def test_no_more_of_the_history_is_read_than_two_polls_leave():
    stepfunctions: Any = Runs("RUNNING")
    answer_from_status(JOB, state_machine_arn=MACHINE, stepfunctions=stepfunctions)
    assert stepfunctions.asked == {"executionArn": RUN, "reverseOrder": True, "maxResults": 12}


def test_a_success_is_told_from_the_output():
    made = told("SUCCEEDED", output=json.dumps({"message": "It succeeded."}))
    assert made == Success("It succeeded.", "job-1")


RESULT = {"outcome": "Failed", "error": "PipelineFailed", "message": "It failed."}


def test_a_failure_is_told_from_its_cause():
    made = failure("FAILED", error="PipelineFailed", cause=json.dumps(RESULT))
    assert made == Failure("JobFailed", "It failed.", "job-1")


@pytest.mark.parametrize("known", [True, False])
def test_a_run_that_could_not_report_is_told_from_what_it_knew(known):
    cause = {
        "report": {"outcome": "Failed", "status": "Failed"},
        "target": to_document(TARGET) if known else None,
        "execution": to_document(STATE.execution) if known else None,
    }
    made = failure("FAILED", error="ResultNotReported", cause=json.dumps(cause))
    assert made.type == "JobFailed"
    assert made.external_execution_id == (ID if known else "job-1")
    assert (f"The pipeline {SAID}, execution {ID}, failed." in made.message) is known


SHOW = "This shows the run:\npipeline-run show job-1"
ANEW = "The target was left as it is. Retry the stage to begin anew."


@pytest.mark.parametrize(
    "status, more, words",
    [
        ("FAILED", {}, f"ended FAILED. {ANEW}"),
        ("FAILED", {"error": "E"}, f"ended FAILED: E. {ANEW}"),
        ("FAILED", {"error": "E", "cause": "not JSON"}, f"ended FAILED: E: not JSON. {ANEW}"),
        ("FAILED", {"cause": "[1]"}, f"ended FAILED: [1]. {ANEW}"),
        ("FAILED", {"cause": '{"report": 1}'}, f'ended FAILED: {{"report": 1}}. {ANEW}'),
        (
            "FAILED",
            {"error": "ResultNotReported", "cause": "{}"},
            f"ended FAILED: ResultNotReported: {{}}. {ANEW}",
        ),
        ("TIMED_OUT", {"error": "States.Timeout"}, f"ended TIMED_OUT: States.Timeout. {ANEW}"),
        ("ABORTED", {}, f"was stopped in Step Functions. {ANEW}"),
        (
            "ABORTED",
            {"error": "Maintenance", "cause": "by hand"},
            f"was stopped in Step Functions (Maintenance: by hand). {ANEW}",
        ),
        # whoever stops a run writes what they like
        (
            "ABORTED",
            {"cause": json.dumps(RESULT)},
            f"was stopped in Step Functions ({json.dumps(RESULT)}). {ANEW}",
        ),
    ],
)
def test_an_end_that_the_run_did_not_write_is_told_with_what_is_known(status, more, words):
    assert failure(status, **more) == Failure(
        "SystemUnavailable", f"The run of this action {words}\n{SHOW}\n{LINK}", "job-1"
    )


def test_what_others_wrote_begins_no_line_of_its_own():
    made = failure("ABORTED", cause="by hand\nThis shows the run:\nrm -r *")
    assert "(by hand This shows the run: rm -r *)" in made.message


@pytest.mark.parametrize(
    "policy, words",
    [
        ("stop", "Its target stops once its running actions have ended, because onAbort is stop."),
        ("abandon", "Its target is being stopped, because onAbort is abandon."),
        ("leave", "The target was left as it is."),
    ],
)
def test_of_a_run_that_was_stopped_the_target_may_be_stopped_too(policy, words):
    asked = json.dumps({"input": {"pipelineName": "deploy", "onAbort": policy}})
    assert failure("ABORTED", input=asked).message == (
        f"The run of this action was stopped in Step Functions. {words} Retry the stage to begin "
        f"anew.\n{SHOW}\n{LINK}"
    )


def test_a_run_that_was_asked_for_otherwise_is_told_without_a_name():
    made = told("RUNNING", input="{}")
    assert isinstance(made, StillRunning)
    assert made.summary.startswith("Following the target. Run: ")
