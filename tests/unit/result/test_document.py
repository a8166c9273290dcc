from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepipeline_orchestrator.aws.answers import ActionDetail, read_answer
from codepipeline_orchestrator.job.answer import Failure, Success, from_result
from codepipeline_orchestrator.messages.end import LONGEST_MESSAGE
from codepipeline_orchestrator.model.documents import from_document, to_document
from codepipeline_orchestrator.model.links import execution_link, run_link
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.report import (
    ActionAttempt,
    Approval,
    FailedAction,
    Revision,
    StageAttempt,
)
from codepipeline_orchestrator.model.state import Execution
from codepipeline_orchestrator.model.target import Target
from codepipeline_orchestrator.pipeline.output_variables import asked_for
from codepipeline_orchestrator.pipeline.stage_attempts import newest_stages
from codepipeline_orchestrator.result.document import (
    LONGEST_CAUSE,
    Result,
    build_result,
    explain_error,
    to_cause,
)
from codepipeline_orchestrator.text import LONGEST_REASON, plain
from tests.unit.reports import run_end

RUN = "arn:aws:states:eu-west-1:111122223333:execution:Runs:job-1"
TARGET = Target(
    pipeline_name="deploy",
    account="222233334444",
    region="eu-west-1",
    partition="aws",
    role_arn="arn:aws:iam::222233334444:role/target",
    external_id=None,
    role_session_name="run-1",
)
TEXTS = ("stage", "action", "code", "message", "approver", "link")
SHOW = "To see the run:\npipeline-run show job-1"
EXECUTION = Execution("aaaaaaaa-1111-2222-3333-444444444444", datetime(2026, 1, 5, 9, tzinfo=UTC))


def built(outcome, target=TARGET, execution=EXECUTION, **known):
    return build_result(run_end(RUN, target, execution, outcome, **known))


def result(outcome, target=TARGET, execution=EXECUTION, **known):
    return to_document(built(outcome, target, execution, **known))


@pytest.mark.parametrize("outcome", ["Succeeded", "Failed", "Stopped", "Superseded"])
def test_an_unknown_end_time_is_omitted(outcome):
    made = result(outcome, seenAt="2026-02-05T09:00:00+00:00")
    assert made["startTime"] == "2026-01-05T09:00:00+00:00"
    assert "endTime" not in made
    assert "durationSeconds" not in made


def test_a_run_that_timed_out_ended_at_its_last_poll():
    made = result("TimedOut", seenAt="2026-01-05T09:10:00+00:00")
    assert (made["endTime"], made["durationSeconds"]) == ("2026-01-05T09:10:00+00:00", 600)


def test_a_success_returns_the_execution_as_output_variables():
    end = built("Succeeded", status="Succeeded", endTime="2026-01-05T09:12:30+00:00")
    made = to_document(end)
    assert "error" not in made
    assert made["durationSeconds"] == 750
    assert made["outputVariables"] == {
        "pipelineExecutionId": EXECUTION.pipeline_execution_id,
        "outcome": "Succeeded",
        "status": "Succeeded",
        "link": made["link"],
        "durationSeconds": "750",
    }
    answer = from_result(end, run="job-1")
    assert isinstance(answer, Success)
    assert answer.output_variables == made["outputVariables"]
    assert answer.summary.startswith(
        "Pipeline deploy (account 222233334444, eu-west-1), execution "
        "aaaaaaaa-1111-2222-3333-444444444444, succeeded.\nTo see the run:\n"
    )


def test_a_failure_message_says_where_and_why_and_what_to_do():
    made = built(
        "Failed",
        status="Failed",
        failures=[
            {
                "stage": "Deploy",
                "action": "Rollout",
                "code": "JobFailed",
                "message": "no capacity.",
                "link": "https://example.com/1",
            }
        ],
    )
    assert made.error == "PipelineFailed"
    assert made.message == (
        "Pipeline deploy (account 222233334444, eu-west-1), execution "
        "aaaaaaaa-1111-2222-3333-444444444444, failed in stage Deploy, action Rollout: JobFailed: "
        "no capacity. See https://example.com/1. Fix the cause. Start another run.\n"
        "To retry the failed stage, in the target's account:\n"
        "aws codepipeline retry-stage-execution --region eu-west-1 --pipeline-name deploy "
        "--stage-name Deploy --pipeline-execution-id aaaaaaaa-1111-2222-3333-444444444444 "
        "--retry-mode FAILED_ACTIONS\n"
        "To see the run:\n"
        "pipeline-run show job-1"
    )
    answer = from_result(made, run="job-1")
    assert isinstance(answer, Failure)
    assert answer.type == "JobFailed"
    assert answer.external_execution_id == EXECUTION.pipeline_execution_id


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_a_message_that_names_the_target_or_the_error(outcome):
    made = result(outcome, error="InvalidInput", cause="{}", status="X")
    assert made["message"]
    assert ("error" in made) is not outcome.succeeded
    if outcome is not Outcome.ERROR:
        assert "deploy (account 222233334444, eu-west-1)" in made["message"]
        assert EXECUTION.pipeline_execution_id in made["message"]


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
def test_every_other_error_is_mapped_to_one_of_ours_and_says_where_to_look(error, cause):
    name, message = explain_error(error, cause)
    assert name == "FunctionFailed"
    assert error in message
    assert "log" in message


