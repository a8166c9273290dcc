from __future__ import annotations

import pytest

from tests.sandbox.codepipeline.declarations import action, stage

BUILD = stage("Build", action("Compile"))
DEPLOY = stage("Deploy", action("Rollout"))
# The caller that FakeAccess in conftest.py returns for every access key.
CALLER = "arn:aws:sts::111122223333:assumed-role/caller/session"


@pytest.fixture
def pipeline(target):
    return target(BUILD, DEPLOY)


@pytest.fixture
def disable(client):
    def disable(stage="Deploy", direction="Inbound", reason="freeze until Monday"):
        client.disable_stage_transition(
            pipelineName="target", stageName=stage, transitionType=direction, reason=reason
        )

    return disable


@pytest.fixture
def enable(client):
    def enable(stage="Deploy", direction="Inbound"):
        client.enable_stage_transition(
            pipelineName="target", stageName=stage, transitionType=direction
        )

    return enable


@pytest.mark.rule("S6")
def test_a_disabled_transition_keeps_an_execution_waiting_until_it_is_enabled(
    pipeline, disable, world
):
    # given
    disable()
    closed_at = world.datetime()

    # when
    execution_id = pipeline.start()
    world.run(world.now + 100 * 24 * 3600)

    # then
    assert pipeline.status(execution_id) == "InProgress"
    state = pipeline.stages()["Deploy"]
    assert state["inboundTransitionState"] == {
        "enabled": False,
        "lastChangedBy": CALLER,
        "lastChangedAt": closed_at,
        "disabledReason": "freeze until Monday",
    }
    waiting = {"pipelineExecutionId": execution_id, "status": "InProgress"}
    assert state["inboundExecution"] == waiting
    assert state["inboundExecutions"] == [waiting]
    assert "latestExecution" not in state
    assert pipeline.stages()["Build"]["inboundTransitionState"] == {"enabled": True}


@pytest.mark.rule("S8")
def test_enabling_the_transition_releases_the_waiting_execution(pipeline, disable, enable, world):
    # given
    disable()
    execution_id = pipeline.start()
    world.run()

    # when
    enable()
    world.run()

    # then
    assert pipeline.status(execution_id) == "Succeeded"
    state = pipeline.stages()["Deploy"]["inboundTransitionState"]
    assert (state["enabled"], state["lastChangedBy"]) == (True, CALLER)
    assert "disabledReason" not in state


@pytest.mark.rule("S8")
@pytest.mark.parametrize("mode", ["SUPERSEDED", "QUEUED", "PARALLEL"])
def test_after_thirty_days_waiting_executions_need_a_newer_one_to_continue(
    target, disable, enable, world, mode
):
    # given
    pipeline = target(BUILD, DEPLOY, pipelineType="V2", executionMode=mode)
    disable()
    waiting = pipeline.start()
    world.run(world.now + 30 * 24 * 3600 + 1)

    # when
    for _ in range(2):
        enable()
    world.run()

    # then
    assert pipeline.status(waiting) == "InProgress"
    newer = pipeline.start()
    world.run()
    assert pipeline.status(newer) == "Succeeded"
    after = {"SUPERSEDED": "Superseded", "QUEUED": "Succeeded", "PARALLEL": "InProgress"}
    assert pipeline.status(waiting) == after[mode]


@pytest.mark.rule("S8")
def test_within_thirty_days_the_waiting_execution_continues(pipeline, disable, enable, world):
    # given
    disable()
    waiting = pipeline.start()
    world.run(world.now + 30 * 24 * 3600)

    # when
    enable()
    world.run()

    # then
    assert pipeline.status(waiting) == "Succeeded"


@pytest.mark.rule("S8", "M4")
def test_queued_executions_pass_an_enabled_transition_in_order(target, disable, enable, world):
    # given
    pipeline = target(BUILD, DEPLOY, pipelineType="V2", executionMode="QUEUED")
    disable()
    ids = [pipeline.start() for _ in range(3)]
    world.run()
    waiting = pipeline.stages()["Deploy"]["inboundExecutions"]
    assert [each["pipelineExecutionId"] for each in waiting] == ids

    # when
    enable()
    world.run()

    # then
    rollouts = [each for each in pipeline.actions() if each["actionName"] == "Rollout"]
    assert [each["pipelineExecutionId"] for each in rollouts] == ids


