from __future__ import annotations

import pytest

from codepipeline_sandbox.codepipeline import Act
from tests.sandbox.codepipeline.declarations import action, function, stage

CONSOLE = "https://eu-central-1.console.aws.amazon.com"


@pytest.mark.rule("S2")
def test_a_stage_that_never_ran_has_no_latest_execution(target, world, play):
    # given
    play("Build", "Compile", Act(outcome="Failed", error_message="no"))
    pipeline = target(stage("Build", action("Compile")), stage("Deploy", action("Ship")))

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    stages = pipeline.stages()
    assert stages["Deploy"] == {
        "stageName": "Deploy",
        "inboundExecutions": [],
        "inboundTransitionState": {"enabled": True},
        "actionStates": [{"actionName": "Ship"}],
    }
    failed = {"pipelineExecutionId": execution_id, "status": "Failed"}
    assert stages["Build"]["latestExecution"] == failed
    latest = stages["Build"]["actionStates"][0]["latestExecution"]
    assert latest["errorDetails"] == {"code": "JobFailed", "message": "no"}


@pytest.mark.rule("S1")
def test_an_action_that_has_not_run_again_shows_its_older_run(target, world, play):
    # given
    play("Build", "Compile", Act(duration=3), Act(duration=1000))
    pipeline = target(stage("Build", action("Compile"), action("Check", runOrder=2)))
    pipeline.start()
    world.run()

    # when
    second = pipeline.start()
    world.run(world.now + 10)

    # then
    build = pipeline.stages()["Build"]
    assert build["latestExecution"] == {"pipelineExecutionId": second, "status": "InProgress"}
    statuses = [each["latestExecution"]["status"] for each in build["actionStates"]]
    assert statuses == ["InProgress", "Succeeded"]


@pytest.mark.rule("S3")
def test_the_source_shows_only_the_revision_id(target, world, play):
    # given
    play("Source", "Checkout", Act(revision="abc123"))
    pipeline = target()

    # when
    pipeline.start()
    world.run()

    # then
    [state] = pipeline.stages()["Source"]["actionStates"]
    assert state["currentRevision"] == {"revisionId": "abc123"}


@pytest.mark.rule("E8")
def test_lists_are_newest_first_and_paginated(client, target, world):
    # given
    pipeline = target()
    ids = []
    for _ in range(5):
        ids.append(pipeline.start())
        world.run()

    # when
    pages = list(
        client.get_paginator("list_pipeline_executions").paginate(
            pipelineName="target", PaginationConfig={"PageSize": 2}
        )
    )

    # then
    shown = [[s["pipelineExecutionId"] for s in p["pipelineExecutionSummaries"]] for p in pages]
    newest = ids[::-1]
    assert shown == [newest[:2], newest[2:4], newest[4:]]


@pytest.mark.rule("E10")
def test_pages_do_not_shift_when_an_execution_starts_in_between(client, target, world):
    # given
    pipeline = target()
    ids = []
    for _ in range(4):
        ids.append(pipeline.start())
        world.run()
    first = client.list_pipeline_executions(pipelineName="target", maxResults=2)

    # when
    pipeline.start()
    rest = pipeline.summaries(nextToken=first["nextToken"])

    # then
    assert [each["pipelineExecutionId"] for each in rest] == [ids[1], ids[0]]


@pytest.mark.rule("E10", "P11")
def test_the_next_page_is_found_even_if_the_item_before_it_is_gone(client, target):
    # given
    for name in "abc":
        target(name=name)
    token = client.list_pipelines(maxResults=1)["nextToken"]

    # when
    client.delete_pipeline(name="a")
    rest = client.list_pipelines(nextToken=token)["pipelines"]

    # then
    assert [each["name"] for each in rest] == ["b", "c"]


@pytest.mark.rule("E9", "E10")
def test_the_next_page_is_found_even_if_a_retry_has_changed_the_list(client, target, world, play):
    # given
    play("Build", "Second", Act(outcome="Failed"))
    pipeline = target(stage("Build", action("First"), action("Second")))
    execution = pipeline.start()
    world.run()
    latest = {"pipelineExecutionId": execution, "startTimeRange": "Latest"}
    asked = {"pipelineName": "target", "filter": {"latestInPipelineExecution": latest}}
    token = client.list_action_executions(**asked, maxResults=2)["nextToken"]

    # when
    pipeline.retry(execution, "Build", "ALL_ACTIONS")
    world.run()
    rest = client.list_action_executions(**asked, nextToken=token)

    # then
    assert rest["actionExecutionDetails"] == []


