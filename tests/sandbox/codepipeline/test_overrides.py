from __future__ import annotations

import pytest

from codepipeline_sandbox.codepipeline import Act
from tests.sandbox.codepipeline.conftest import CALLER
from tests.sandbox.codepipeline.declarations import action, condition, stage

UNMET = Act(outcome="Failed")
V2 = {"pipelineType": "V2"}
AFTER = stage("After", action("Tell"))
ENTRY = stage("Deploy", action("Ship"), beforeEntry=condition("FAIL"))
SUCCESS = stage("Deploy", action("Ship"), onSuccess=condition("FAIL"))
NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def blocked(target, world, play_rule):
    """A pipeline whose execution has failed because of Deploy's beforeEntry condition."""
    play_rule("Deploy", "beforeEntry", UNMET)
    pipeline = target(ENTRY, AFTER, **V2)
    execution_id = pipeline.start()
    world.run()
    return pipeline, execution_id


@pytest.mark.rule("C10")
def test_after_an_override_of_the_entry_condition_the_execution_continues(
    blocked, world, isolated_codepipeline
):
    # given
    pipeline, execution_id = blocked
    isolated_codepipeline.events.put_events.clear()

    # when
    pipeline.override(execution_id, "Deploy", "BEFORE_ENTRY")
    at_once = pipeline.status(execution_id)
    world.run()

    # then
    assert at_once == "InProgress"
    assert pipeline.status(execution_id) == "Succeeded"
    assert pipeline.condition("Deploy", "beforeEntry") == "Overridden"
    assert [each["status"] for each in pipeline.rules()] == ["Failed"]
    assert isolated_codepipeline.events.states("Pipeline") == ["RESUMED", "SUCCEEDED"]
    assert isolated_codepipeline.events.states("Stage", "Deploy") == ["RESUMED", "SUCCEEDED"]
    assert "retryStageMetadata" not in pipeline.stages()["Deploy"]


@pytest.mark.rule("C10")
@pytest.mark.parametrize("result", ["FAIL", "ROLLBACK"])
def test_after_an_override_of_the_success_condition_the_execution_continues(
    target, world, play_rule, result
):
    # given
    play_rule("Deploy", "onSuccess", UNMET)
    pipeline = target(stage("Deploy", action("Ship"), onSuccess=condition(result)), AFTER, **V2)
    execution_id = pipeline.start()
    world.run()
    assert pipeline.status(execution_id) == "Failed"

    # when
    pipeline.override(execution_id, "Deploy", "ON_SUCCESS")
    world.run()

    # then
    assert pipeline.status(execution_id) == "Succeeded"
    assert [each["actionName"] for each in pipeline.actions()].count("Ship") == 1
    assert pipeline.action("Tell")["status"] == "Succeeded"


@pytest.mark.rule("C10")
def test_a_condition_still_being_checked_can_be_overridden(target, world, play_rule):
    # given
    play_rule("Deploy", "beforeEntry", Act(duration=3600))
    pipeline = target(ENTRY, **V2)
    execution_id = pipeline.start()
    world.run(world.now + 10)
    before = world.now

    # when
    pipeline.override(execution_id, "Deploy", "BEFORE_ENTRY")
    world.run()

    # then
    assert pipeline.status(execution_id) == "Succeeded"
    assert world.now - before < 60
    assert pipeline.condition("Deploy", "beforeEntry") == "Overridden"
    (rule,) = pipeline.rules()
    assert rule["status"] == "Abandoned"
    assert rule["updatedBy"] == CALLER


@pytest.mark.rule("C11")
def test_only_a_blocking_condition_can_be_overridden(blocked, world, refused):
    # given
    pipeline, execution_id = blocked

    # when, then
    with refused("ConditionNotOverridableException", "has not been checked"):
        pipeline.override(execution_id, "Deploy", "ON_SUCCESS")
    with refused("ConditionNotOverridableException", "has not been checked"):
        pipeline.override(execution_id, "After", "BEFORE_ENTRY")
    with refused("StageNotFoundException", "'Test'"):
        pipeline.override(execution_id, "Test", "BEFORE_ENTRY")
    with refused("NotLatestPipelineExecutionException", NOBODY):
        pipeline.override(NOBODY, "Deploy", "BEFORE_ENTRY")
    pipeline.override(execution_id, "Deploy", "BEFORE_ENTRY")
    with refused("ConditionNotOverridableException", "it is Overridden"):
        pipeline.override(execution_id, "Deploy", "BEFORE_ENTRY")
    world.run()


