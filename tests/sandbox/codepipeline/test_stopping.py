from __future__ import annotations

import pytest

from codepipeline_sandbox.codepipeline import Act
from tests.sandbox.codepipeline.declarations import action, function, stage

BUILD = stage("Build", action("Compile"), action("Check", runOrder=2))


@pytest.mark.rule("E12")
def test_stopping_waits_for_the_running_actions_and_starts_no_others(target, world, play):
    # given
    play("Build", "Compile", Act(duration=100))
    pipeline = target(BUILD)
    execution_id = pipeline.start()
    world.run(world.now + 10)

    # when
    pipeline.stop(execution_id, reason="Wrong branch")
    world.run(world.now + 10)

    # then
    assert pipeline.status(execution_id) == "Stopping"
    assert pipeline.stages()["Build"]["latestExecution"]["status"] == "Stopping"
    world.run()
    assert pipeline.status(execution_id) == "Stopped"
    assert pipeline.stages()["Build"]["latestExecution"]["status"] == "Stopped"
    assert pipeline.action("Compile")["status"] == "Succeeded"
    assert [each["actionName"] for each in pipeline.actions()] == ["Checkout", "Compile"]
    assert pipeline.summaries()[0]["stopTrigger"] == {"reason": "Wrong branch"}


@pytest.mark.rule("E13")
def test_abandoning_ends_the_running_actions_immediately(target, world, play):
    # given
    play("Build", "Compile", Act(duration=100))
    pipeline = target(BUILD)
    execution_id = pipeline.start()
    world.run(world.now + 10)

    # when
    pipeline.stop(execution_id, abandon=True)
    at_once = pipeline.status(execution_id)
    world.run(world.now)

    # then
    assert at_once == "Stopping"
    assert pipeline.status(execution_id) == "Stopped"
    assert pipeline.action("Compile")["status"] == "Abandoned"
    world.run()
    assert pipeline.action("Compile")["status"] == "Abandoned"


def test_an_action_that_is_abandoned_at_the_instant_it_starts_does_nothing(
    target, world, isolated_codepipeline, monkeypatch
):
    # given
    pipeline = target(stage("Wait", function()))
    execution_id = pipeline.start()
    put = isolated_codepipeline.events.put

    def stop_when_it_starts(account, region, event):
        put(account, region, event)
        if (event["detail"].get("action"), event["detail"]["state"]) == ("Ask", "STARTED"):
            pipeline.stop(execution_id, abandon=True)

    # when
    monkeypatch.setattr(isolated_codepipeline.events, "put", stop_when_it_starts)
    world.run()

    # then
    assert pipeline.status(execution_id) == "Stopped"
    assert pipeline.action("Ask")["status"] == "Abandoned"
    assert isolated_codepipeline.functions.events == []


@pytest.mark.rule("J12")
def test_a_job_of_an_abandoned_action_cannot_be_answered(
    client, target, world, isolated_codepipeline, refused
):
    # given
    pipeline = target(stage("Wait", function()))
    execution_id = pipeline.start()
    world.run(world.now + 10)

    # when
    pipeline.stop(execution_id, abandon=True)

    # then
    with refused("InvalidJobStateException"):
        client.put_job_success_result(jobId=isolated_codepipeline.functions.job_id)
    failure = {"type": "JobFailed", "message": "late"}
    with refused("InvalidJobStateException"):
        client.put_job_failure_result(
            jobId=isolated_codepipeline.functions.job_id, failureDetails=failure
        )
    assert pipeline.action("Ask")["status"] == "Abandoned"


