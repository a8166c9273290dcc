from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from codepipeline_sandbox.codepipeline import Act
from tests.sandbox.codepipeline.declarations import ACCOUNT, action, stage

CALLER = f"arn:aws:sts::{ACCOUNT}:assumed-role/caller/session"
NINE = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LOG = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws/codebuild/tests:log-stream:1"


@pytest.mark.rule("E1")
def test_an_execution_is_in_progress_until_its_last_action_has_ended(target, world, play):
    # given
    play("Source", "Checkout", Act(duration=10))
    play("Build", "Compile", Act(duration=50))
    pipeline = target()

    # when
    execution_id = pipeline.start()
    world.run(world.now + 59)
    before = pipeline.status(execution_id)
    world.run(world.now + 1)

    # then
    assert before == "InProgress"
    assert pipeline.status(execution_id) == "Succeeded"
    [summary] = pipeline.summaries()
    assert summary["startTime"] == NINE
    assert summary["lastUpdateTime"] == NINE + timedelta(seconds=60)


@pytest.mark.rule("E2", "E6")
def test_an_execution_shows_who_started_it_and_its_source_revision(target, world, play):
    # given
    play("Source", "Checkout", Act(revision="abc123", summary="A better title"))
    pipeline = target()

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    execution = pipeline.execution(execution_id)
    trigger = {"triggerType": "StartPipelineExecution", "triggerDetail": CALLER}
    assert execution["trigger"] == trigger
    assert execution["pipelineVersion"] == 1
    [revision] = execution["artifactRevisions"]
    assert (revision["name"], revision["revisionId"]) == ("App", "abc123")
    [summary] = pipeline.summaries()
    assert summary["trigger"] == trigger
    assert summary["sourceRevisions"] == [
        {"actionName": "Checkout", "revisionId": "abc123", "revisionSummary": "A better title"}
    ]


@pytest.mark.rule("E19")
def test_actions_with_the_same_run_order_run_together_and_the_next_run_order_follows(
    target, world, play
):
    # given
    play("Deploy", "Slow", Act(duration=60))
    play("Deploy", "Fast", Act(duration=20))
    pipeline = target(
        stage("Deploy", action("Slow"), action("Fast"), action("Check", runOrder=5)),
    )

    # when
    pipeline.start()
    world.run()

    # then
    began = {each["actionName"]: each["startTime"] for each in pipeline.actions()}
    source_ended = NINE + timedelta(seconds=3)
    assert began["Slow"] == began["Fast"] == source_ended
    assert began["Check"] == source_ended + timedelta(seconds=60)


@pytest.mark.rule("E20")
def test_a_failed_action_fails_the_stage_and_the_execution_once_the_other_actions_have_ended(
    target, world, play
):
    # given
    failure = Act(
        duration=10,
        outcome="Failed",
        error_code="JobFailed",
        error_message="Two tests failed",
        summary="Build terminated with state: FAILED",
        external_execution_id="build:1",
        external_url="https://example.com/build/1",
        log_stream_arn=LOG,
    )
    play("Build", "Broken", failure)
    play("Build", "Other", Act(duration=100))
    build = stage("Build", action("Broken"), action("Other"), action("Later", runOrder=2))
    pipeline = target(build, stage("Deploy", action("Ship")))

    # when
    execution_id = pipeline.start()
    world.run(world.now + 50)
    meanwhile = pipeline.status(execution_id)
    world.run()

    # then
    assert meanwhile == "InProgress"
    assert pipeline.status(execution_id) == "Failed"
    outcomes = {each["actionName"]: each["status"] for each in pipeline.actions()}
    assert outcomes == {"Checkout": "Succeeded", "Broken": "Failed", "Other": "Succeeded"}
    assert pipeline.action("Broken")["output"]["executionResult"] == {
        "externalExecutionId": "build:1",
        "externalExecutionSummary": "Build terminated with state: FAILED",
        "externalExecutionUrl": "https://example.com/build/1",
        "logStreamARN": LOG,
        "errorDetails": {"code": "JobFailed", "message": "Two tests failed"},
    }


@pytest.mark.rule("E11")
def test_a_failure_may_have_a_summary_but_no_error_details(target, world, play):
    # given
    play("Build", "Compile", Act(outcome="Failed", summary="Build terminated with state: FAILED"))
    pipeline = target()

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    assert pipeline.status(execution_id) == "Failed"
    result = pipeline.action("Compile")["output"]["executionResult"]
    assert result == {"externalExecutionSummary": "Build terminated with state: FAILED"}


def test_a_failure_with_only_a_code_still_has_error_details(target, world, play):
    # given
    play("Build", "Compile", Act(outcome="Failed", error_code="ConfigurationError"))
    pipeline = target()

    # when
    pipeline.start()
    world.run()

    # then
    details = pipeline.action("Compile")["output"]["executionResult"]["errorDetails"]
    assert details == {"code": "ConfigurationError", "message": "The action failed"}


