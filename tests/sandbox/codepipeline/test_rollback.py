from __future__ import annotations

import json

import pytest

from codepipeline_sandbox.codepipeline import Act
from tests.sandbox.codepipeline.conftest import CALLER
from tests.sandbox.codepipeline.declarations import action, function, stage

NOBODY = "00000000-0000-0000-0000-000000000000"
V2 = {"pipelineType": "V2", "variables": [{"name": "COLOR", "defaultValue": "red"}]}


def shown(variable):
    return json.dumps({"shown": f"#{{{variable}}}"})


@pytest.fixture
def deployed(target, world, play):
    """A pipeline, and two of its executions that have passed Deploy, oldest first."""
    play("Source", "Checkout", Act(revision="first"), Act(revision="second"))
    pipeline = target(
        stage("Deploy", action("Ship", inputArtifacts=[{"name": "App"}])),
        stage("After", action("Tell")),
        **V2,
    )
    ids = []
    for color in ("blue", "green"):
        ids.append(pipeline.start(variables=[{"name": "COLOR", "value": color}]))
        world.run()
    return pipeline, ids


@pytest.mark.rule("B1", "B2")
def test_a_rollback_is_a_new_execution_with_the_artifacts_and_variables_of_its_target(
    deployed, world
):
    # given
    pipeline, (old, new) = deployed

    # when
    rollback = pipeline.roll_back("Deploy", old)
    world.run()

    # then
    execution = pipeline.execution(rollback)
    assert rollback not in {old, new}
    assert execution["status"] == "Succeeded"
    assert execution["executionType"] == "ROLLBACK"
    assert execution["rollbackMetadata"] == {"rollbackTargetPipelineExecutionId": old}
    assert execution["trigger"] == {"triggerType": "ManualRollback", "triggerDetail": CALLER}
    assert [each["revisionId"] for each in execution["artifactRevisions"]] == ["first"]
    assert execution["variables"] == [{"name": "COLOR", "resolvedValue": "blue"}]
    inputs = [
        each["input"]["inputArtifacts"]
        for each in pipeline.actions()
        if each["actionName"] == "Ship"
    ]
    assert inputs[2] == inputs[0] != inputs[1]


@pytest.mark.rule("B1")
def test_a_rollback_runs_only_its_stage(deployed, world):
    # given
    pipeline, (old, _) = deployed

    # when
    rollback = pipeline.roll_back("Deploy", old)
    world.run()

    # then
    assert [each["actionName"] for each in pipeline.actions(rollback)] == ["Ship"]


@pytest.mark.rule("B3")
def test_the_rollback_type_is_shown_only_for_the_rolled_back_stage(deployed, world):
    # given
    pipeline, (old, new) = deployed

    # when
    rollback = pipeline.roll_back("Deploy", old)
    world.run()

    # then
    latest = {name: state["latestExecution"] for name, state in pipeline.stages().items()}
    rolled_back = {"pipelineExecutionId": rollback, "status": "Succeeded", "type": "ROLLBACK"}
    assert latest["Deploy"] == rolled_back
    assert latest["After"] == {"pipelineExecutionId": new, "status": "Succeeded"}


@pytest.mark.rule("B3")
def test_the_list_of_executions_shows_rollbacks_and_their_targets(deployed, world):
    # given
    pipeline, (old, new) = deployed

    # when
    rollback = pipeline.roll_back("Deploy", old)
    world.run()

    # then
    newest, *others = pipeline.summaries()
    assert newest["pipelineExecutionId"] == rollback
    assert newest["executionType"] == "ROLLBACK"
    assert newest["rollbackMetadata"] == {"rollbackTargetPipelineExecutionId": old}
    assert [each["executionType"] for each in others] == ["STANDARD", "STANDARD"]
    assert not any("rollbackMetadata" in each for each in others)
    passed = pipeline.summaries(filter={"succeededInStage": {"stageName": "Deploy"}})
    assert [each["pipelineExecutionId"] for each in passed] == [rollback, new, old]


