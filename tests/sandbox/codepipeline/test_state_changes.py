from __future__ import annotations

import pytest

from codepipeline_sandbox.codepipeline import Act
from tests.sandbox.codepipeline.declarations import ACCOUNT, REGION, action, stage

RESOURCES = [f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:target"]
BUILD = stage("Build", action("Compile", inputArtifacts=[{"name": "App"}]))


@pytest.fixture
def details(isolated_codepipeline):
    def of(kind, state):
        wanted = f"CodePipeline {kind} Execution State Change"
        return [
            event["detail"]
            for _, _, event in isolated_codepipeline.events.put_events
            if (event["detail-type"], event["detail"]["state"]) == (wanted, state)
        ]

    return of


@pytest.mark.rule("V1")
def test_an_execution_sends_an_event_for_every_change_in_order(
    target, world, isolated_codepipeline
):
    # when
    target(BUILD).start()
    world.run()

    # then
    sent = [
        (event["detail-type"].split()[1], event["detail"]["state"])
        for _, _, event in isolated_codepipeline.events.put_events
    ]
    passage = [
        ("Stage", "STARTED"),
        ("Action", "STARTED"),
        ("Action", "SUCCEEDED"),
        ("Stage", "SUCCEEDED"),
    ]
    assert sent == [("Pipeline", "STARTED"), *passage, *passage, ("Pipeline", "SUCCEEDED")]
    for account, region, event in isolated_codepipeline.events.put_events:
        assert (account, region) == (ACCOUNT, REGION)
        assert event["source"] == "aws.codepipeline"
        assert event["resources"] == RESOURCES


@pytest.mark.rule("V3")
def test_the_event_for_a_pipelines_start_includes_its_trigger(target, world, details):
    # when
    execution_id = target(BUILD).start()
    world.run()

    # then
    [detail] = details("Pipeline", "STARTED")
    assert detail == {
        "pipeline": "target",
        "execution-id": execution_id,
        "start-time": "2026-01-05T09:00:00.000Z",
        "execution-trigger": {
            "trigger-type": "StartPipelineExecution",
            "trigger-detail": f"arn:aws:sts::{ACCOUNT}:assumed-role/caller/session",
        },
        "state": "STARTED",
        "version": 1.0,
        "pipeline-execution-attempt": 1.0,
    }


@pytest.mark.rule("V2")
def test_versions_and_attempts_in_events_are_floats(target, world, isolated_codepipeline):
    # when
    target(BUILD).start()
    world.run()

    # then
    for _, _, event in isolated_codepipeline.events.put_events:
        assert isinstance(event["detail"]["version"], float)
        assert isinstance(event["detail"]["pipeline-execution-attempt"], float)


@pytest.mark.rule("V5")
def test_action_events_include_times_type_artifacts_and_result(target, world, play, details):
    # given
    failure = Act(
        outcome="Failed",
        error_code="JobFailed",
        error_message="Two tests failed",
        external_execution_id="build:1",
        external_url="https://example.com/1",
    )
    play("Build", "Compile", failure)
    pipeline = target(BUILD)

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    [detail] = details("Action", "FAILED")
    [artifact] = pipeline.action("Compile")["input"]["inputArtifacts"]
    assert detail == {
        "pipeline": "target",
        "execution-id": execution_id,
        "start-time": "2026-01-05T09:00:03.000Z",
        "stage": "Build",
        "action-execution-id": pipeline.action("Compile")["actionExecutionId"],
        "action": "Compile",
        "state": "FAILED",
        "region": REGION,
        "type": {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"},
        "version": 1.0,
        "pipeline-execution-attempt": 1.0,
        "input-artifacts": [artifact],
        "execution-result": {
            "external-execution-id": "build:1",
            "external-execution-summary": "Two tests failed",
            "external-execution-url": "https://example.com/1",
            "error-code": "JobFailed",
        },
    }


@pytest.mark.rule("V4")
def test_a_retry_resumes_pipeline_and_stage_with_the_next_attempt(target, world, play, details):
    # given
    play("Build", "Compile", Act(outcome="Failed"), Act())
    pipeline = target(BUILD)
    execution_id = pipeline.start()
    world.run()

    # when
    pipeline.retry(execution_id, "Build")
    world.run()

    # then
    [resumed] = details("Pipeline", "RESUMED")
    assert resumed["pipeline-execution-attempt"] == 2.0
    [stage_resumed] = details("Stage", "RESUMED")
    assert stage_resumed == {
        "pipeline": "target",
        "execution-id": execution_id,
        "stage-last-retry-attempt-time": "2026-01-05T09:00:06.000Z",
        "stage": "Build",
        "state": "RESUMED",
        "version": 1.0,
        "pipeline-execution-attempt": 2.0,
    }
    [succeeded] = details("Pipeline", "SUCCEEDED")
    assert succeeded["pipeline-execution-attempt"] == 2.0


@pytest.mark.rule("V3")
def test_the_event_for_a_stop_includes_the_reason(target, world, play, details):
    # given
    play("Build", "Compile", Act(duration=60))
    pipeline = target(BUILD)
    execution_id = pipeline.start()
    world.run(world.now + 10)

    # when
    pipeline.stop(execution_id, abandon=True, reason="An update")
    world.run()

    # then
    assert details("Action", "ABANDONED")[0]["action"] == "Compile"
    assert [each["stage"] for each in details("Stage", "STOPPED")] == ["Build"]
    for state in ("STOPPING", "STOPPED"):
        [detail] = details("Pipeline", state)
        assert detail["stop-execution-comments"] == "An update"


@pytest.mark.rule("V1")
def test_superseded_and_cancelled_executions_have_their_own_events(
    client, target, world, play, details
):
    # given
    play("Build", "Compile", Act(duration=60))
    pipeline = target(BUILD)
    ids = []
    for _ in range(3):
        ids.append(pipeline.start())
        world.run(world.now + 10)

    # when
    client.update_pipeline(pipeline=pipeline.declaration)
    world.run()

    # then
    assert [each["execution-id"] for each in details("Pipeline", "SUPERSEDED")] == [ids[1]]
    assert {each["execution-id"] for each in details("Pipeline", "CANCELED")} == {ids[0], ids[2]}
    assert [each["stage"] for each in details("Stage", "CANCELED")] == ["Build"]


@pytest.mark.rule("V13")
def test_an_end_can_become_visible_later_than_its_event(
    target, world, play, behave, isolated_codepipeline
):
    # given
    behave(end_visible_after=20)
    play("Build", "Compile", Act(outcome="Failed"), Act())
    pipeline = target(stage("Build", action("Compile")))
    execution_id = pipeline.start()

    def shown(after):
        world.run(world.now + after)
        return pipeline.status(execution_id)

    # when
    world.run()

    # then
    assert isolated_codepipeline.events.states("Pipeline") == ["STARTED", "FAILED"]
    assert [shown(0), shown(19.9), shown(0.2)] == ["InProgress", "InProgress", "Failed"]
    pipeline.retry(execution_id, "Build")
    assert shown(0) == "InProgress"
    world.run()
    assert [shown(0), shown(20)] == ["InProgress", "Succeeded"]


@pytest.mark.rule("V6")
def test_the_next_stage_starts_at_the_instant_the_previous_one_ends(
    target, world, isolated_codepipeline
):
    # given
    sent = []
    put = isolated_codepipeline.events.put

    def note(account, region, event):
        detail = event["detail"]
        if "Stage" in event["detail-type"]:
            sent.append((detail["stage"], detail["state"], world.now))
        put(account, region, event)

    isolated_codepipeline.events.put = note

    # when
    target(BUILD).start()
    world.run()

    # then
    times = {(stage, state): time for stage, state, time in sent}
    assert times["Source", "SUCCEEDED"] == times["Build", "STARTED"]
    assert times["Source", "STARTED"] < times["Source", "SUCCEEDED"]