def test_without_a_target_the_message_is_only_the_error():
    made = built(
        "Error",
        target=None,
        execution=None,
        error="InvalidInput",
        cause=json.dumps({"errorMessage": "pipelineName: missing."}),
    )
    assert made.message == f"pipelineName: missing.\n{SHOW}"
    answer = from_result(made, run="job-1")
    assert isinstance(answer, Failure)
    assert answer.type == "ConfigurationError"
    assert answer.external_execution_id == "job-1"


def test_output_variables_are_never_in_a_cause():
    made = built("Failed", status="Failed", targetVariables={"Build.SECRET": "canary"})
    assert "Build_SECRET" in made.output_variables
    assert "canary" not in to_cause(made)


@pytest.mark.parametrize("text, message", [("unchanged", f"unchanged\n{SHOW}"), ("\n", SHOW)])
def test_the_message_of_one_of_our_own_errors_is_followed_by_the_command(text, message):
    cause = json.dumps({"errorMessage": text})
    assert built("Error", error="InvalidInput", cause=cause).message == message


def test_a_long_error_message_is_cut():
    cause = json.dumps({"errorMessage": "x" * 9_999})
    assert len(built("Error", error="InvalidInput", cause=cause).message) == LONGEST_MESSAGE


@pytest.mark.parametrize("more, kept", [(0, True), (1, False)])
def test_a_cause_may_have_32768_characters(more, kept):
    room = 32_768 - len(to_cause(Result("ü", variables=({"name": ""},))))
    cause = to_cause(Result("ü", variables=({"name": "x" * (room + more)},)))
    assert ("variables" in json.loads(cause)) is kept
    assert len(cause) <= LONGEST_CAUSE


LONG = "x" * LONGEST_CAUSE
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "long",
    [
        {"stages": (StageAttempt(LONG, NOON),)},
        {"variables": ({"name": LONG},)},
        {"source_revisions": (Revision(LONG, "1"),)},
        {"approvals": (Approval("S", LONG),)},
        {"also_failed": (FailedAction("S", LONG),)},
        {"failure": FailedAction("S", LONG)},
        {"variables": ({"name": "V"},), "failure": FailedAction("S", LONG)},
    ],
    ids=[
        "stages",
        "variables",
        "revisions",
        "approvals",
        "others",
        "failure",
        "everything up to the long field",
    ],
)
def test_a_field_that_is_too_long_is_omitted_from_a_cause(long):
    assert to_cause(Result("ü", **long)) == '{"message": "ü"}'


def test_the_least_important_fields_are_dropped_from_a_cause_first():
    text = "x" * 10_000
    stages = (StageAttempt("S", NOON),)
    made = Result(
        "ü",
        stages=stages,
        failure=FailedAction("S", text),
        approvals=(Approval("S", text),),
        source_revisions=(Revision(text, "1"),),
        variables=({"name": text},),
    )
    assert json.loads(to_cause(made)).keys().isdisjoint({"stages", "variables"})
    assert "stages" in json.loads(to_cause(replace(made, variables=())))
    assert json.loads(to_cause(made)).keys() >= {"failure", "approvals", "sourceRevisions"}


@pytest.mark.parametrize("status, shown", [(None, None), ("x" * 101, f"{'x' * 99}…")])
def test_a_status_is_shown_and_shortened(status, shown):
    assert built("Started", status=status).status == shown


def test_every_detail_of_a_run_is_in_one_document():
    known = {
        "status": "Superseded",
        "accepted": True,
        "stageRetries": 2,
        "superseded": "older",
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
        "stages": [{"name": "S", "startTime": "2026-01-05T09:00:00+00:00", "status": "Failed"}],
        "failures": [{"stage": "S", "action": name} for name in "ABC"],
    }

    made = result("Superseded", **known)

    assert made.pop("message").startswith("Pipeline deploy")
    link = made["link"]
    assert made == {
        "outcome": "Superseded",
        "status": "Superseded",
        "pipelineExecutionId": EXECUTION.pipeline_execution_id,
        "link": execution_link(TARGET, EXECUTION.pipeline_execution_id),
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
        "failure": {"stage": "S", "action": "A"},
        "alsoFailed": [{"stage": "S", "action": "B"}, {"stage": "S", "action": "C"}],
        "stageRetries": 2,
        "superseded": "older",
        "supersededBy": "newer",
        "stages": known["stages"],
        "targetVariables": {"Build.VERSION": "7"},
        "sourceRevisions": known["sourceRevisions"],
        "variables": [{"name": "A", "resolvedValue": "b"}],
        "outputVariables": {
            "pipelineExecutionId": EXECUTION.pipeline_execution_id,
            "outcome": "Superseded",
            "status": "Superseded",
            "link": link,
            "durationSeconds": "60",
            "revision_My_source": "abc",
            "Build_VERSION": "7",
        },
    }


