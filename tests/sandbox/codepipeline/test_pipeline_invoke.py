from __future__ import annotations

import json

import pytest

from codepipeline_sandbox.codepipeline import Act
from tests.sandbox.codepipeline.declarations import ACCOUNT, REGION, ROLE, action, stage

ARN = f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:deploy"
REVISION = {"actionName": "Checkout", "revisionType": "COMMIT_ID"}


def invoke(**configuration):
    configuration = {"PipelineName": "deploy", **configuration}
    return action("Go", "Invoke", "CodePipeline", configuration=configuration)


@pytest.fixture
def deploy(target):
    variables = [{"name": "Tag", "defaultValue": "none"}]
    return target(name="deploy", pipelineType="V2", variables=variables)


@pytest.fixture
def release(deploy, target):
    def make(**configuration):
        go = stage("Release", invoke(**configuration))
        return target(go, name="release", pipelineType="V2")

    return make


def result(pipeline):
    return pipeline.action("Go")["output"]["executionResult"]


@pytest.mark.rule("A8")
def test_the_action_starts_the_other_pipeline_and_does_not_wait(release, deploy, world, play):
    # given
    play("Build", "Compile", Act(outcome="Failed"), pipeline="deploy")
    pipeline = release()

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    [started] = deploy.summaries()
    assert started["status"] == "Failed"
    assert pipeline.status(execution_id) == "Succeeded"
    link = f"deploy/executions/{started['pipelineExecutionId']}/timeline?region={REGION}"
    assert result(pipeline)["externalExecutionId"] == started["pipelineExecutionId"]
    assert result(pipeline)["externalExecutionUrl"].endswith(link)
    assert pipeline.action("Go")["output"]["outputVariables"] == {}


@pytest.mark.rule("A8")
def test_the_pipelines_role_starts_the_other_pipeline(
    release, deploy, world, isolated_codepipeline
):
    # when
    release().start()
    world.run()

    # then
    assert isolated_codepipeline.access.asked == [
        (ROLE, "codepipeline:StartPipelineExecution", ARN)
    ]
    [started] = deploy.summaries()
    assert started["trigger"]["triggerType"] == "StartPipelineExecution"
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/pipeline/"
    assert started["trigger"]["triggerDetail"].startswith(session)


@pytest.mark.rule("A8")
def test_variables_and_source_revisions_are_passed_on(release, deploy, world):
    # given
    revision = {**REVISION, "revisionValue": "0123abc"}
    pipeline = release(
        Variables='[{"name": "Tag", "value": "#{codepipeline.PipelineExecutionId}"}]',
        SourceRevisions=json.dumps([revision]),
    )

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    [started] = deploy.summaries()
    assert [each["revisionId"] for each in started["sourceRevisions"]] == ["0123abc"]
    variables = deploy.execution(started["pipelineExecutionId"])["variables"]
    assert variables == [{"name": "Tag", "resolvedValue": execution_id}]


@pytest.mark.rule("A8")
@pytest.mark.parametrize(
    "acts,status", [([Act(600)], "Succeeded"), ([Act(600, "Failed")], "Failed")]
)
def test_the_action_can_wait_and_end_like_the_other_pipeline(
    release, deploy, world, play, behave, acts, status
):
    # given
    behave(pipeline_invoke_waits=True)
    play("Build", "Compile", *acts, pipeline="deploy")
    pipeline = release()

    # when
    execution_id = pipeline.start()
    world.run(world.now + 300)
    before = pipeline.status(execution_id)
    world.run()

    # then
    assert before == "InProgress"
    assert pipeline.status(execution_id) == status
    assert result(pipeline)["externalExecutionSummary"] == f"Execution {status}"
    [started] = deploy.summaries()
    assert started["status"] == status


@pytest.mark.rule("A8")
def test_an_abandoned_action_no_longer_follows_the_other_pipeline(
    release, deploy, world, play, behave
):
    # given
    behave(pipeline_invoke_waits=True)
    play("Build", "Compile", Act(600), pipeline="deploy")
    pipeline = release()
    execution_id = pipeline.start()
    world.run(world.now + 300)

    # when
    pipeline.stop(execution_id, abandon=True)
    world.run()

    # then
    assert pipeline.action("Go")["status"] == "Abandoned"
    assert deploy.summaries()[0]["status"] == "Succeeded"


@pytest.mark.rule("A9")
@pytest.mark.parametrize(
    "configuration,words",
    [
        ({"PipelineName": "nobody"}, "does not have a pipeline with name 'nobody'"),
        ({"Variables": '[{"name": "Color", "value": "red"}]'}, "['Color']"),
        ({"Variables": '[{"name": "Tag", "value": ""}]'}, "greater than or equal to 1"),
        ({"Variables": '{"Tag": "1"}'}, "can not be converted to list"),
        ({"Variables": "Tag=1"}, "not JSON"),
        (
            {
                "SourceRevisions": json.dumps(
                    [{**REVISION, "actionName": "X", "revisionValue": "1"}]
                )
            },
            "no source actions ['X']",
        ),
        ({"SourceRevisions": json.dumps([REVISION])}, "revisionValue"),
    ],
)
def test_an_error_from_startpipelineexecution_fails_the_action(
    release, deploy, world, configuration, words
):
    # given
    pipeline = release(**configuration)

    # when
    pipeline.start()
    world.run()

    # then
    details = result(pipeline)["errorDetails"]
    assert details["code"] == "JobFailed"
    assert words in details["message"]
    assert deploy.summaries() == []


@pytest.mark.rule("A9")
def test_too_many_executions_fail_the_action(target, world, behave):
    # given
    behave(concurrent_executions=1, pipeline_not_started_code="SystemUnavailable")
    deploy = target(name="deploy", pipelineType="V2", executionMode="QUEUED")
    deploy.start()
    pipeline = target(stage("Release", invoke()), name="release", pipelineType="V2")

    # when
    pipeline.start()
    world.run()

    # then
    details = result(pipeline)["errorDetails"]
    assert details["code"] == "SystemUnavailable"
    assert "limit of 1 concurrent" in details["message"]


@pytest.mark.rule("A3")
def test_a_role_without_permission_to_start_it_fails_the_action(
    release, deploy, world, isolated_codepipeline
):
    # given
    isolated_codepipeline.access.denied.add("codepipeline:StartPipelineExecution")
    pipeline = release()

    # when
    pipeline.start()
    world.run()

    # then
    details = result(pipeline)["errorDetails"]
    assert details["code"] == "PermissionError"
    assert "codepipeline:StartPipelineExecution" in details["message"]
    assert deploy.summaries() == []


@pytest.mark.rule("A8")
def test_the_action_takes_no_artifacts(target, refused):
    with refused("InvalidActionDeclarationException", "limit of 0"):
        go = {**invoke(), "inputArtifacts": [{"name": "App"}]}
        target(stage("Release", go), pipelineType="V2")
