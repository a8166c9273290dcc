"""codepipeline_job and close_job against answers that AWS may give at any call."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

import codepipeline_job
from codepipeline_orchestrator.errors import JobUnanswered
from codepipeline_orchestrator.job import undelivered_job
from codepipeline_orchestrator.job.job import Job

MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:Runs"
JOB_ID = "11111111-abcd-1111-abcd-111111abcdef"
RUN = f"arn:aws:states:eu-west-1:111122223333:execution:Runs:{JOB_ID}"
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
RUN_LINK = (
    "https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1"
    f"#/v2/executions/details/{RUN}"
)

NEW = Job(JOB_ID, "111122223333", "job-function", '{"pipelineName": "deploy"}', None)
NEXT = Job(
    "22222222-abcd-1111-abcd-111111abcdef",
    NEW.account,
    NEW.function_name,
    NEW.user_parameters,
    NEW.token(),
)
RUN_INPUT = json.dumps(
    {
        "job": {"id": JOB_ID},
        "input": {"pipelineName": "deploy"},
    }
)
SNAPSHOT = {
    "target": "deploy (account 111122223333, eu-west-1)",
    "pipelineExecutionId": "aaaaaaaa-1111-2222-3333-444444444444",
    "status": "InProgress",
    "link": "https://example.com/execution",
}


def answer(job, stepfunctions, codepipeline):
    codepipeline_job.answer(
        job,
        lease=timedelta(0),
        state_machine_arn=MACHINE,
        stepfunctions=stepfunctions.client,
        connect_codepipeline=lambda: codepipeline.client,
    )


def close(job, stepfunctions, codepipeline):
    undelivered_job.close(
        job,
        why="RetriesExhausted",
        state_machine_arn=MACHINE,
        stepfunctions=stepfunctions.client,
        codepipeline=codepipeline.client,
    )


def knows_job(codepipeline, pipeline_arn="arn:aws:codepipeline:eu-west-1:111122223333:release"):
    details_are(codepipeline, {"data": {"pipelineContext": {"pipelineArn": pipeline_arn}}})


def details_are(codepipeline, details):
    codepipeline.add_response("get_job_details", {"jobDetails": details}, {"jobId": JOB_ID})


def run_starts(stepfunctions):
    stepfunctions.add_response(
        "start_execution",
        {"executionArn": RUN, "startDate": NOW},
        {"stateMachineArn": MACHINE, "name": JOB_ID, "input": RUN_INPUT},
    )


def run_is(stepfunctions, status, **more):
    stepfunctions.add_response(
        "describe_execution",
        {
            "executionArn": RUN,
            "stateMachineArn": MACHINE,
            "name": JOB_ID,
            "status": status,
            "startDate": NOW,
            "input": RUN_INPUT,
            **more,
        },
        {"executionArn": RUN},
    )


def history_shows(stepfunctions, *outputs):
    stepfunctions.add_response(
        "get_execution_history",
        {
            "events": [
                {
                    "timestamp": NOW,
                    "type": "TaskStateExited",
                    "id": 9 - number,
                    "stateExitedEventDetails": {"name": "GetState", "output": output},
                }
                for number, output in enumerate(outputs)
            ]
        },
        {"executionArn": RUN, "reverseOrder": True, "maxResults": 12},
    )


def expect_still_running(codepipeline, job, summary, external_id=JOB_ID):
    codepipeline.add_response(
        "put_job_success_result",
        {},
        {
            "jobId": job.id,
            "continuationToken": NEW.token(),
            "executionDetails": {"summary": summary, "externalExecutionId": external_id},
        },
    )


def expect_failure(codepipeline, job, kind, said, external_id=JOB_ID):
    """The job fails with this kind; `said` collects the message."""

    class Said(str):
        __slots__ = ()

        def __eq__(self, other):
            said.append(other)
            return True

        def __hash__(self):
            return 0

    codepipeline.add_response(
        "put_job_failure_result",
        {},
        {
            "jobId": job.id,
            "failureDetails": {
                "type": kind,
                "message": Said(),
                "externalExecutionId": external_id,
            },
        },
    )


def test_a_new_job_starts_a_run_of_its_name_and_goes_on(stepfunctions, codepipeline):
    # given
    knows_job(codepipeline)
    run_starts(stepfunctions)
    expect_still_running(codepipeline, NEW, f"Following deploy. Run: {RUN_LINK}")

    # when, then (the stubs check)
    answer(NEW, stepfunctions, codepipeline)


@pytest.mark.parametrize("code", ["AccessDeniedException", "JobNotFoundException", "Throttling"])
def test_not_knowing_the_invoking_pipeline_costs_nothing(stepfunctions, codepipeline, code):
    codepipeline.add_client_error("get_job_details", code)
    run_starts(stepfunctions)
    expect_still_running(codepipeline, NEW, f"Following deploy. Run: {RUN_LINK}")

    answer(NEW, stepfunctions, codepipeline)


@pytest.mark.parametrize(
    "details",
    [{}, {"data": {}}, {"data": {"pipelineContext": {}}}],
    ids=["no data", "no context", "an empty context"],
)
def test_an_action_whose_job_names_no_pipeline_goes_on(stepfunctions, codepipeline, details):
    details_are(codepipeline, details)
    run_starts(stepfunctions)
    expect_still_running(codepipeline, NEW, f"Following deploy. Run: {RUN_LINK}")

    answer(NEW, stepfunctions, codepipeline)


ARN = "arn:aws:codepipeline:eu-west-1:111122223333:deploy"


@pytest.mark.parametrize(
    "context",
    [
        {"pipelineName": "deploy", "pipelineArn": ARN, "pipelineExecutionId": "e1"},
        {"pipelineArn": ARN},
        {"pipelineName": "deploy", "pipelineExecutionId": "e1"},
        {"pipelineName": "deploy"},
    ],
    ids=["full", "the ARN alone", "without the ARN", "the name alone"],
)
def test_the_invoking_pipeline_is_refused_as_its_own_target(stepfunctions, codepipeline, context):
    # given a job of the very pipeline that it names
    said: list[str] = []
    details_are(codepipeline, {"data": {"pipelineContext": context}})
    expect_failure(codepipeline, NEW, "ConfigurationError", said)

    # when it is answered
    answer(NEW, stepfunctions, codepipeline)

    # then nothing was started and the message names the pipeline
    assert "deploy names itself as its target" in said[0]


@pytest.mark.parametrize(
    "elsewhere", [{"region": "us-east-1"}, {"roleArn": "arn:aws:iam::222233334444:role/target"}]
)
def test_a_namesake_elsewhere_is_not_the_invoking_pipeline(stepfunctions, codepipeline, elsewhere):
    # given a job that tells its pipeline's name alone, and a target of that name elsewhere
    wanted = {"pipelineName": "deploy", **elsewhere}
    job = Job(JOB_ID, NEW.account, NEW.function_name, json.dumps(wanted), None)
    details_are(codepipeline, {"data": {"pipelineContext": {"pipelineName": "deploy"}}})
    stepfunctions.add_response("start_execution", {"executionArn": RUN, "startDate": NOW})
    codepipeline.add_response("put_job_success_result", {})

    # when, then (the stubs check)
    answer(job, stepfunctions, codepipeline)


@pytest.mark.parametrize("deal", [answer, close])
@pytest.mark.parametrize(
    "parameters, token",
    [('{"pipelineName": "deploy"}', None), ("{}", None), ('{"pipelineName": "deploy"}', "token")],
    ids=["a first job", "a mistake", "a later job"],
)
def test_a_job_of_another_account_is_ignored_and_counted(
    stepfunctions, codepipeline, caplog, counted, deal, parameters, token
):
    # given a job that PutJobSuccessResult would look for in the wrong account
    job = Job(JOB_ID, "999988887777", NEW.function_name, parameters, token)

    # when
    deal(job, stepfunctions, codepipeline)

    # then nothing was asked, started or answered (the stubs check), and the log says why
    (warning,) = [one for one in caplog.records if one.levelname == "WARNING"]
    assert "belongs to another account" in warning.message
    assert (vars(warning)["job"], vars(warning)["jobAccount"]) == (JOB_ID, "999988887777")
    assert counted() == ["JobsIgnored"]


def test_bad_user_parameters_fail_the_action_at_once(stepfunctions, codepipeline):
    said: list[str] = []
    job = Job(JOB_ID, NEW.account, NEW.function_name, '{"pipelinName": "deploy"}', None)
    expect_failure(codepipeline, job, "ConfigurationError", said)

    answer(job, stepfunctions, codepipeline)

    assert "did you mean pipelineName?" in said[0]


@pytest.mark.parametrize("code", ["ThrottlingException", "ServiceUnavailable", "AccessDenied"])
@pytest.mark.interleaving(8)
def test_a_run_that_cannot_be_started_leaves_the_job_to_lambdas_retry(
    stepfunctions, codepipeline, code
):
    knows_job(codepipeline)
    stepfunctions.add_client_error("start_execution", code)

    with pytest.raises(ClientError, match=code):
        answer(NEW, stepfunctions, codepipeline)


@pytest.mark.interleaving(9)
def test_an_answer_that_fails_leaves_the_job_to_lambdas_retry(stepfunctions, codepipeline):
    knows_job(codepipeline)
    run_starts(stepfunctions)
    codepipeline.add_client_error("put_job_success_result", "ThrottlingException")

    with pytest.raises(JobUnanswered):
        answer(NEW, stepfunctions, codepipeline)


@pytest.mark.parametrize("code", ["InvalidJobStateException", "JobNotFoundException"])
@pytest.mark.interleaving(42)
def test_a_job_that_somebody_answered_is_left_as_it_is(stepfunctions, codepipeline, code):
    run_is(stepfunctions, "SUCCEEDED", output=json.dumps({"message": "It succeeded."}))
    codepipeline.add_client_error("put_job_success_result", code)

    answer(NEXT, stepfunctions, codepipeline)


@pytest.mark.interleaving(40)
def test_an_action_of_the_old_waiter_goes_on_without_a_second_start(stepfunctions, codepipeline):
    job = Job(
        JOB_ID,
        NEW.account,
        NEW.function_name,
        '{"targetname": "deploy", "trigger": true}',
        '{"previous_job_id": "0"}',
    )
    knows_job(codepipeline)
    document = {
        "pipelineName": "deploy",
        "mode": "latest",
        "onSuperseded": "follow",
        "onRestarted": "follow",
    }
    stepfunctions.add_response(
        "start_execution",
        {"executionArn": RUN, "startDate": NOW},
        {
            "stateMachineArn": MACHINE,
            "name": JOB_ID,
            "input": json.dumps({"job": {"id": JOB_ID}, "input": document}),
        },
    )
    codepipeline.add_response("put_job_success_result", {})

    answer(job, stepfunctions, codepipeline)


@pytest.mark.interleaving(2, 4, 41)
def test_a_repeated_delivery_finds_the_run_that_goes_on(stepfunctions, codepipeline):
    # StartExecution itself is idempotent while the run goes on
    knows_job(codepipeline)
    run_starts(stepfunctions)
    expect_still_running(codepipeline, NEW, f"Following deploy. Run: {RUN_LINK}")

    answer(NEW, stepfunctions, codepipeline)


@pytest.mark.interleaving(5)
def test_a_repeated_delivery_finds_the_run_that_has_ended(stepfunctions, codepipeline):
    # StartExecution refuses the name of a closed run
    knows_job(codepipeline)
    stepfunctions.add_client_error("start_execution", "ExecutionAlreadyExists")
    run_is(stepfunctions, "SUCCEEDED", output=json.dumps({"message": "It succeeded."}))
    codepipeline.add_response(
        "put_job_success_result",
        {},
        {
            "jobId": JOB_ID,
            "executionDetails": {"summary": "It succeeded.", "externalExecutionId": JOB_ID},
            "outputVariables": {},
        },
    )

    answer(NEW, stepfunctions, codepipeline)


def test_a_poll_says_where_the_target_stands_by_the_newest_event(stepfunctions, codepipeline):
    run_is(stepfunctions, "RUNNING")
    older = {**SNAPSHOT, "status": "older"}
    history_shows(
        stepfunctions,
        json.dumps({"no": "snapshot"}),
        json.dumps({"snapshot": SNAPSHOT}),
        json.dumps({"snapshot": older}),
    )
    expect_still_running(
        codepipeline,
        NEXT,
        "Waiting for deploy (account 111122223333, eu-west-1), execution "
        "aaaaaaaa-1111-2222-3333-444444444444, which is InProgress: "
        f"https://example.com/execution Run: {RUN_LINK}",
        SNAPSHOT["pipelineExecutionId"],
    )

    answer(NEXT, stepfunctions, codepipeline)


@pytest.mark.parametrize("readable", [True, False])
def test_a_poll_says_less_when_the_history_says_nothing(stepfunctions, codepipeline, readable):
    run_is(stepfunctions, "RUNNING")
    if readable:
        history_shows(stepfunctions, json.dumps("text"), json.dumps({}))
    else:
        stepfunctions.add_client_error("get_execution_history", "ThrottlingException")
    expect_still_running(codepipeline, NEXT, f"Following deploy. Run: {RUN_LINK}")

    answer(NEXT, stepfunctions, codepipeline)


def test_a_redriven_run_goes_on(stepfunctions, codepipeline):
    run_is(stepfunctions, "PENDING_REDRIVE")
    history_shows(stepfunctions)
    expect_still_running(codepipeline, NEXT, f"Following deploy. Run: {RUN_LINK}")

    answer(NEXT, stepfunctions, codepipeline)


def test_success_carries_the_output_variables(stepfunctions, codepipeline):
    result = {
        "message": "It succeeded.",
        "outcome": "Succeeded",
        "pipelineExecutionId": "aaaaaaaa-1111-2222-3333-444444444444",
        "link": "https://example.com/execution",
        "outputVariables": {"outcome": "Succeeded"},
    }
    run_is(stepfunctions, "SUCCEEDED", output=json.dumps(result))
    codepipeline.add_response(
        "put_job_success_result",
        {},
        {
            "jobId": NEXT.id,
            "executionDetails": {
                "summary": "It succeeded.\nhttps://example.com/execution",
                "externalExecutionId": "aaaaaaaa-1111-2222-3333-444444444444",
            },
            "outputVariables": {"outcome": "Succeeded"},
        },
    )

    answer(NEXT, stepfunctions, codepipeline)


ENDINGS = [
    # how the run ended, what the job is told, what the message says
    (
        "FAILED",
        {
            "error": "PipelineFailed",
            "cause": json.dumps(
                {"outcome": "Failed", "error": "PipelineFailed", "message": "It failed: why."}
            ),
        },
        "JobFailed",
        "It failed: why.",
    ),
    (
        "FAILED",
        {
            "error": "TargetRoleNotAssumable",
            "cause": json.dumps(
                {"outcome": "Error", "error": "TargetRoleNotAssumable", "message": "no such role"}
            ),
        },
        "PermissionError",
        "no such role",
    ),
    (
        "FAILED",
        {"error": "States.Runtime", "cause": "an expression failed"},
        "SystemUnavailable",
        "States.Runtime: an expression failed",
    ),
    ("FAILED", {}, "SystemUnavailable", "ended FAILED"),
    ("TIMED_OUT", {}, "SystemUnavailable", "ended TIMED_OUT"),
    (
        "ABORTED",
        {"error": "Maintenance", "cause": "by hand"},
        "SystemUnavailable",
        "was stopped in Step Functions (Maintenance: by hand)",
    ),
    (
        "FAILED",
        {
            "error": "ResultNotReported",
            "cause": json.dumps(
                {
                    "message": "could not be told",
                    "target": None,
                    "execution": None,
                    "report": {
                        "outcome": "Error",
                        "error": "InvalidInput",
                        "cause": json.dumps({"errorMessage": "pipelineName: missing."}),
                    },
                }
            ),
        },
        "ConfigurationError",
        "pipelineName: missing.",
    ),
]


@pytest.mark.parametrize(
    "cause",
    [
        {"outcome": "Succeeded", "message": "m"},
        {"outcome": "Succeeded", "error": "x", "message": "m"},
        {"report": {"outcome": "Succeeded"}, "target": None, "execution": None},
    ],
)
def test_whoever_stops_a_run_cannot_make_it_a_success(stepfunctions, codepipeline, cause):
    said: list[str] = []
    run_is(stepfunctions, "ABORTED", error="ResultNotReported", cause=json.dumps(cause))
    expect_failure(codepipeline, NEXT, "SystemUnavailable", said)

    answer(NEXT, stepfunctions, codepipeline)

    assert "was stopped in Step Functions" in said[0]


def test_a_cause_that_says_success_without_being_a_result_fails(stepfunctions, codepipeline):
    said: list[str] = []
    cause = json.dumps({"outcome": "Succeeded", "message": "m"})
    run_is(stepfunctions, "FAILED", error="Other", cause=cause)
    expect_failure(codepipeline, NEXT, "SystemUnavailable", said)

    answer(NEXT, stepfunctions, codepipeline)


@pytest.mark.parametrize("status, more, kind, words", ENDINGS)
def test_a_run_that_did_not_succeed_fails_the_action_with_its_reason(
    stepfunctions, codepipeline, status, more, kind, words
):
    said: list[str] = []
    run_is(stepfunctions, status, **more)
    expect_failure(codepipeline, NEXT, kind, said)

    answer(NEXT, stepfunctions, codepipeline)

    assert words in said[0]
    assert RUN_LINK in said[0] or "outcome" in more.get("cause", "")


@pytest.mark.interleaving(24)
def test_the_outcome_counts_and_not_the_status_of_a_run_that_could_not_report(
    stepfunctions, codepipeline
):
    # the target succeeded, ReportJobResult could not say so
    cause = {
        "message": "could not be told",
        "target": None,
        "execution": {"pipelineExecutionId": SNAPSHOT["pipelineExecutionId"], "startTime": None},
        "report": {"outcome": "Succeeded", "status": "Succeeded"},
    }
    run_is(stepfunctions, "FAILED", error="ResultNotReported", cause=json.dumps(cause))
    codepipeline.add_response("put_job_success_result", {})

    answer(NEXT, stepfunctions, codepipeline)


def test_a_run_that_is_gone_fails_the_action_and_says_so(stepfunctions, codepipeline):
    said: list[str] = []
    stepfunctions.add_client_error("describe_execution", "ExecutionDoesNotExist")
    expect_failure(codepipeline, NEXT, "SystemUnavailable", said, NEXT.id)

    answer(NEXT, stepfunctions, codepipeline)

    assert RUN in said[0]


@pytest.mark.parametrize("function", [answer, close])
def test_a_foreign_token_is_refused_and_nothing_is_read(stepfunctions, codepipeline, function):
    said: list[str] = []
    job = Job(JOB_ID, NEW.account, NEW.function_name, "other parameters", NEW.token())
    expect_failure(codepipeline, job, "ConfigurationError", said)

    function(job, stepfunctions, codepipeline)

    assert "another action" in said[0]


def test_a_status_that_cannot_be_read_leaves_the_job_to_lambdas_retry(stepfunctions, codepipeline):
    stepfunctions.add_client_error("describe_execution", "ThrottlingException")

    with pytest.raises(ClientError):
        answer(NEXT, stepfunctions, codepipeline)


def test_what_lambda_gave_up_goes_on_while_its_run_goes_on(stepfunctions, codepipeline):
    run_is(stepfunctions, "RUNNING")
    history_shows(stepfunctions)
    expect_still_running(codepipeline, NEXT, f"Following deploy. Run: {RUN_LINK}")

    close(NEXT, stepfunctions, codepipeline)


@pytest.mark.interleaving(1)
def test_what_lambda_gave_up_before_a_run_began_is_unavailable(stepfunctions, codepipeline):
    said: list[str] = []
    stepfunctions.add_client_error("describe_execution", "ExecutionDoesNotExist")
    expect_failure(codepipeline, NEW, "SystemUnavailable", said)

    close(NEW, stepfunctions, codepipeline)

    assert "RetriesExhausted" in said[0]
    assert "It never began." in said[0]


@pytest.mark.parametrize("code", ["ThrottlingException", "ServiceUnavailable"])
def test_what_lambda_gave_up_goes_on_while_the_status_cannot_be_read_for_the_moment(
    stepfunctions, codepipeline, code
):
    stepfunctions.add_client_error("describe_execution", code)
    summary = f"The status of the run {JOB_ID} cannot be read at present; asking again."
    expect_still_running(codepipeline, NEXT, summary)

    close(NEXT, stepfunctions, codepipeline)


def test_what_lambda_gave_up_is_closed_even_when_the_status_cannot_be_read(
    stepfunctions, codepipeline
):
    said: list[str] = []
    stepfunctions.add_client_error("describe_execution", "AccessDeniedException")
    expect_failure(codepipeline, NEW, "SystemUnavailable", said)

    close(NEW, stepfunctions, codepipeline)

    assert "RetriesExhausted" in said[0]
    assert "AccessDeniedException" in said[0]
