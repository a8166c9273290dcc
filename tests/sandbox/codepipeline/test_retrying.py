from __future__ import annotations

import pytest

from codepipeline_sandbox.codepipeline import Act
from tests.sandbox.codepipeline.declarations import action, function, stage

BUILD = stage("Build", action("Good"), action("Bad"), action("Later", runOrder=2))
FAILED = Act(outcome="Failed", error_message="no")


@pytest.fixture
def failed(target, world, play):
    play("Build", "Bad", FAILED, Act(duration=30))
    pipeline = target(BUILD, stage("Deploy", action("Ship")))
    execution_id = pipeline.start()
    world.run()
    assert pipeline.status(execution_id) == "Failed"
    return pipeline, execution_id


@pytest.mark.rule("E15")
def test_a_retry_resumes_the_same_execution_and_runs_the_failed_actions(failed, world):
    # given
    pipeline, execution_id = failed

    # when
    answered = pipeline.retry(execution_id, "Build")
    at_once = pipeline.status(execution_id)
    world.run()

    # then
    assert answered == execution_id
    assert at_once == "InProgress"
    assert pipeline.status(execution_id) == "Succeeded"
    names = [each["actionName"] for each in pipeline.actions(execution_id)]
    assert sorted(names[:3]) == ["Bad", "Checkout", "Good"]
    assert names[3:] == ["Bad", "Later", "Ship"]


@pytest.mark.rule("E15")
@pytest.mark.parametrize("kept", [False, True])
def test_a_retried_action_gets_a_new_job(
    client, target, world, isolated_codepipeline, behave, refused, kept
):
    # given
    behave(retry_keeps_action_execution_id=kept)
    pipeline = target(stage("Wait", function()))
    execution_id = pipeline.start()
    world.run(world.now + 10)
    first = isolated_codepipeline.functions.job_id
    failure = {"type": "JobFailed", "message": "no"}
    client.put_job_failure_result(jobId=first, failureDetails=failure)
    world.run(world.now)

    # when
    pipeline.retry(execution_id, "Wait")
    world.run(world.now + 10)

    # then
    second = isolated_codepipeline.functions.job_id
    assert second != first
    with refused("InvalidJobStateException"):
        client.put_job_success_result(jobId=first)
    client.put_job_success_result(jobId=second)
    world.run()
    assert pipeline.status(execution_id) == "Succeeded"


@pytest.mark.rule("E15")
def test_a_retry_of_all_actions_runs_them_all(failed, world):
    # given
    pipeline, execution_id = failed

    # when
    pipeline.retry(execution_id, "Build", "ALL_ACTIONS")
    world.run()

    # then
    names = [each["actionName"] for each in pipeline.actions(execution_id)]
    assert names.count("Good") == names.count("Bad") == 2
    assert pipeline.status(execution_id) == "Succeeded"


@pytest.mark.rule("S5")
def test_the_stage_shows_how_many_times_it_was_retried(failed, world):
    # given
    pipeline, execution_id = failed
    assert "retryStageMetadata" not in pipeline.stages()["Build"]

    # when
    pipeline.retry(execution_id, "Build")
    world.run()

    # then
    assert pipeline.stages()["Build"]["retryStageMetadata"] == {
        "manualStageRetryAttempt": 1,
        "latestRetryTrigger": "ManualStageRetry",
    }


@pytest.mark.rule("E15")
@pytest.mark.parametrize("kept,ids", [(False, 2), (True, 1)])
def test_a_retried_action_can_have_a_new_id_or_keep_its_old_one(failed, world, behave, kept, ids):
    # given
    behave(retry_keeps_action_execution_id=kept)
    pipeline, execution_id = failed

    # when
    pipeline.retry(execution_id, "Build")
    world.run()

    # then
    runs = [each for each in pipeline.actions(execution_id) if each["actionName"] == "Bad"]
    assert len(runs) == 2
    assert len({each["actionExecutionId"] for each in runs}) == ids


@pytest.mark.rule("E17")
def test_a_stopped_stage_can_be_retried(target, world, play):
    # given
    play("Build", "Good", Act(duration=60), Act())
    pipeline = target(BUILD)
    execution_id = pipeline.start()
    world.run(world.now + 10)
    pipeline.stop(execution_id, abandon=True, reason="later")
    world.run()

    # when
    pipeline.retry(execution_id, "Build")
    world.run()

    # then
    assert pipeline.status(execution_id) == "Succeeded"
    assert "stopTrigger" not in pipeline.summaries()[0]


@pytest.mark.rule("E16")
def test_only_the_latest_execution_in_a_stage_can_be_retried(failed, world, refused):
    # given
    pipeline, old = failed
    new = pipeline.start()
    world.run()

    # when, then
    with refused("NotLatestPipelineExecutionException", new):
        pipeline.retry(old, "Build")
    with refused("NotLatestPipelineExecutionException"):
        pipeline.retry("00000000-0000-0000-0000-000000000000", "Build")


@pytest.mark.rule("E16")
def test_a_stage_without_a_failure_cannot_be_retried(failed, world, refused):
    # given
    pipeline, execution_id = failed

    # when, then
    with refused("StageNotRetryableException", "Succeeded"):
        pipeline.retry(execution_id, "Source")
    with refused("StageNotRetryableException", "has not run yet"):
        pipeline.retry(execution_id, "Deploy")
    with refused("StageNotFoundException", "'Test'"):
        pipeline.retry(execution_id, "Test")
    pipeline.retry(execution_id, "Build")
    with refused("StageNotRetryableException", "InProgress"):
        pipeline.retry(execution_id, "Build")
    world.run()


@pytest.mark.rule("E16")
def test_a_changed_pipeline_cannot_be_retried(client, failed, refused):
    # given
    pipeline, execution_id = failed

    # when
    client.update_pipeline(pipeline=pipeline.declaration)

    # then
    with refused("StageNotRetryableException", "structure has changed"):
        pipeline.retry(execution_id, "Build")


def test_parallel_executions_are_retried_independently(target, world, play):
    # given
    play("Build", "Bad", FAILED, FAILED, Act())
    pipeline = target(BUILD, pipelineType="V2", executionMode="PARALLEL")
    ids = [pipeline.start(), pipeline.start()]
    world.run()

    # when
    for each in ids:
        pipeline.retry(each, "Build")
    world.run()

    # then
    assert [pipeline.status(each) for each in ids] == ["Succeeded", "Succeeded"]
