from __future__ import annotations

import copy
from typing import Any

import pytest

from codepipeline_orchestrator.errors import InvalidContinuationToken, InvalidInput
from codepipeline_orchestrator.job.job import Job
from codepipeline_orchestrator.job.token import Token

EVENT: dict[str, Any] = {
    "CodePipeline.job": {
        "id": "11111111-abcd-1111-abcd-111111abcdef",
        "accountId": "111122223333",
        "data": {
            "actionConfiguration": {
                "configuration": {
                    "FunctionName": "orchestrator-job",
                    "UserParameters": '{"pipelineName": "deploy"}',
                }
            },
            "inputArtifacts": [],
            "outputArtifacts": [],
            "artifactCredentials": {
                "accessKeyId": "canary-access-key",
                "secretAccessKey": "canary-secret-key",
                "sessionToken": "canary-session-token",
            },
        },
    }
}


def event(token=None, **configuration):
    made = copy.deepcopy(EVENT)
    data = made["CodePipeline.job"]["data"]
    data["actionConfiguration"]["configuration"] |= configuration
    if token is not None:
        data["continuationToken"] = token
    return made


FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:orchestrator-job"


def test_a_job_is_read_from_its_event_and_the_function_that_received_it():
    job = Job.of(event(), FUNCTION)
    assert job.id == "11111111-abcd-1111-abcd-111111abcdef"
    assert (job.account, job.function_name) == ("111122223333", "orchestrator-job")
    assert job.user_parameters == '{"pipelineName": "deploy"}'
    assert job.continuation_token is None


@pytest.mark.parametrize(
    "arn, account, name",
    [
        (FUNCTION, "111122223333", "orchestrator-job"),
        (f"{FUNCTION}:live", "111122223333", "orchestrator-job"),
        (f"{FUNCTION}:$LATEST", "111122223333", "orchestrator-job"),
        (None, None, None),
        ("orchestrator-job", None, None),
        ("arn:aws:lambda:eu-west-1:111122223333:function", None, None),
    ],
)
def test_without_an_account_in_the_event_the_account_of_the_function_is_used(arn, account, name):
    made = event()
    del made["CodePipeline.job"]["accountId"]
    job = Job.of(made, arn)
    assert (job.account, job.function_name) == (account, name)


def test_a_job_does_not_contain_the_credentials_of_its_event():
    assert "canary" not in repr(Job.of(event()))


def test_user_parameters_may_be_absent():
    made = event()
    del made["CodePipeline.job"]["data"]["actionConfiguration"]["configuration"]["UserParameters"]
    assert Job.of(made).user_parameters is None


def test_the_first_job_of_an_action_starts_a_run():
    assert Job.of(event()).begins


@pytest.mark.interleaving(40)
def test_a_job_with_a_token_of_the_old_waiter_starts_a_run():
    job = Job.of(event(token='{"previous_job_id": "0"}'))
    assert (job.begins, job.has_waiters_token) == (True, True)


def test_a_later_job_has_the_token_of_its_run():
    token = Token("run-1", "secret", 2)
    job = Job.of(event(token=token.text))
    assert (job.begins, job.has_waiters_token, job.token) == (False, False, token)


def test_a_job_with_a_foreign_token_is_refused_and_starts_nothing():
    job = Job.of(event(token="MY_TOKEN"))
    assert not job.begins
    with pytest.raises(InvalidContinuationToken):
        _ = job.token


def test_any_other_event_is_not_a_job():
    with pytest.raises(InvalidInput, match="contains no CodePipeline job"):
        Job.of({"source": "aws.events"})