def test_a_detail_that_does_not_apply_is_omitted():
    made = result("Idle", target=None, execution=None)
    assert made.keys() == {"message", "outcome", "run", "runLink", "outputVariables"}
    assert made["outputVariables"] == {"outcome": "Idle"}
    assert result("Idle", execution=None).keys() == {*made, "target"}


@pytest.mark.parametrize("cause, why", [("", "no details"), ("Out of memory.", "Out of memory")])
def test_a_failed_function_is_reported_with_the_known_details(cause, why):
    assert explain_error("Lambda.Unknown", cause)[1] == (
        f"One of the orchestrator's functions failed: Lambda.Unknown: {why}. If the target was "
        "started, it continues. Check the run's history and the function's log. Retrying may help."
    )


def test_at_most_five_revisions_are_returned():
    revisions = [{"name": f"Source {n}", "revisionId": f"abc{n}"} for n in range(6)]
    handed = built("Succeeded", sourceRevisions=revisions).output_variables
    assert {name: value for name, value in handed.items() if name.startswith("revision")} == {
        f"revision_Source_{n}": f"abc{n}" for n in range(5)
    }


@given(
    message=st.text(max_size=10_000) | st.just("😀" * 60_000),
    variables=st.lists(st.text(max_size=1_000), max_size=50),
    link=st.text(max_size=2_000),
)
def test_a_cause_is_always_valid_json_within_the_limit(message, variables, link):
    made = built(
        "Failed",
        status="Failed",
        variables=[{"name": "V", "resolvedValue": value} for value in variables],
        statusSummary=message,
        failures=[{"stage": "S", "action": "A", "message": message[:2_000], "link": link}],
    )
    cause = to_cause(made)
    assert len(cause) <= LONGEST_CAUSE
    assert json.loads(cause)["outcome"] == "Failed"
    answer = from_result(from_document(Result, json.loads(cause)), run="job-1")
    assert isinstance(answer, Failure)
    assert len(answer.message) <= 5_000


def fitting(document):
    return [document] * (20_000 // (len(json.dumps(document)) + 2))


# CodePipeline allows names of 100 characters.
ACTION = ActionAttempt("N" * 100, NOON, NOON, "Succeeded")
STAGES = [StageAttempt("N" * 100, NOON, NOON, "Succeeded", (ACTION,))] * 200
MOST_STAGES = to_document(newest_stages(STAGES))


@given(
    text=st.characters(exclude_categories=["Cs"]) | st.sampled_from("xä😀\n"),
    outcome=st.sampled_from(["Succeeded", "Failed", "Stopped"]),
)
def test_the_result_and_the_output_variables_are_within_their_limits(text, outcome):
    # This is the largest report that a poll can return.
    long = plain(text * 2_000, 2_000) or "x"
    variables = fitting({"name": "N", "resolvedValue": text * 900})
    actions = [
        {"input": {"namespace": "N"}, "output": {"outputVariables": {f"V{n}": text * 900}}}
        | {"input": {"namespace": f"N{n}"}}
        for n in range(50)
    ]
    shown = [read_answer(ActionDetail, each) for each in actions]
    asked = asked_for([f"N{n}.V{n}" for n in range(50)], shown)
    known = {
        "status": outcome,
        "failures": [dict.fromkeys(TEXTS, long)],
        "stopReason": long,
        "notRetried": long[:LONGEST_REASON],
        "variables": variables,
        "approvals": fitting({"stage": "S", "action": "A", "summary": text * 900}),
        "sourceRevisions": fitting({"name": text, "revisionId": text * 1_500}),
        "targetVariables": asked,
        "stages": MOST_STAGES,
    }
    made = built(outcome, **known)
    assert len(json.dumps(to_document(made), ensure_ascii=False).encode()) <= 256 * 1024
    handed = made.output_variables.items()
    assert sum(len((name + value).encode()) for name, value in handed) <= 122_880
    assert all(re.fullmatch(r"[A-Za-z0-9@\-_]+", name) for name, _ in handed)
    assert len(to_cause(made)) <= LONGEST_CAUSE
    assert len(from_result(made, run="job-1").__dict__.get("message", "")) <= 5_000