@pytest.mark.rule("J12")
@pytest.mark.parametrize("answer", [{"continuationToken": "t"}, {}])
def test_the_first_answer_after_an_abandonment_can_be_accepted_without_effect(
    client, target, world, isolated_codepipeline, behave, refused, answer
):
    # given
    behave(abandoned_job_answer="ignored")
    pipeline = target(stage("Wait", function()))
    execution_id = pipeline.start()
    world.run(world.now + 10)
    pipeline.stop(execution_id, abandon=True)
    job_id = isolated_codepipeline.functions.job_id

    # when
    client.put_job_success_result(jobId=job_id, **answer)
    world.run()

    # then
    with refused("InvalidJobStateException"):
        client.put_job_success_result(jobId=job_id, **answer)
    assert pipeline.action("Ask")["status"] == "Abandoned"
    assert pipeline.status(execution_id) == "Stopped"
    assert len(isolated_codepipeline.functions.events) == 1


@pytest.mark.rule("E12")
def test_a_stop_that_waits_allows_an_action_to_continue_with_new_jobs(
    client, target, world, isolated_codepipeline
):
    # given
    pipeline = target(stage("Wait", function(), action("Later", runOrder=2)))
    execution_id = pipeline.start()
    world.run(world.now + 10)

    # when
    pipeline.stop(execution_id)
    client.put_job_success_result(
        jobId=isolated_codepipeline.functions.job_id, continuationToken="more"
    )
    world.run(world.now + 60)

    # then
    asked_again = isolated_codepipeline.functions.jobs[1]
    assert asked_again["data"]["continuationToken"] == "more"
    assert pipeline.status(execution_id) == "Stopping"
    client.put_job_success_result(jobId=asked_again["id"])
    world.run()
    assert pipeline.status(execution_id) == "Stopped"
    assert pipeline.action("Ask")["status"] == "Succeeded"
    assert "Later" not in [each["actionName"] for each in pipeline.actions()]


@pytest.mark.rule("E12")
@pytest.mark.rule("J5")
def test_a_stop_waits_twenty_minutes_for_an_unanswered_job(target, world):
    # given
    pipeline = target(stage("Wait", function()))
    execution_id = pipeline.start()
    world.run(world.now + 10)

    # when
    pipeline.stop(execution_id)
    world.run()

    # then
    assert pipeline.action("Ask")["status"] == "Failed"
    ask = pipeline.actions()[-1]
    assert (ask["lastUpdateTime"] - ask["startTime"]).total_seconds() == 1_200
    assert pipeline.status(execution_id) == "Stopped"


@pytest.mark.rule("J12")
def test_an_abandoned_action_gets_no_new_job(client, target, world, isolated_codepipeline):
    # given
    pipeline = target(stage("Wait", function()))
    execution_id = pipeline.start()
    world.run(world.now + 10)
    client.put_job_success_result(
        jobId=isolated_codepipeline.functions.job_id, continuationToken="more"
    )

    # when
    pipeline.stop(execution_id, abandon=True)
    world.run()

    # then
    assert len(isolated_codepipeline.functions.jobs) == 1
    assert pipeline.action("Ask")["status"] == "Abandoned"


@pytest.mark.rule("E14")
def test_a_stop_can_be_followed_only_by_one_that_abandons(target, world, play, refused):
    # given
    play("Build", "Compile", Act(duration=100))
    pipeline = target(BUILD)
    execution_id = pipeline.start()
    world.run(world.now + 10)

    # when
    pipeline.stop(execution_id, reason="first")
    with refused("DuplicatedStopRequestException"):
        pipeline.stop(execution_id)
    pipeline.stop(execution_id, abandon=True)
    with refused("DuplicatedStopRequestException"):
        pipeline.stop(execution_id, abandon=True)
    world.run()

    # then
    assert pipeline.status(execution_id) == "Stopped"
    assert pipeline.summaries()[0]["stopTrigger"] == {"reason": "first"}
    with refused("PipelineExecutionNotStoppableException", "Stopped"):
        pipeline.stop(execution_id)