@pytest.mark.rule("S7", "M2")
def test_a_newer_execution_supersedes_one_waiting_at_a_disabled_transition(
    pipeline, disable, world
):
    # given
    disable()
    older = pipeline.start()
    world.run()

    # when
    newer = pipeline.start()
    world.run()

    # then
    assert pipeline.status(older) == "Superseded"
    assert pipeline.status(newer) == "InProgress"


@pytest.mark.rule("S7", "S4")
def test_an_execution_waiting_at_a_disabled_transition_can_be_stopped_but_not_retried(
    pipeline, disable, enable, world, refused
):
    # given
    disable()
    execution_id = pipeline.start()
    world.run()

    # when
    pipeline.stop(execution_id)
    world.run()

    # then
    assert pipeline.status(execution_id) == "Stopped"
    with refused("StageNotRetryableException"):
        pipeline.retry(execution_id, "Deploy")
    enable()
    world.run()
    assert pipeline.status(execution_id) == "Stopped"


@pytest.mark.rule("S9")
def test_a_disabled_outbound_transition_holds_executions_before_the_next_stage(
    pipeline, disable, enable, world
):
    # given
    disable("Build", "Outbound")

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    state = pipeline.stages()
    assert state["Build"]["latestExecution"]["status"] == "Succeeded"
    assert state["Deploy"]["inboundExecution"]["pipelineExecutionId"] == execution_id
    assert state["Deploy"]["inboundTransitionState"] == {"enabled": True}
    enable("Build", "Outbound")
    world.run()
    assert pipeline.status(execution_id) == "Succeeded"


@pytest.mark.rule("S6")
@pytest.mark.parametrize("heeds, status", [(True, "InProgress"), (False, "Succeeded")])
def test_parallel_executions_can_wait_for_transitions_or_ignore_them(
    target, disable, enable, world, behave, heeds, status
):
    # given
    behave(parallel_heeds_transitions=heeds)
    pipeline = target(BUILD, DEPLOY, pipelineType="V2", executionMode="PARALLEL")
    disable()

    # when
    ids = [pipeline.start() for _ in range(2)]
    world.run()

    # then
    assert [pipeline.status(each) for each in ids] == [status] * 2
    enable()
    world.run()
    assert [pipeline.status(each) for each in ids] == ["Succeeded"] * 2


@pytest.mark.rule("S6", "S8")
def test_waiting_executions_from_two_modes_all_continue(target, disable, enable, world, client):
    # given
    pipeline = target(BUILD, DEPLOY, pipelineType="V2", executionMode="PARALLEL")
    disable()
    ids = [pipeline.start() for _ in range(2)]
    world.run()
    client.update_pipeline(pipeline={**pipeline.declaration, "executionMode": "SUPERSEDED"})
    ids += [pipeline.start()]
    world.run()

    # when
    enable()
    world.run()

    # then
    assert [pipeline.status(each) for each in ids] == ["Succeeded"] * 3


@pytest.mark.rule("S6", "S8", "E18")
def test_an_execution_waiting_for_a_stage_continues_after_the_stage_is_removed_and_added_back(
    target, disable, enable, world, client
):
    # given
    pipeline = target(BUILD, DEPLOY, pipelineType="V2", executionMode="PARALLEL")
    disable()
    execution_id = pipeline.start()
    world.run()

    # when
    for stages in (pipeline.declaration["stages"][:2], pipeline.declaration["stages"]):
        client.update_pipeline(pipeline={**pipeline.declaration, "stages": stages})
    assert pipeline.status(execution_id) == "InProgress"
    enable()
    world.run()

    # then
    assert pipeline.status(execution_id) == "Succeeded"


@pytest.mark.rule("S6", "R1")
@pytest.mark.parametrize(
    "changed, code",
    [
        ({"stage": "Deploi"}, "StageNotFoundException"),
        ({"direction": "Sideways"}, "ValidationException"),
        ({"reason": "x" * 301}, "ValidationException"),
        ({"reason": "don't"}, "ValidationException"),
    ],
)
def test_invalid_transition_requests_are_refused(pipeline, disable, refused, changed, code):
    with refused(code):
        disable(**changed)