@pytest.mark.rule("C11")
def test_a_condition_cannot_be_overridden_once_a_newer_execution_has_arrived(
    blocked, world, refused
):
    # given
    pipeline, execution_id = blocked
    newer = pipeline.start()
    world.run()

    # when, then
    with refused("NotLatestPipelineExecutionException", newer):
        pipeline.override(execution_id, "Deploy", "BEFORE_ENTRY")


@pytest.mark.rule("C11")
def test_a_condition_cannot_be_overridden_once_its_rollback_has_begun(
    target, world, play_rule, refused
):
    # given
    play_rule("Deploy", "onSuccess", Act(), UNMET, Act())
    pipeline = target(stage("Deploy", action("Ship"), onSuccess=condition("ROLLBACK")), **V2)
    pipeline.start()
    world.run()
    bad = pipeline.start()
    world.run()

    # when, then
    with refused("NotLatestPipelineExecutionException"):
        pipeline.override(bad, "Deploy", "ON_SUCCESS")


@pytest.mark.rule("C11")
def test_a_condition_cannot_be_overridden_once_the_pipeline_has_changed(blocked, client, refused):
    # given
    pipeline, execution_id = blocked

    # when
    client.update_pipeline(pipeline=pipeline.declaration)

    # then
    with refused("ConditionNotOverridableException", "structure has changed"):
        pipeline.override(execution_id, "Deploy", "BEFORE_ENTRY")


@pytest.mark.rule("C11")
def test_a_condition_cannot_be_overridden_while_its_execution_is_stopping(
    target, world, play_rule, refused
):
    # given
    play_rule("Deploy", "beforeEntry", Act(duration=60))
    pipeline = target(ENTRY, **V2)
    execution_id = pipeline.start()
    world.run(world.now + 10)

    # when
    pipeline.stop(execution_id)

    # then
    with refused("ConditionNotOverridableException", "about to end"):
        pipeline.override(execution_id, "Deploy", "BEFORE_ENTRY")
    world.run()


@pytest.mark.rule("C11")
def test_a_condition_cannot_be_overridden_while_the_queue_is_full(
    target, world, play_rule, behave, refused
):
    # given
    behave(concurrent_executions=1)
    play_rule("Deploy", "beforeEntry", UNMET)
    pipeline = target(ENTRY, executionMode="QUEUED", **V2)
    execution_id = pipeline.start()
    world.run()

    # when
    pipeline.start()

    # then
    with refused("ConcurrentPipelineExecutionsLimitExceededException"):
        pipeline.override(execution_id, "Deploy", "BEFORE_ENTRY")


@pytest.mark.rule("C11")
def test_a_condition_from_before_a_retry_cannot_be_overridden(
    target, world, play, play_rule, behave, refused
):
    # given
    play("Deploy", "Ship", Act(), Act(outcome="Failed"))
    play_rule("Deploy", "onSuccess", UNMET)
    pipeline = target(SUCCESS, **V2)
    execution_id = pipeline.start()
    world.run()

    # when
    pipeline.retry(execution_id, "Deploy", "ALL_ACTIONS")
    world.run()

    # then
    with refused("ConditionNotOverridableException", "continued without it"):
        pipeline.override(execution_id, "Deploy", "ON_SUCCESS")


@pytest.mark.rule("C10")
def test_an_override_prevents_the_automatic_retry(target, world, play_rule, behave):
    # given
    behave(unmet_condition_fails_stage=True, automatic_retry_after=60)
    play_rule("Deploy", "beforeEntry", UNMET)
    pipeline = target({**ENTRY, "onFailure": {"result": "RETRY"}}, **V2)
    execution_id = pipeline.start()
    world.run(world.now + 30)

    # when
    pipeline.override(execution_id, "Deploy", "BEFORE_ENTRY")
    world.run()

    # then
    assert pipeline.status(execution_id) == "Succeeded"
    assert len(pipeline.rules()) == 1


@pytest.mark.rule("C10")
def test_an_override_abandons_the_failure_condition(target, world, play_rule, behave):
    # given
    behave(unmet_condition_fails_stage=True)
    play_rule("Deploy", "beforeEntry", UNMET)
    play_rule("Deploy", "onFailure", Act(duration=60))
    pipeline = target({**ENTRY, "onFailure": condition("ROLLBACK")}, **V2)
    execution_id = pipeline.start()
    world.run(world.now + 30)

    # when
    pipeline.override(execution_id, "Deploy", "BEFORE_ENTRY")
    world.run()

    # then
    assert pipeline.status(execution_id) == "Succeeded"
    assert pipeline.condition("Deploy", "onFailure") == "Abandoned"