@pytest.mark.rule("E14")
def test_an_ended_or_unknown_execution_cannot_be_stopped(target, world, refused):
    # given
    pipeline = target()
    execution_id = pipeline.start()
    world.run()

    # when, then
    with refused("PipelineExecutionNotStoppableException", "Succeeded"):
        pipeline.stop(execution_id)
    with refused("PipelineExecutionNotStoppableException"):
        pipeline.stop("00000000-0000-0000-0000-000000000000")


@pytest.mark.rule("S4")
def test_a_stopped_execution_stays_inbound_until_another_arrives(target, world, play):
    # given
    play("Build", "Compile", Act(duration=1000))
    pipeline = target(BUILD)
    first = pipeline.start()
    world.run(world.now + 10)
    second = pipeline.start()
    world.run(world.now + 10)

    # when
    pipeline.stop(second)
    world.run(world.now)

    # then
    assert pipeline.status(second) == "Stopped"
    stopped = {"pipelineExecutionId": second, "status": "Stopped"}
    assert pipeline.stages()["Build"]["inboundExecution"] == stopped
    third = pipeline.start()
    world.run()
    assert pipeline.status(first) == pipeline.status(third) == "Succeeded"
    assert pipeline.status(second) == "Stopped"
    assert pipeline.stages()["Build"]["inboundExecutions"] == []


def test_an_execution_can_be_stopped_between_two_stages(target, world, behave):
    # given
    behave(between_stages=60)
    pipeline = target(BUILD)
    execution_id = pipeline.start()
    world.run(world.now + 10)

    # when
    pipeline.stop(execution_id)
    world.run()

    # then
    assert pipeline.status(execution_id) == "Stopped"
    assert "latestExecution" not in pipeline.stages()["Build"]


@pytest.mark.rule("E18")
def test_an_update_cancels_executions_in_progress_once_their_actions_have_ended(
    client, target, world, play
):
    # given
    play("Build", "Compile", Act(duration=100))
    pipeline = target(BUILD)
    running = pipeline.start()
    world.run(world.now + 10)
    waiting = pipeline.start()
    world.run(world.now + 10)

    # when
    client.update_pipeline(pipeline=pipeline.declaration)

    # then
    assert pipeline.status(waiting) == "Cancelled"
    assert pipeline.status(running) == "InProgress"
    world.run()
    assert pipeline.status(running) == "Cancelled"
    assert pipeline.action("Compile")["status"] == "Succeeded"


@pytest.mark.parametrize("status, of_stage", [("Failed", "Failed"), ("Superseded", "Cancelled")])
@pytest.mark.rule("E18")
def test_an_update_can_end_executions_with_another_status(
    client, target, world, behave, status, of_stage
):
    # given an execution in a stage
    behave(status_after_update=status)
    pipeline = target(BUILD)
    execution_id = pipeline.start()
    world.run(world.now + 4)

    # when
    client.update_pipeline(pipeline=pipeline.declaration)
    world.run()

    # then
    assert pipeline.status(execution_id) == status
    assert pipeline.stages()["Build"]["latestExecution"]["status"] == of_stage


@pytest.mark.rule("E18")
def test_parallel_executions_continue_after_an_update(client, target, world):
    # given
    pipeline = target(BUILD, pipelineType="V2", executionMode="PARALLEL")
    execution_id = pipeline.start()

    # when
    client.update_pipeline(pipeline=pipeline.declaration)
    world.run()

    # then
    assert pipeline.status(execution_id) == "Succeeded"
    assert pipeline.execution(execution_id)["pipelineVersion"] == 1


@pytest.mark.rule("P9")
def test_a_deleted_pipeline_does_nothing_further(client, target, world, isolated_codepipeline):
    # given
    pipeline = target(stage("Wait", function()))
    pipeline.start()
    pipeline.start()
    world.run(world.now + 5)

    # when
    client.delete_pipeline(name="target")
    world.run()

    # then
    assert len(isolated_codepipeline.functions.jobs) == 1
    assert world.now < world.datetime().replace(hour=10).timestamp()
