"""The job in CodePipeline's event, and the token that carries a run from job to job."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepipeline_orchestrator.errors import InvalidContinuationToken, InvalidInput
from codepipeline_orchestrator.job.job import Job

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


def test_a_new_job_belongs_to_the_run_of_its_own_name():
    job = Job.of(event())
    assert job.run == job.id == "11111111-abcd-1111-abcd-111111abcdef"
    assert job.user_parameters == '{"pipelineName": "deploy"}'


def test_a_job_knows_nothing_of_the_events_credentials():
    assert "canary" not in repr(Job.of(event()))
    assert "canary" not in Job.of(event()).token()


def test_user_parameters_may_be_absent():
    made = event()
    del made["CodePipeline.job"]["data"]["actionConfiguration"]["configuration"]["UserParameters"]
    assert Job.of(made).user_parameters is None


def test_the_next_job_of_the_action_belongs_to_the_first_jobs_run():
    # given the token of a first job
    first = Job.of(event())

    # when CodePipeline brings it back with another job, and again
    second = event(token=first.token())
    second["CodePipeline.job"]["id"] = "22222222-abcd-1111-abcd-111111abcdef"
    third = event(token=Job.of(second).token())

    # then both belong to the same run
    assert Job.of(second).run == Job.of(third).run == first.id


@pytest.mark.parametrize(
    "other", [{"UserParameters": '{"pipelineName": "other"}'}, {"FunctionName": "other"}]
)
def test_a_token_of_another_action_is_refused(other):
    job = Job.of(event(token=Job.of(event()).token(), **other))
    with pytest.raises(InvalidContinuationToken, match="another action"):
        _ = job.run


@pytest.mark.parametrize(
    "token",
    [
        "[" * 2_000,
        "{}",
        "[]",
        "3",
        "null",
        '{"run": "x"}',
        "MY_TOKEN",
        '{"run": "x", "action": "y"}',
    ],
)
def test_a_token_that_is_not_ours_is_refused(token):
    with pytest.raises(InvalidContinuationToken, match=r"^The job's .* the action then begins"):
        _ = Job.of(event(token=token)).run


@given(st.text() | st.integers() | st.none() | st.lists(st.text()))
def test_a_run_name_in_a_token_cannot_be_anything_else(name):
    job = Job.of(event())
    forged = json.dumps({**json.loads(job.token()), "run": name})
    allowed = isinstance(name, str) and name.isascii() and name.replace("-", "a").isidentifier()
    if allowed:
        return
    try:
        run = Job.of(event(token=forged)).run
    except InvalidContinuationToken:
        return
    assert run.replace("-", "").replace("_", "").isalnum()
    assert run.isascii()


@pytest.mark.interleaving(40)
def test_a_token_of_the_old_waiter_begins_a_run_that_starts_nothing():
    job = Job.of(event(token='{"previous_job_id": "0"}'))
    assert job.begins
    assert job.has_waiters_token
    assert job.run == job.id


@pytest.mark.parametrize("token", [None, '{"run": "x", "action": "y"}', "[1]", "x"])
def test_other_tokens_are_not_the_old_waiters(token):
    assert not Job.of(event(token=token)).has_waiters_token


def test_a_token_is_short_and_the_same_in_every_version():
    # A job that waits through an upgrade comes back with the older version's.
    assert Job.of(event()).token() == (
        '{"run":"11111111-abcd-1111-abcd-111111abcdef","action":"422402a34d2e1909bad2742c2ef74965"}'
    )


def test_any_other_event_is_no_job():
    with pytest.raises(InvalidInput, match="holds no job"):
        Job.of({"source": "aws.events"})