@pytest.mark.rule("E10")
def test_a_token_of_another_list_is_refused(client, target, refused):
    # given
    pipeline, other = target(), target(name="other")
    for each in (pipeline, pipeline, other):
        each.start()
    token = client.list_pipeline_executions(pipelineName="target", maxResults=1)["nextToken"]

    # when, then
    with refused("InvalidNextTokenException"):
        other.summaries(nextToken=token)
    with refused("InvalidNextTokenException"):
        pipeline.summaries(nextToken="nonsense")


@pytest.mark.rule("E8")
def test_executions_can_be_filtered_by_the_stage_they_succeeded_in(target, world, play):
    # given
    play("Build", "Compile", Act(outcome="Failed"), Act())
    pipeline = target()
    for _ in range(2):
        pipeline.start()
        world.run()

    # when
    built = pipeline.summaries(filter={"succeededInStage": {"stageName": "Build"}})
    fetched = pipeline.summaries(filter={"succeededInStage": {"stageName": "Source"}})

    # then
    assert [each["status"] for each in built] == ["Succeeded"]
    assert len(fetched) == 2


@pytest.mark.rule("E9")
def test_action_executions_are_newest_first_and_can_be_filtered_by_execution(client, target, world):
    # given
    pipeline = target()
    ids = []
    for _ in range(2):
        ids.append(pipeline.start())
        world.run()

    # when
    answer = client.list_action_executions(pipelineName="target")["actionExecutionDetails"]
    only = pipeline.actions(ids[0])

    # then
    shown = [(each["pipelineExecutionId"], each["actionName"]) for each in answer]
    assert shown == [
        (ids[1], "Compile"),
        (ids[1], "Checkout"),
        (ids[0], "Compile"),
        (ids[0], "Checkout"),
    ]
    assert {each["pipelineExecutionId"] for each in only} == {ids[0]}


@pytest.mark.rule("E9")
def test_the_latest_action_executions_leave_out_repeated_actions(client, target, world, play):
    # given
    play("Build", "Compile", Act(outcome="Failed"), Act())
    pipeline = target()
    execution_id = pipeline.start()
    world.run()
    pipeline.retry(execution_id, "Build")
    world.run()

    # when
    def latest(time_range):
        wanted = {"pipelineExecutionId": execution_id, "startTimeRange": time_range}
        answer = client.list_action_executions(
            pipelineName="target", filter={"latestInPipelineExecution": wanted}
        )
        return [(e["actionName"], e["status"]) for e in answer["actionExecutionDetails"]]

    # then
    assert latest("All") == [("Compile", "Succeeded"), ("Checkout", "Succeeded")]
    assert latest("Latest") == [("Compile", "Succeeded")]


def test_unknown_executions_and_pipelines_are_not_found(client, target, world, refused):
    # given
    pipeline = target()
    unknown = world.uuid()

    # when, then
    with refused("PipelineExecutionNotFoundException", unknown):
        pipeline.status(unknown)
    with refused("PipelineExecutionNotFoundException", unknown):
        pipeline.actions(unknown)
    for operation, name in (
        (client.get_pipeline_state, {"name": "ghost"}),
        (client.list_pipeline_executions, {"pipelineName": "ghost"}),
        (client.list_action_executions, {"pipelineName": "ghost"}),
    ):
        with refused("PipelineNotFoundException", "'ghost'"):
            operation(**name)


def test_a_running_actions_artifacts_and_namespace_are_listed(target, world, isolated_codepipeline):
    # given
    pipeline = target(stage("Ask", function(inputArtifacts=[{"name": "App"}], namespace="Answer")))

    # when
    pipeline.start()
    world.run(world.now + 5)

    # then
    assert isolated_codepipeline.functions.jobs
    run = pipeline.action("Ask")
    [artifact] = run["input"]["inputArtifacts"]
    assert artifact["name"] == "App"
    [made] = pipeline.action("Checkout")["output"]["outputArtifacts"]
    assert made == artifact
    assert run["input"]["namespace"] == "Answer"
    assert run["output"] == {"outputArtifacts": [], "executionResult": {}, "outputVariables": {}}


@pytest.mark.rule("S14")
@pytest.mark.parametrize(
    "configuration, shown",
    [
        (
            {"ProjectName": "app"},
            f"{CONSOLE}/codesuite/codebuild/projects/app/view?region=eu-central-1",
        ),
        ({}, None),
    ],
)
def test_an_action_that_has_run_shows_a_link_to_its_resource(target, world, configuration, shown):
    # given
    pipeline = target(stage("Build", action("Compile", configuration=configuration)))

    # when
    pipeline.start()
    world.run()

    # then
    [state] = pipeline.stages()["Build"]["actionStates"]
    assert state.get("entityUrl") == shown