@pytest.mark.rule("A5")
def test_the_nth_run_performs_the_nth_act_and_the_last_act_repeats(target, world, play):
    # given
    play("Build", "Compile", Act(outcome="Failed"), Act(), Act(duration=77))
    pipeline = target()

    # when
    statuses, durations = [], []
    for _ in range(4):
        execution_id = pipeline.start()
        world.run()
        statuses.append(pipeline.status(execution_id))
        run = pipeline.action("Compile")
        durations.append((run["lastUpdateTime"] - run["startTime"]).total_seconds())

    # then
    assert statuses == ["Failed", "Succeeded", "Succeeded", "Succeeded"]
    assert durations == [3, 3, 77, 77]


def test_an_empty_script_is_refused(play):
    with pytest.raises(ValueError, match="target/Build/Compile has no acts"):
        play("Build", "Compile")


@pytest.mark.rule("E3")
def test_the_same_request_token_identifies_the_same_execution(target, world):
    # given
    pipeline = target()

    # when
    first = pipeline.start(clientRequestToken="token-1")
    world.run()
    again = pipeline.start(clientRequestToken="token-1")
    other = pipeline.start(clientRequestToken="token-2")

    # then
    assert again == first
    assert other != first
    assert len(pipeline.summaries()) == 2


@pytest.mark.rule("E3")
def test_a_request_token_belongs_to_one_pipeline(target):
    # given
    one, two = target(), target(name="other")

    # when
    ids = {one.start(clientRequestToken="token"), two.start(clientRequestToken="token")}

    # then
    assert len(ids) == 2


@pytest.mark.rule("E3")
def test_a_request_token_is_forgotten_after_its_window(target, world, behave):
    # given
    behave(client_request_token_window=600)
    pipeline = target()
    first = pipeline.start(clientRequestToken="token")

    # when
    world.run(world.now + 601)

    # then
    assert pipeline.start(clientRequestToken="token") != first


@pytest.mark.rule("E3")
def test_a_token_reused_with_other_parameters_can_be_a_conflict(target, behave, refused):
    # given
    behave(repeated_request="conflict")
    pipeline = target(pipelineType="V2", variables=[{"name": "Stage"}])
    asked = {"clientRequestToken": "token", "variables": [{"name": "Stage", "value": "a"}]}
    first = pipeline.start(**asked)

    # when, then
    assert pipeline.start(**asked) == first
    with refused("ConflictException", "token"):
        pipeline.start(clientRequestToken="token", variables=[{"name": "Stage", "value": "b"}])


@pytest.mark.rule("E5")
def test_requested_source_revisions_are_used_by_the_source(target, world, refused):
    # given
    pipeline = target()
    asked = {"actionName": "Checkout", "revisionType": "S3_OBJECT_VERSION_ID"}

    # when
    execution_id = pipeline.start(sourceRevisions=[{**asked, "revisionValue": "v17"}])
    world.run()

    # then
    [revision] = pipeline.execution(execution_id)["artifactRevisions"]
    assert revision["revisionId"] == "v17"
    with refused("ValidationException", "Compile"):
        pipeline.start(sourceRevisions=[{**asked, "actionName": "Compile", "revisionValue": "v17"}])


@pytest.mark.rule("E7")
def test_an_execution_may_be_invisible_for_a_while(target, world, behave, refused):
    # given
    behave(execution_visible_after=2)
    pipeline = target()

    # when
    execution_id = pipeline.start()

    # then
    with refused("PipelineExecutionNotFoundException", execution_id):
        pipeline.status(execution_id)
    assert pipeline.summaries() == []
    world.run(world.now + 2)
    assert pipeline.status(execution_id) == "InProgress"


@pytest.mark.rule("E7")
def test_creating_a_pipeline_can_start_it(target, behave):
    # given
    behave(create_starts_execution=True)

    # when
    variables = [{"name": "Stand", "defaultValue": "test"}, {"name": "Open"}]
    pipeline = target(pipelineType="V2", variables=variables)

    # then
    [summary] = pipeline.summaries()
    assert summary["trigger"] == {"triggerType": "CreatePipeline", "triggerDetail": CALLER}
    resolved = pipeline.execution(summary["pipelineExecutionId"])["variables"]
    assert resolved == [{"name": "Stand", "resolvedValue": "test"}]


def test_starting_a_pipeline_that_does_not_exist_is_refused(client, refused):
    with refused("PipelineNotFoundException", ACCOUNT, "'ghost'"):
        client.start_pipeline_execution(name="ghost")


@pytest.mark.rule("E21")
def test_between_two_stages_all_stages_have_ended_but_the_execution_is_in_progress(
    target, world, behave
):
    # given
    behave(between_stages=5)
    pipeline = target()

    # when
    execution_id = pipeline.start()
    world.run(world.now + 4)

    # then
    assert pipeline.stages()["Source"]["latestExecution"]["status"] == "Succeeded"
    assert "latestExecution" not in pipeline.stages()["Build"]
    assert pipeline.status(execution_id) == "InProgress"
    world.run()
    assert pipeline.status(execution_id) == "Succeeded"