@pytest.mark.rule("B3")
def test_the_events_of_a_rollback_show_its_trigger_and_its_stage(
    deployed, world, isolated_codepipeline
):
    # given
    pipeline, (old, _) = deployed
    isolated_codepipeline.events.put_events.clear()

    # when
    pipeline.roll_back("Deploy", old)
    world.run()

    # then
    started = isolated_codepipeline.events.put_events[0][2]["detail"]
    assert started["execution-trigger"]["trigger-type"] == "ManualRollback"
    assert isolated_codepipeline.events.states("Pipeline") == ["STARTED", "SUCCEEDED"]
    assert isolated_codepipeline.events.states("Stage") == ["STARTED", "SUCCEEDED"]
    assert isolated_codepipeline.events.states("Stage", "Deploy") == ["STARTED", "SUCCEEDED"]


@pytest.mark.rule("B1")
def test_a_rollback_locks_its_stage(deployed, world, play):
    # given
    play("Deploy", "Ship", Act(duration=60), Act())
    pipeline, (old, _) = deployed
    rollback = pipeline.roll_back("Deploy", old)

    # when
    following = pipeline.start()
    world.run(world.now + 30)

    # then
    deploy = pipeline.stages()["Deploy"]
    assert deploy["latestExecution"]["pipelineExecutionId"] == rollback
    assert deploy["inboundExecution"]["pipelineExecutionId"] == following
    world.run()
    assert pipeline.status(following) == "Succeeded"


@pytest.mark.rule("B1")
def test_a_failed_rollback_can_be_retried(deployed, world, play):
    # given
    play("Deploy", "Ship", Act(outcome="Failed"), Act())
    pipeline, (old, _) = deployed
    rollback = pipeline.roll_back("Deploy", old)
    world.run()
    assert pipeline.status(rollback) == "Failed"

    # when
    pipeline.retry(rollback, "Deploy")
    world.run()

    # then
    assert pipeline.status(rollback) == "Succeeded"


@pytest.mark.rule("B1")
def test_a_rollback_can_be_stopped(deployed, world):
    # given
    pipeline, (old, _) = deployed
    rollback = pipeline.roll_back("Deploy", old)

    # when
    pipeline.stop(rollback, abandon=True)
    world.run()

    # then
    assert pipeline.status(rollback) == "Stopped"


@pytest.mark.rule("B4")
def test_the_source_stage_and_unknown_stages_cannot_be_rolled_back(deployed, refused):
    # given
    pipeline, (old, _) = deployed

    # when, then
    with refused("UnableToRollbackStageException", "source stage"):
        pipeline.roll_back("Source", old)
    with refused("StageNotFoundException", "'Test'"):
        pipeline.roll_back("Test", old)
    with refused("PipelineExecutionNotFoundException", NOBODY):
        pipeline.roll_back("Deploy", NOBODY)


@pytest.mark.rule("B4")
def test_a_rollback_cannot_be_the_target_of_a_rollback(deployed, world, refused):
    # given
    pipeline, (old, _) = deployed
    rollback = pipeline.roll_back("Deploy", old)
    world.run()

    # when, then
    with refused("UnableToRollbackStageException", "is itself a rollback"):
        pipeline.roll_back("Deploy", rollback)


@pytest.mark.rule("B4")
def test_a_rollback_target_must_have_succeeded_in_the_stage(target, world, play, refused):
    # given
    play("Deploy", "Ship", Act(outcome="Failed"))
    pipeline = target(stage("Deploy", action("Ship")))
    failed = pipeline.start()
    world.run()

    # when, then
    with refused("UnableToRollbackStageException", "has not succeeded"):
        pipeline.roll_back("Deploy", failed)


