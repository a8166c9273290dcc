from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from codepipeline_orchestrator.aws.answers import PipelineContext, read_answer
from codepipeline_orchestrator.errors import (
    InvalidInput,
    JobsUnavailable,
    TargetIsInvokingPipeline,
)
from codepipeline_orchestrator.job.first_job import start_run
from codepipeline_orchestrator.job.job import Job
from codepipeline_sandbox.faults import CallFault
from tests.unit.job.actions import (
    ACCOUNT,
    CONTEXT,
    FAILED,
    FIRST,
    MACHINE,
    UNKNOWN,
    Answers,
    Runs,
    refused,
)

DEPLOY = {"pipelineName": "deploy"}
ARN = f"arn:aws:codepipeline:eu-west-1:{ACCOUNT}:deploy"


@pytest.fixture
def started(jobs):
    def do(parameters=DEPLOY, *, context=CONTEXT, token=None, **runs):
        text = parameters if isinstance(parameters, str) else json.dumps(parameters)
        job = Job(FIRST, ACCOUNT, "job-function", text, token)
        stepfunctions: Any = Runs(**runs)
        codepipeline: Any = Answers()
        start_run(
            job,
            context,
            state_machine_arn=MACHINE,
            jobs=jobs,
            stepfunctions=stepfunctions,
            codepipeline=codepipeline,
        )
        return codepipeline.jobs, stepfunctions.started

    return do


def test_a_run_is_named_after_its_job_and_receives_only_the_digest_of_the_secret(started, raw):
    answered, [run] = started()
    item = raw(FIRST)
    assert answered == []
    assert (run["stateMachineArn"], run["name"]) == (MACHINE, FIRST)
    assert json.loads(run["input"]) == {
        "job": {"id": FIRST, "secret": item["digest"]},
        "input": DEPLOY,
    }
    assert item["secret"] not in run["input"]


@pytest.mark.interleaving(2, 3)
def test_a_second_delivery_starts_the_same_run(started):
    assert started() == started()


@pytest.mark.interleaving(4, 5)
@pytest.mark.parametrize("status", ["RUNNING", "SUCCEEDED"])
def test_a_run_that_was_already_started_is_not_started_again(started, status):
    started()
    assert started(status=status) == ([], [])


@pytest.mark.interleaving(5)
def test_an_action_with_a_stored_answer_gets_it_and_starts_nothing(started, jobs):
    started()
    jobs.end_unbegun(FIRST, FIRST, FAILED)
    assert started() == ([FIRST], [])


@pytest.mark.interleaving(8)
def test_a_run_that_cannot_be_started_makes_lambda_retry_the_event(started):
    with pytest.raises(ClientError):
        started(error=refused("ThrottlingException"))
    assert len(started()[1]) == 1


@pytest.mark.interleaving(41)
def test_without_the_table_nothing_is_started(cloud, started, raw):
    fault = CallFault("unavailable", "dynamodb:UpdateItem", callers="everybody", times=3)
    cloud.faults.add(fault)
    with pytest.raises(JobsUnavailable):
        started()
    assert raw(FIRST) is None
    assert len(started()[1]) == 1


@pytest.mark.parametrize("parameters", ["{", "{}", '{"pipelinName": "deploy"}', None])
def test_a_mistake_in_the_action_is_refused_before_anything_starts(started, raw, parameters):
    with pytest.raises(InvalidInput):
        started("" if parameters is None else parameters)
    assert raw(FIRST) is None


@pytest.mark.interleaving(40)
def test_an_action_of_the_old_waiter_follows_the_latest_execution(started):
    wanted = {"targetname": "deploy", "trigger": True}
    _, [run] = started(wanted, token='{"previous_job_id": "0"}')
    assert json.loads(run["input"])["input"]["mode"] == "latest"


def context(**known):
    return read_answer(PipelineContext, known)


@pytest.mark.parametrize(
    "where",
    [
        context(pipelineName="deploy", pipelineArn=ARN, pipelineExecutionId="e1"),
        context(pipelineArn=ARN),
        context(pipelineName="deploy"),
    ],
    ids=["full", "the ARN alone", "the name alone"],
)
def test_the_invoking_pipeline_is_refused_as_its_own_target(started, raw, where):
    with pytest.raises(TargetIsInvokingPipeline, match="deploy names itself as its target"):
        started(context=where)
    assert raw(FIRST) is None


@pytest.mark.parametrize(
    "more, where",
    [
        ({"region": "us-east-1"}, context(pipelineName="deploy")),
        (
            {"roleArn": "arn:aws:iam::222233334444:role/target"},
            context(pipelineName="deploy", pipelineArn=ARN),
        ),
        ({}, context(pipelineArn=ARN.replace("eu-west-1", "us-east-1"))),
        ({}, UNKNOWN),
    ],
)
def test_a_pipeline_of_the_same_name_elsewhere_is_not_the_invoking_pipeline(started, more, where):
    assert len(started({**DEPLOY, **more}, context=where)[1]) == 1
