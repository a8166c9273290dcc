"""The result document, its cause, and what a job is told of it."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.job_answer import Failure, Success, from_result
from orchestrator.outcome import Outcome
from orchestrator.output_variables import asked_for
from orchestrator.result import LONGEST_CAUSE, build_result, explain_error, to_cause
from orchestrator.run_state import Execution
from orchestrator.target import Target
from orchestrator.text import LONGEST_REASON, plain

RUN = "arn:aws:states:eu-west-1:111122223333:execution:Runs:job-1"
TARGET = Target(
    pipelineName="deploy",
    account="222233334444",
    region="eu-west-1",
    partition="aws",
    roleArn="arn:aws:iam::222233334444:role/target",
    externalId=None,
    roleSessionName="run-1",
)
EXECUTION = Execution("aaaaaaaa-1111-2222-3333-444444444444", "2026-01-05T09:00:00+00:00")


def result(report, target=TARGET, execution=EXECUTION):
    return build_result(run=RUN, target=target, execution=execution, report=report)


def test_a_success_hands_back_the_execution_as_output_variables():
    made = result(
        {"outcome": "Succeeded", "status": "Succeeded", "endTime": "2026-01-05T09:12:30+00:00"}
    )
    assert "error" not in made
    assert made["durationSeconds"] == 750
    assert made["outputVariables"] == {
        "pipelineExecutionId": EXECUTION.pipelineExecutionId,
        "outcome": "Succeeded",
        "status": "Succeeded",
        "link": made["link"],
        "durationSeconds": "750",
    }
    answer = from_result(made, run="job-1")
    assert isinstance(answer, Success)
    assert answer.output_variables == made["outputVariables"]
    assert answer.summary.startswith(
        "The pipeline deploy (account 222233334444, eu-west-1), execution "
        "aaaaaaaa-1111-2222-3333-444444444444, succeeded. https://"
    )


def test_a_failure_says_where_why_and_what_to_do_next():
    made = result(
        {
            "outcome": "Failed",
            "status": "Failed",
            "failure": {
                "stage": "Deploy",
                "action": "Rollout",
                "code": "JobFailed",
                "message": "no capacity.",
                "link": "https://example.com/1",
            },
        }
    )
    assert made["error"] == "PipelineFailed"
    assert made["message"] == (
        "The pipeline deploy (account 222233334444, eu-west-1), execution "
        "aaaaaaaa-1111-2222-3333-444444444444, failed in stage Deploy, action Rollout: JobFailed: "
        "no capacity. See https://example.com/1. When the cause is mended, retry the stage of the "
        "waiting pipeline (RetryStageExecution), or start another run: it starts the target anew. "
        'With ifRunning "join" or mode "latest" it follows a retry of the target itself, which is, '
        "in the target's account: aws codepipeline retry-stage-execution --region eu-west-1 "
        "--pipeline-name deploy --stage-name Deploy --pipeline-execution-id "
        "aaaaaaaa-1111-2222-3333-444444444444 --retry-mode FAILED_ACTIONS"
    )
    answer = from_result(made, run="job-1")
    assert isinstance(answer, Failure)
    assert answer.type == "JobFailed"
    assert answer.external_execution_id == EXECUTION.pipelineExecutionId


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_a_message_that_names_the_target_or_the_error(outcome):
    made = result({"outcome": outcome, "error": "InvalidInput", "cause": "{}", "status": "X"})
    assert made["message"]
    assert ("error" in made) is not outcome.succeeded
    if outcome is not Outcome.ERROR:
        assert "deploy (account 222233334444, eu-west-1)" in made["message"]
        assert EXECUTION.pipelineExecutionId in made["message"]


def test_our_own_errors_keep_their_name_and_message():
    cause = json.dumps({"errorType": "PipelineNotFound", "errorMessage": "no pipeline x"})
    assert explain_error("PipelineNotFound", cause) == ("PipelineNotFound", "no pipeline x")


@pytest.mark.parametrize(
    "error, cause",
    [
        ("States.Timeout", ""),
        ("Lambda.Unknown", "not JSON"),
        ("KeyError", '{"errorMessage": "\'x\'", "errorType": "KeyError"}'),
        ("Lambda.TooManyRequestsException", '"a string"'),
    ],
)
def test_every_other_error_becomes_one_of_ours_that_says_where_to_look(error, cause):
    name, message = explain_error(error, cause)
    assert name == "FunctionFailed"
    assert error in message
    assert "log" in message


def test_before_there_is_a_target_the_error_alone_is_the_message():
    made = result(
        {
            "outcome": "Error",
            "error": "InvalidInput",
            "cause": json.dumps({"errorMessage": "pipelineName: missing."}),
        },
        target=None,
        execution=None,
    )
    assert made["message"] == "pipelineName: missing."
    answer = from_result(made, run="job-1")
    assert isinstance(answer, Failure)
    assert answer.type == "ConfigurationError"
    assert answer.external_execution_id == "job-1"


def test_output_variables_are_never_in_a_cause():
    made = result({"outcome": "Failed", "status": "Failed"})
    assert "outputVariables" in made
    assert "outputVariables" not in json.loads(to_cause(made))


def test_what_is_longest_goes_last_from_a_cause_that_is_still_too_long():
    made = {"message": "ü", "variables": [1], "failure": {"message": "x" * LONGEST_CAUSE}}
    assert to_cause(made) == '{"message": "ü"}'


@given(
    message=st.text(max_size=10_000) | st.just("😀" * 60_000),
    variables=st.lists(st.text(max_size=1_000), max_size=50),
    link=st.text(max_size=2_000),
)
def test_a_cause_is_always_whole_json_within_the_limit(message, variables, link):
    made = result(
        {
            "outcome": "Failed",
            "status": "Failed",
            "variables": [{"name": "V", "resolvedValue": value} for value in variables],
            "statusSummary": message,
            "failure": {"stage": "S", "action": "A", "message": message[:2_000], "link": link},
        }
    )
    cause = to_cause(made)
    assert len(cause) <= LONGEST_CAUSE
    assert json.loads(cause)["outcome"] == "Failed"
    answer = from_result(json.loads(cause), run="job-1")
    assert isinstance(answer, Failure)
    assert len(answer.message) <= 5_000


def fitting(document):
    """As many of these as a look at the target tells."""
    return [document] * (20_000 // (len(json.dumps(document)) + 2))


@given(
    text=st.characters(exclude_categories=["Cs"]) | st.sampled_from("xä😀\n"),
    outcome=st.sampled_from(["Succeeded", "Failed", "Stopped"]),
)
def test_a_result_is_within_256_kib_and_what_it_hands_back_within_its_limit(text, outcome):
    # given a report as large as a look at the target makes it
    long = plain(text * 2_000, 2_000) or "x"
    variables = fitting({"name": "N", "resolvedValue": text * 900})
    actions = [
        {"input": {"namespace": "N"}, "output": {"outputVariables": {f"V{n}": text * 900}}}
        | {"input": {"namespace": f"N{n}"}}
        for n in range(50)
    ]
    asked = asked_for([f"N{n}.V{n}" for n in range(50)], actions)
    report = {
        "outcome": outcome,
        "status": outcome,
        "failure": dict.fromkeys(("stage", "action", "code", "message", "approver", "link"), long),
        "stopReason": long,
        "notRetried": long[:LONGEST_REASON],
        "variables": variables,
        "approvals": variables,
        "sourceRevisions": fitting({"name": text, "revisionId": text * 1_500}),
        "targetVariables": asked,
    }
    made = result(report)
    assert len(json.dumps(made, ensure_ascii=False).encode()) <= 256 * 1024
    handed = made["outputVariables"].items()
    assert sum(len((name + value).encode()) for name, value in handed) <= 122_880
    assert all(re.fullmatch(r"[A-Za-z0-9@\-_]+", name) for name, _ in handed)
    assert len(to_cause(made)) <= LONGEST_CAUSE
    assert len(from_result(made, run="job-1").__dict__.get("message", "")) <= 5_000
