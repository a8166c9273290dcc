from __future__ import annotations

import json

import pytest

from codepipeline_sandbox.codepipeline import Act
from tests.sandbox.codepipeline.declarations import action, stage

FAILED = Act(outcome="Failed", error_message="no")
V2 = {"pipelineType": "V2"}


def retried(**more):
    onfailure = {"result": "RETRY", **more}
    return stage("Deploy", action("Fine"), action("Ship"), onFailure=onfailure)


@pytest.mark.rule("T1", "S5")
@pytest.mark.parametrize(
    "more,fine",
    [
        ({}, 1),
        ({"retryConfiguration": {}}, 1),
        ({"retryConfiguration": {"retryMode": "FAILED_ACTIONS"}}, 1),
        ({"retryConfiguration": {"retryMode": "ALL_ACTIONS"}}, 2),
    ],
)
def test_a_failed_stage_is_retried_automatically(target, world, play, more, fine):
    # given
    play("Deploy", "Ship", FAILED, Act())
    pipeline = target(retried(**more), stage("After", action("Tell")), **V2)

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    assert pipeline.status(execution_id) == "Succeeded"
    names = [each["actionName"] for each in pipeline.actions(execution_id)]
    assert (names.count("Fine"), names.count("Ship")) == (fine, 2)
    assert pipeline.stages()["Deploy"]["retryStageMetadata"] == {
        "autoStageRetryAttempt": 1,
        "latestRetryTrigger": "AutomatedStageRetry",
    }


@pytest.mark.rule("T1", "S5")
def test_a_stage_is_retried_automatically_only_once(target, world, play):
    # given
    play("Deploy", "Ship", FAILED, FAILED, FAILED, Act())
    pipeline = target(retried(), **V2)

    # when
    execution_id = pipeline.start()
    world.run()
    after_two = pipeline.status(execution_id)
    pipeline.retry(execution_id, "Deploy")
    world.run()
    after_three = pipeline.status(execution_id)

    # then
    assert (after_two, after_three) == ("Failed", "Failed")
    assert pipeline.stages()["Deploy"]["retryStageMetadata"] == {
        "autoStageRetryAttempt": 1,
        "manualStageRetryAttempt": 1,
        "latestRetryTrigger": "ManualStageRetry",
    }


@pytest.mark.rule("T2")
@pytest.mark.parametrize(
    "shows,status,states",
    [
        (False, "InProgress", ["STARTED", "RESUMED", "SUCCEEDED"]),
        (True, "Failed", ["STARTED", "FAILED", "RESUMED", "SUCCEEDED"]),
    ],
)
def test_whether_the_failure_is_visible_is_a_setting(
    target, world, isolated_codepipeline, play, behave, shows, status, states
):
    # given
    behave(failure_shows_before_automatic_retry=shows, automatic_retry_after=60)
    play("Deploy", "Ship", FAILED, Act())
    pipeline = target(retried(), **V2)

    # when
    execution_id = pipeline.start()
    world.run(world.now + 30)
    meanwhile = pipeline.status(execution_id)
    stage_meanwhile = pipeline.stages()["Deploy"]["latestExecution"]["status"]
    world.run()

    # then
    assert (meanwhile, stage_meanwhile) == (status, status)
    assert pipeline.status(execution_id) == "Succeeded"
    assert isolated_codepipeline.events.states("Pipeline") == states
    assert isolated_codepipeline.events.states("Stage", "Deploy") == states


@pytest.mark.rule("T2")
@pytest.mark.parametrize("shows", [False, True])
def test_no_other_execution_enters_the_stage_before_the_retry(target, world, play, behave, shows):
    # given
    behave(failure_shows_before_automatic_retry=shows, automatic_retry_after=60)
    play("Deploy", "Ship", FAILED, Act())
    pipeline = target(retried(), **V2)
    first = pipeline.start()
    world.run(world.now + 10)

    # when
    second = pipeline.start()
    world.run(world.now + 30)

    # then
    assert pipeline.stages()["Deploy"]["inboundExecution"]["pipelineExecutionId"] == second
    world.run()
    assert [pipeline.status(each) for each in (first, second)] == ["Succeeded", "Succeeded"]


@pytest.mark.rule("T2")
def test_a_manual_retry_replaces_the_automatic_one(target, world, play, behave):
    # given
    behave(failure_shows_before_automatic_retry=True, automatic_retry_after=60)
    play("Deploy", "Ship", FAILED, Act())
    pipeline = target(retried(), **V2)
    execution_id = pipeline.start()
    world.run(world.now + 10)

    # when
    pipeline.retry(execution_id, "Deploy")
    world.run()

    # then
    assert pipeline.status(execution_id) == "Succeeded"
    assert pipeline.stages()["Deploy"]["retryStageMetadata"] == {
        "manualStageRetryAttempt": 1,
        "latestRetryTrigger": "ManualStageRetry",
    }


