"""The result document, its cause, and what a job is told of it."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepipeline_orchestrator.job.answer import Failure, Success, from_result
from codepipeline_orchestrator.model.links import execution_link, run_link
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.state import Execution, Progress
from codepipeline_orchestrator.model.target import Target
from codepipeline_orchestrator.pipeline.output_variables import asked_for
from codepipeline_orchestrator.result.document import (
    LONGEST_CAUSE,
    build_result,
    explain_error,
    to_cause,
)
from codepipeline_orchestrator.text import LONGEST_REASON, plain

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


@pytest.mark.parametrize("more, length", [(0, 32_768), (1, len("{}"))])
def test_a_cause_may_take_32768_characters(more, length):
    room = 32_768 - len('{"variables": ""}')
    assert len(to_cause({"variables": "x" * (room + more)})) == length


@pytest.mark.parametrize("name", ["variables", "sourceRevisions", "approvals", "failure"])
def test_only_what_is_too_long_is_left_out_of_a_cause(name):
    assert to_cause({"message": "ü"}) == '{"message": "ü"}'
    assert to_cause({"message": "ü", name: "x" * LONGEST_CAUSE}) == '{"message": "ü"}'


def test_what_is_needed_least_goes_first_from_a_cause():
    names = ["failure", "approvals", "sourceRevisions", "variables"]
    made = dict.fromkeys(names, "x" * 10000)
    assert list(json.loads(to_cause(made))) == names[:3]


@pytest.mark.parametrize("status, told", [(None, None), ("x" * 101, f"{'x' * 99}…")])
def test_a_status_is_told_if_there_is_one_and_short(status, told):
    assert result({"outcome": "Started", "status": status}).get("status") == told


def test_a_result_tells_all_there_is_in_one_shape():
    # given a run on whose way much happened
    report = {
        "outcome": "Superseded",
        "status": "Superseded",
        "accepted": True,
        "startTime": "2026-01-05T09:00:00+00:00",
        "endTime": "2026-01-05T09:00:59.600000+00:00",
        "supersededBy": "newer",
        "sourceRevisions": [
            {"name": "My source", "revisionId": "abc"},
            {"name": "Without", "revisionId": ""},
            {"name": None, "revisionId": "def"},
        ],
        "variables": [{"name": "A", "resolvedValue": "b"}],
        "targetVariables": {"Build.VERSION": "7"},
    }

    # when
    made = build_result(
        run=RUN,
        target=TARGET,
        execution=EXECUTION,
        report=report,
        progress=Progress(stageRetries=2, superseded="older"),
    )

    # then
    assert made.pop("message").startswith("The pipeline deploy")
    link = made["link"]
    assert made == {
        "outcome": "Superseded",
        "status": "Superseded",
        "pipelineExecutionId": EXECUTION.pipelineExecutionId,
        "link": execution_link(TARGET, EXECUTION.pipelineExecutionId),
        "target": {
            "pipelineName": "deploy",
            "account": "222233334444",
            "region": "eu-west-1",
            "arn": "arn:aws:codepipeline:eu-west-1:222233334444:deploy",
            "roleArn": "arn:aws:iam::222233334444:role/target",
        },
        "run": RUN,
        "runLink": run_link(RUN),
        "startTime": "2026-01-05T09:00:00+00:00",
        "endTime": "2026-01-05T09:00:59.600000+00:00",
        "durationSeconds": 60,
        "stageRetries": 2,
        "superseded": "older",
        "supersededBy": "newer",
        "targetVariables": {"Build.VERSION": "7"},
        "sourceRevisions": report["sourceRevisions"],
        "variables": [{"name": "A", "resolvedValue": "b"}],
        "outputVariables": {
            "pipelineExecutionId": EXECUTION.pipelineExecutionId,
            "outcome": "Superseded",
            "status": "Superseded",
            "link": link,
            "durationSeconds": "60",
            "revision_My_source": "abc",
            "Build_VERSION": "7",
        },
    }


def test_what_did_not_happen_on_the_way_is_not_told():
    made = build_result(
        run=RUN, target=None, execution=None, report={"outcome": "Idle"}, progress=Progress()
    )
    assert made.keys() == {"message", "outcome", "run", "runLink", "outputVariables"}
    assert made["outputVariables"] == {"outcome": "Idle"}


@pytest.mark.parametrize(
    "cause, why", [("", "no more is known"), ("Out of memory.", "Out of memory")]
)
def test_a_function_that_failed_is_told_with_what_is_known(cause, why):
    assert explain_error("Lambda.Unknown", cause)[1] == (
        f"A function of the orchestrator failed: Lambda.Unknown: {why}. If the target had been "
        "started, it goes on. Look at the history of the run and at the function's log; retrying "
        "may help."
    )


def test_five_revisions_are_handed_back():
    revisions = [{"name": f"Source {n}", "revisionId": f"abc{n}"} for n in range(6)]
    handed = result({"outcome": "Succeeded", "sourceRevisions": revisions})["outputVariables"]
    assert {name: value for name, value in handed.items() if name.startswith("revision")} == {
        f"revision_Source_{n}": f"abc{n}" for n in range(5)
    }


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
