from __future__ import annotations

import pytest

from codepipeline_sandbox.codepipeline import Act
from tests.sandbox.codepipeline import declarations
from tests.sandbox.codepipeline.declarations import action, function, stage

STAGES = (stage("Build", action("Compile")), stage("Deploy", action("Ship")))


@pytest.mark.rule("M1", "M2")
def test_a_stage_runs_one_execution_at_a_time_and_a_newer_one_supersedes_the_waiting_one(
    target, world, play
):
    # given
    play("Source", "Checkout", Act(duration=1))
    play("Build", "Compile", Act(duration=100))
    pipeline = target(*STAGES)

    # when
    ids = []
    for _ in range(3):
        ids.append(pipeline.start())
        world.run(world.now + 10)
    first, second, third = ids

    # then
    assert [pipeline.status(each) for each in ids] == ["InProgress", "Superseded", "InProgress"]
    build = pipeline.stages()["Build"]
    assert build["latestExecution"] == {"pipelineExecutionId": first, "status": "InProgress"}
    waiting = {"pipelineExecutionId": third, "status": "InProgress"}
    assert build["inboundExecution"] == waiting
    assert build["inboundExecutions"] == [waiting]
    world.run()
    assert [pipeline.status(each) for each in ids] == ["Succeeded", "Superseded", "Succeeded"]
    assert second not in {run["pipelineExecutionId"] for run in pipeline.actions()[3:]}


@pytest.mark.rule("S1")
def test_stages_show_the_last_executions_that_entered_them(target, world, play):
    # given
    play("Deploy", "Ship", Act(duration=1000))
    pipeline = target(*STAGES)

    # when
    first = pipeline.start()
    world.run(world.now + 10)
    second = pipeline.start()
    world.run(world.now + 1)

    # then
    shown = {
        name: state["latestExecution"]["pipelineExecutionId"]
        for name, state in pipeline.stages().items()
    }
    assert shown == {"Source": second, "Build": first, "Deploy": first}


def test_of_two_starts_in_the_same_instant_one_runs_and_the_other_waits(target, world):
    # given
    pipeline = target()

    # when
    first, second = pipeline.start(), pipeline.start()

    # then
    source = pipeline.stages()["Source"]
    assert source["latestExecution"]["pipelineExecutionId"] == first
    assert source["inboundExecution"]["pipelineExecutionId"] == second
    world.run()
    assert pipeline.status(first) == pipeline.status(second) == "Succeeded"


@pytest.mark.rule("M3")
def test_a_failure_unlocks_the_stage(target, world, play):
    # given
    play("Build", "Compile", Act(duration=60, outcome="Failed"), Act())
    pipeline = target(*STAGES)

    # when
    first = pipeline.start()
    world.run(world.now + 10)
    second = pipeline.start()
    world.run()

    # then
    assert pipeline.status(first) == "Failed"
    assert pipeline.status(second) == "Succeeded"


@pytest.mark.rule("M4", "S4")
def test_queued_executions_all_wait_and_keep_their_order(target, world, play):
    # given
    play("Build", "Compile", Act(duration=100))
    pipeline = target(*STAGES, pipelineType="V2", executionMode="QUEUED")

    # when
    ids = [pipeline.start() for _ in range(4)]
    world.run(world.now + 50)

    # then
    inbound = pipeline.stages()["Build"]["inboundExecutions"]
    assert [each["pipelineExecutionId"] for each in inbound] == ids[1:]
    world.run()
    assert {pipeline.status(each) for each in ids} == {"Succeeded"}
    compiled = [
        run["pipelineExecutionId"] for run in pipeline.actions() if run["actionName"] == "Compile"
    ]
    assert compiled == ids


@pytest.mark.rule("M5")
def test_parallel_executions_do_not_wait_and_have_no_pipeline_state(target, world, behave):
    # given
    pipeline = target(*STAGES, pipelineType="V2", executionMode="PARALLEL")

    # when
    ids = [pipeline.start() for _ in range(3)]
    world.run(world.now + 9)

    # then
    assert {pipeline.status(each) for each in ids} == {"Succeeded"}
    assert pipeline.stages() == {}
    behave(parallel_stage_states="bare")
    assert list(pipeline.stages()) == ["Source", "Build", "Deploy"]


@pytest.mark.rule("M7")
def test_a_parallel_execution_runs_five_actions_at_a_time(target, world):
    # given
    build = stage("Build", *(action(f"Part{number}") for number in range(7)))
    pipeline = target(build, pipelineType="V2", executionMode="PARALLEL")

    # when
    execution_id = pipeline.start()
    world.run(world.now + 4)

    # then
    running = [each for each in pipeline.actions() if each["status"] == "InProgress"]
    assert len(running) == 5
    world.run(world.now + 5)
    assert pipeline.status(execution_id) == "Succeeded"


@pytest.mark.rule("M6")
@pytest.mark.parametrize("mode", ["QUEUED", "PARALLEL"])
def test_at_most_fifty_executions_can_be_in_progress(target, world, refused, mode):
    # given
    pipeline = target(pipelineType="V2", executionMode=mode)

    # when
    for _ in range(50):
        pipeline.start()

    # then
    with refused("ConcurrentPipelineExecutionsLimitExceededException", "50"):
        pipeline.start()
    world.run()
    pipeline.start()


@pytest.mark.rule("P3")
@pytest.mark.parametrize("mode", ["QUEUED", "PARALLEL"])
def test_other_modes_need_a_v2_pipeline(target, refused, mode):
    with refused("InvalidStructureException", mode, "V2"):
        target(executionMode=mode)


@pytest.mark.rule("M1", "E18")
def test_a_stage_that_was_removed_and_added_back_is_still_locked(
    client, target, world, isolated_codepipeline
):
    # given
    pipeline = target(stage("Ask", function()), stage("Deploy", action("Rollout")))
    older = pipeline.start()
    world.run(world.now + 10)
    client.update_pipeline(pipeline=declarations.pipeline(stage("Deploy", action("Rollout"))))

    # when
    client.update_pipeline(pipeline=pipeline.declaration)
    newer = pipeline.start()
    world.run(world.now + 10)

    # then
    [inbound] = pipeline.stages()["Ask"]["inboundExecutions"]
    assert inbound["pipelineExecutionId"] == newer
    client.put_job_success_result(jobId=isolated_codepipeline.functions.job_id)
    world.run(world.now + 10)
    assert pipeline.status(older) == "Cancelled"
    assert pipeline.action("Ask")["pipelineExecutionId"] == newer
