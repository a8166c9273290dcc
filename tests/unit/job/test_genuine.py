from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from codepipeline_orchestrator.aws.answers import PipelineContext
from codepipeline_orchestrator.errors import JobNotGenuine
from codepipeline_orchestrator.job.genuine import Genuine, compare
from codepipeline_orchestrator.job.job import Job
from tests.unit.job.actions import ACCOUNT, FIRST, MACHINE, NoSuchJob, refused

JOB = Job(FIRST, ACCOUNT, "job-function", '{"pipelineName": "deploy"}', "token")


def details(context="e1", **changed):
    configuration = {
        "FunctionName": changed.pop("function", "job-function"),
        "UserParameters": changed.pop("parameters", JOB.user_parameters),
    }
    data = {
        "actionConfiguration": {
            "configuration": {name: value for name, value in configuration.items() if value}
        },
        "pipelineContext": {"pipelineName": "release", "pipelineExecutionId": context},
        "continuationToken": changed.pop("token", "token"),
    }
    return {"id": FIRST, "accountId": ACCOUNT, "data": data, **changed}


def compared(answer, job=JOB):
    def get_job_details(*, jobId):  # noqa: N803 - AWS's name
        assert jobId == job.id
        if isinstance(answer, Exception):
            raise answer
        return {"jobDetails": answer}

    codepipeline: Any = SimpleNamespace(
        exceptions=SimpleNamespace(JobNotFoundException=NoSuchJob), get_job_details=get_job_details
    )
    return compare(job, state_machine_arn=MACHINE, codepipeline=codepipeline)


def is_refused(caplog, counted, answer, job=JOB):
    with pytest.raises(JobNotGenuine) as caught:
        compared(answer, job)
    assert counted() == ["JobsRefused"]
    [warning] = [each for each in caplog.records if each.levelname == "WARNING"]
    assert vars(warning)["reason"] in str(caught.value)
    return vars(warning)["reason"]


ARN = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:job-function"


@pytest.mark.parametrize(
    "function",
    [
        "job-function",
        "job-function:live",
        "job-function:$LATEST",
        ARN,
        f"{ARN}:live",
        f"{ARN}:7",
        ARN.replace("arn:aws:", "arn:aws-us-gov:"),
        f"{ACCOUNT}:function:job-function",
        f"{ACCOUNT}:function:job-function:live",
    ],
)
def test_every_form_of_the_function_name_that_lambda_accepts_matches(function):
    assert compared(details(function=function)).context.pipeline_execution_id == "e1"


@pytest.mark.interleaving(47)
@pytest.mark.parametrize(
    "function",
    [
        "other",
        "job-function-2",
        "other:job-function",
        ARN.replace("job-function", "other"),
        f"{ARN.replace('job-function', 'other')}:job-function",
        f"{ACCOUNT}:function:other",
    ],
)
def test_a_job_of_another_function_is_refused(caplog, counted, function):
    assert is_refused(caplog, counted, details(function=function)) == "the function differs"


@pytest.mark.interleaving(47)
@pytest.mark.parametrize(
    "changed, why",
    [
        ({"parameters": '{"pipelineName": "other"}'}, "UserParameters differs"),
        ({"token": "other"}, "the continuation token differs"),
        ({"accountId": "999988887777"}, "the account differs"),
    ],
)
def test_an_event_that_differs_from_the_job_is_refused(caplog, counted, changed, why):
    assert is_refused(caplog, counted, details(**changed)) == why


@pytest.mark.interleaving(47)
@pytest.mark.parametrize(
    "changed, why",
    [
        ({"user_parameters": None}, "UserParameters differs"),
        ({"continuation_token": None}, "the continuation token differs"),
    ],
)
def test_an_event_with_a_missing_field_is_refused(caplog, counted, changed, why):
    assert is_refused(caplog, counted, details(), replace(JOB, **changed)) == why


def test_an_unknown_function_name_is_not_compared():
    assert compared(details(), replace(JOB, function_name=None)).context.pipeline_name == "release"


@pytest.mark.interleaving(47)
def test_a_job_that_codepipeline_does_not_know_is_refused(caplog, counted):
    assert is_refused(caplog, counted, NoSuchJob()) == "CodePipeline has no such job"


@pytest.mark.parametrize("answer", [{}, refused("AccessDeniedException")])
def test_a_job_of_another_account_is_always_refused(counted, answer):
    job = replace(JOB, account="999988887777")
    with pytest.raises(JobNotGenuine, match="the account differs"):
        compared(answer, job)
    assert counted() == ["JobsRefused"]


@pytest.mark.parametrize(
    "answer",
    [{}, {"data": {}}, details(function=None, parameters=None, token=None)],
    ids=["nothing", "no data", "no configuration"],
)
def test_details_that_codepipeline_omits_are_not_compared(answer):
    job = replace(JOB, function_name="any", user_parameters="any", continuation_token="any")
    assert isinstance(compared(answer, job).context, PipelineContext)


@pytest.mark.parametrize(
    "error",
    [refused("AccessDeniedException"), refused("ValidationException")],
    ids=["denied", "invalid"],
)
def test_an_event_is_trusted_when_access_to_the_details_is_denied(caplog, error):
    assert compared(error).context.pipeline_name is None
    [warning] = [each for each in caplog.records if each.levelname == "WARNING"]
    assert warning.message == "the job could not be compared"


NO_TOKEN = "CodePipeline does not return its continuation token"


@pytest.mark.interleaving(48)
@pytest.mark.parametrize(
    "answer, token, may_be_blamed",
    [
        (details(), "token", True),
        (details(token=None), None, True),
        (details(token=None), "forged", False),
        ({}, "any", True),  # no details, for example because access is denied
        (refused("AccessDeniedException"), "any", True),
    ],
)
def test_a_job_fails_for_its_token_only_if_the_token_is_certain(
    counted, answer, token, may_be_blamed
):
    job = replace(JOB, continuation_token=token)
    assert compared(answer, job).may_be_blamed(job) is may_be_blamed
    assert counted() == [] if may_be_blamed else ["JobsRefused"]


@pytest.mark.interleaving(40, 47)
def test_a_token_of_the_old_waiter_must_be_certain_because_it_starts_a_run(caplog, counted):
    job = replace(JOB, continuation_token='{"previous_job_id": "0"}')
    assert is_refused(caplog, counted, details(token=None), job) == NO_TOKEN
    assert compared(details(token=job.continuation_token), job).has_token


@pytest.mark.parametrize(
    "error",
    [
        refused("ThrottlingException"),
        refused("TooManyRequestsException", 429),
        refused("InternalFailure", 500),
        refused("ServiceUnavailable", 503),
        ClientError({}, "GetJobDetails"),
        EndpointConnectionError(endpoint_url="https://codepipeline"),
    ],
)
def test_a_temporary_error_makes_lambda_retry_the_event(error):
    with pytest.raises(type(error)) as caught:
        compared(error)
    assert caught.value is error


@pytest.mark.parametrize("has_token", [True, False])
def test_an_action_fails_for_its_token_only_if_codepipeline_confirms_it(caplog, counted, has_token):
    genuine = Genuine(PipelineContext(), has_token)
    assert genuine.may_be_blamed(JOB) is has_token
    assert counted() == ([] if has_token else ["JobsRefused"])
    reasons = [vars(record)["reason"] for record in caplog.records]
    expected = "CodePipeline does not return its continuation token"
    assert reasons == ([] if has_token else [expected])