@pytest.mark.rule("B5")
@pytest.mark.parametrize(
    "says,code",
    [
        ("unable", "UnableToRollbackStageException"),
        ("outdated", "PipelineExecutionOutdatedException"),
    ],
)
def test_a_rollback_target_must_have_the_same_pipeline_version(
    deployed, client, behave, refused, says, code
):
    # given
    behave(older_rollback_target=says)
    pipeline, (old, _) = deployed

    # when
    client.update_pipeline(pipeline=pipeline.declaration)

    # then
    with refused(code, "version 1"):
        pipeline.roll_back("Deploy", old)
    assert pipeline.summaries(filter={"succeededInStage": {"stageName": "Deploy"}}) == []


@pytest.mark.rule("B4")
def test_a_stage_that_is_running_cannot_be_rolled_back(deployed, world, refused):
    # given
    pipeline, (old, _) = deployed
    running = pipeline.start()
    world.run(world.now + 4)

    # when, then
    with refused("UnableToRollbackStageException", running, "is running"):
        pipeline.roll_back("Deploy", old)


@pytest.mark.rule("B4")
def test_a_parallel_pipeline_cannot_be_rolled_back(target, world, refused):
    # given
    pipeline = target(pipelineType="V2", executionMode="PARALLEL")
    passed = pipeline.start()
    world.run()

    # when, then
    with refused("UnableToRollbackStageException", "PARALLEL"):
        pipeline.roll_back("Build", passed)


@pytest.mark.rule("B4")
def test_a_full_queue_has_no_room_for_a_rollback(target, world, behave, refused):
    # given
    behave(concurrent_executions=1)
    pipeline = target(pipelineType="V2", executionMode="QUEUED")
    passed = pipeline.start()
    world.run()
    pipeline.start()

    # when, then
    with refused("ConflictException"):
        pipeline.roll_back("Build", passed)


@pytest.mark.rule("E18", "B1")
def test_an_update_cancels_a_rollback_like_any_other_execution(deployed, world, client):
    # given
    pipeline, (old, _) = deployed
    rollback = pipeline.roll_back("Deploy", old)
    world.run(world.now + 1)

    # when
    client.update_pipeline(pipeline=pipeline.declaration)
    world.run()

    # then
    assert pipeline.status(rollback) == "Cancelled"
    assert pipeline.action("Ship")["status"] == "Succeeded"


@pytest.mark.rule("B2")
@pytest.mark.parametrize("whose", ["own", "target"])
def test_references_in_a_rollback_have_the_targets_values(target, world, play, behave, whose):
    # given
    behave(rollback_execution_id_variable=whose)
    play("Build", "Compile", Act(output_variables={"n": "1"}), Act(output_variables={"n": "2"}))
    play("Deploy", "Id", Act())
    play("Deploy", "Number", Act())
    pipeline = target(
        stage("Build", action("Compile", namespace="build")),
        stage(
            "Deploy",
            function("Id", shown("codepipeline.PipelineExecutionId")),
            function("Number", shown("build.n")),
        ),
    )
    old = pipeline.start()
    world.run()
    pipeline.start()
    world.run()

    # when
    rollback = pipeline.roll_back("Deploy", old)
    world.run()

    # then
    def resolved(name):
        text = pipeline.action(name)["input"]["resolvedConfiguration"]["UserParameters"]
        return json.loads(text)["shown"]

    assert resolved("Number") == "1"
    assert resolved("Id") == {"own": rollback, "target": old}[whose]


@pytest.mark.rule("E22")
def test_executions_are_kept_for_twelve_months(target, world, refused):
    # given
    pipeline = target()
    old = pipeline.start()
    world.run(world.now + 365 * 24 * 3600)
    assert [each["pipelineExecutionId"] for each in pipeline.summaries()] == [old]

    # when
    new = pipeline.start()
    world.run()

    # then
    assert [each["pipelineExecutionId"] for each in pipeline.summaries()] == [new]
    assert {each["pipelineExecutionId"] for each in pipeline.actions()} == {new}
    with refused("PipelineExecutionNotFoundException", old):
        pipeline.execution(old)
    with refused("PipelineExecutionNotFoundException", old):
        pipeline.roll_back("Build", old)
