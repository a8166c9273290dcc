from __future__ import annotations

import pytest

from tests.contract import shared
from tests.contract.aws import refusal
from tests.contract.pipelines import Pipeline, stage, work

pytestmark = pytest.mark.aws_verified


@pytest.mark.rule("W3", "W4", "W8", "J7")
def test_a_job_belongs_to_the_worker_that_acknowledges_it_first(aws):
    pipeline = Pipeline(aws, stage("Go", work(text="hello")))
    execution = pipeline.start()
    (first,) = aws.until(pipeline.polled, within=180)
    (second,) = aws.until(pipeline.polled, what="the job is polled again")
    acknowledge = pipeline.client.acknowledge_job
    early = refusal(lambda: pipeline.client.put_job_success_result(jobId=first["id"]))
    status = acknowledge(jobId=first["id"], nonce=second["nonce"])["status"]
    other = refusal(lambda: acknowledge(jobId=first["id"], nonce=first["nonce"]))
    details = pipeline.client.get_job_details(jobId=first["id"])["jobDetails"]["data"]
    shown = {"externalExecutionId": "run-1", "summary": "working"}
    result = {"jobId": first["id"], "executionDetails": shown}
    pipeline.client.put_job_success_result(**result)
    pipeline.ended(execution)
    (state,) = pipeline.state("Go")["actionStates"]

    assert first["id"] == second["id"]
    assert early == "InvalidJobStateException"
    assert (status, other) == ("InProgress", "InvalidNonceException")
    assert details["pipelineContext"]["pipelineExecutionId"] == execution
    assert details["pipelineContext"]["pipelineName"] == pipeline.name
    assert state["entityUrl"] == f"https://example.com/{pipeline.name}"
    url = state["latestExecution"]["externalExecutionUrl"]
    assert url == f"https://example.com/{pipeline.name}/run-1"


@pytest.mark.rule("W5")
def test_the_next_job_of_a_worker_contains_the_token(aws):
    pipeline = Pipeline(aws, stage("Go", work()))
    execution = pipeline.start()
    first = pipeline.job()
    first.succeed(continuationToken="next")
    second = pipeline.job()
    second.succeed()

    assert second.id != first.id
    assert second.data["continuationToken"] == "next"
    assert pipeline.ended(execution) == "Succeeded"


def new_type(aws, **changed):
    settings = {
        "category": "Test",
        "provider": aws.name("type"),
        "version": "1",
        "inputArtifactDetails": {"minimumCount": 0, "maximumCount": 0},
        "outputArtifactDetails": {"minimumCount": 0, "maximumCount": 0},
        "tags": aws.tags("key", "value"),
        **changed,
    }
    return lambda: aws.client("codepipeline").create_custom_action_type(**settings), settings


def setting(name, **changed):
    return {"name": name, "required": True, "key": True, "secret": False, **changed}


@pytest.mark.rule("W1")
def test_action_types_with_invalid_properties_are_refused(aws):
    optional, _ = new_type(
        aws, configurationProperties=[setting("A", required=False, queryable=True)]
    )
    unknown, _ = new_type(aws, settings={"entityUrlTemplate": "https://example.com/{Config:B}"})

    assert refusal(optional) == "ValidationException"
    assert refusal(unknown) == "ValidationException"


@pytest.mark.rule("W2", "W7")
def test_a_deleted_type_has_no_jobs(aws):
    create, settings = new_type(aws)
    client = aws.client("codepipeline")
    create()
    named = {name: settings[name] for name in ("category", "provider", "version")}
    kind = {**named, "owner": "Custom"}
    typed = f"actiontype:Custom/Test/{named['provider']}/1"
    arn = f"arn:aws:codepipeline:{aws.region}:{aws.account}:{typed}"
    tags = client.list_tags_for_resource(resourceArn=arn)["tags"]
    before = refusal(lambda: client.poll_for_jobs(actionTypeId=kind))
    client.delete_custom_action_type(**named)
    after = refusal(lambda: client.poll_for_jobs(actionTypeId=kind))
    other, _ = new_type(aws, **{**named, "settings": {"entityUrlTemplate": "https://example.com"}})

    assert tags == aws.tags("key", "value")
    assert before is None
    assert after == "ActionTypeNotFoundException"
    assert refusal(other) is not None


@pytest.mark.rule("J14")
def test_permission_for_a_pipeline_does_not_allow_an_answer(aws):
    pipeline = Pipeline(aws, stage("Go", work()))
    pipeline.start()
    job = pipeline.job()
    arn = f"arn:aws:codepipeline:{aws.region}:{aws.account}:{pipeline.name}"

    def answering(resource):
        allowed = {
            "Effect": "Allow",
            "Action": "codepipeline:PutJobSuccessResult",
            "Resource": resource,
        }
        me = {"AWS": f"arn:aws:iam::{aws.account}:root"}
        role = shared.role(aws, "answering", me, allowed)
        aws.wait(10)
        session = aws.accepted(
            lambda: aws.client("sts").assume_role(RoleArn=role, RoleSessionName="answering")
        )["Credentials"]
        client = aws.client_of("codepipeline", session)
        return refusal(lambda: client.put_job_success_result(jobId=job.id))

    assert answering([arn, f"{arn}/*"]) in {"AccessDenied", "AccessDeniedException"}
    assert answering("*") is None