@pytest.mark.rule("T2")
def test_a_changed_pipeline_is_not_retried_and_the_next_execution_runs(
    target, client, world, play, behave
):
    # given
    behave(failure_shows_before_automatic_retry=True, automatic_retry_after=60)
    play("Deploy", "Ship", FAILED, Act())
    pipeline = target(retried(), **V2)
    first = pipeline.start()
    world.run(world.now + 10)

    # when
    client.update_pipeline(pipeline=pipeline.declaration)
    second = pipeline.start()
    world.run()

    # then
    assert [pipeline.status(each) for each in (first, second)] == ["Failed", "Succeeded"]


@pytest.mark.rule("T2")
def test_a_stage_waiting_for_its_retry_can_be_stopped(target, world, play, behave):
    # given
    behave(automatic_retry_after=60)
    play("Deploy", "Ship", FAILED, Act())
    pipeline = target(retried(), **V2)
    execution_id = pipeline.start()
    world.run(world.now + 10)

    # when
    pipeline.stop(execution_id)
    world.run()

    # then
    assert pipeline.status(execution_id) == "Stopped"
    assert len(pipeline.actions()) == 3


@pytest.mark.rule("T1")
def test_a_stopped_stage_is_not_retried(target, world, play):
    # given
    play("Deploy", "Ship", Act(duration=60))
    pipeline = target(retried(), **V2)
    execution_id = pipeline.start()
    world.run(world.now + 10)

    # when
    pipeline.stop(execution_id, abandon=True)
    world.run()

    # then
    assert pipeline.status(execution_id) == "Stopped"
    assert "retryStageMetadata" not in pipeline.stages()["Deploy"]


@pytest.mark.rule("B6")
def test_a_failed_stage_may_be_rolled_back_automatically(
    target, world, isolated_codepipeline, play
):
    # given
    play("Deploy", "Ship", Act(), Act(), FAILED, Act())
    pipeline = target(stage("Deploy", action("Ship"), onFailure={"result": "ROLLBACK"}), **V2)
    pipeline.start()
    world.run()
    newest_good = pipeline.start()
    world.run()

    # when
    bad = pipeline.start()
    world.run()

    # then
    rollback, *_ = pipeline.summaries()
    assert pipeline.status(bad) == "Failed"
    assert rollback["status"] == "Succeeded"
    assert rollback["executionType"] == "ROLLBACK"
    assert rollback["trigger"]["triggerType"] == "AutomatedRollback"
    assert json.loads(rollback["trigger"]["triggerDetail"]) == {"FailedPipelineExecutionId": bad}
    target_id = rollback["rollbackMetadata"]["rollbackTargetPipelineExecutionId"]
    assert target_id == newest_good
    assert isolated_codepipeline.events.states("Pipeline")[-4:] == [
        "STARTED",
        "FAILED",
        "STARTED",
        "SUCCEEDED",
    ]


@pytest.mark.rule("B6")
def test_without_an_earlier_successful_execution_there_is_no_rollback(target, world, client, play):
    # given
    play("Deploy", "Ship", Act(), FAILED)
    pipeline = target(stage("Deploy", action("Ship"), onFailure={"result": "ROLLBACK"}), **V2)
    pipeline.start()
    world.run()

    # when
    client.update_pipeline(pipeline=pipeline.declaration)
    bad = pipeline.start()
    world.run()

    # then
    assert pipeline.status(bad) == "Failed"
    assert len(pipeline.summaries()) == 2


@pytest.mark.rule("B6")
def test_a_failed_rollback_is_not_rolled_back(target, world, play):
    # given
    play("Deploy", "Ship", Act(), FAILED)
    pipeline = target(stage("Deploy", action("Ship"), onFailure={"result": "ROLLBACK"}), **V2)
    pipeline.start()
    world.run()

    # when
    pipeline.start()
    world.run()

    # then
    assert [each["status"] for each in pipeline.summaries()] == ["Failed", "Failed", "Succeeded"]


@pytest.mark.rule("B6")
def test_an_automatic_rollback_runs_before_waiting_executions(target, world, play):
    # given
    play("Deploy", "Ship", Act(), Act(duration=60, outcome="Failed"), Act(duration=60))
    pipeline = target(stage("Deploy", action("Ship"), onFailure={"result": "ROLLBACK"}), **V2)
    pipeline.start()
    world.run()
    pipeline.start()
    world.run(world.now + 10)

    # when
    waiting = pipeline.start()
    world.run(world.now + 70)

    # then
    deploy = pipeline.stages()["Deploy"]
    assert deploy["latestExecution"]["type"] == "ROLLBACK"
    assert deploy["inboundExecution"]["pipelineExecutionId"] == waiting
    world.run()
    assert pipeline.status(waiting) == "Succeeded"
