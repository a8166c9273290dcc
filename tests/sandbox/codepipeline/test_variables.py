from __future__ import annotations

import pytest

from codepipeline_sandbox.codepipeline import Act
from tests.sandbox.codepipeline.declarations import action, function, source, stage

VARIABLES = [{"name": "Stage", "defaultValue": "beta"}, {"name": "Tag"}]


@pytest.mark.rule("A1")
def test_references_are_resolved_when_the_action_starts(
    client, target, world, play, isolated_codepipeline
):
    # given
    play("Build", "Compile", Act(output_variables={"Image": "app:42"}))
    text = "#{codepipeline.PipelineExecutionId} #{variables.Stage}/#{variables.Tag} #{Made.Image}"
    pipeline = target(
        stage("Build", action("Compile", namespace="Made")),
        stage("Release", function(user_parameters=text)),
        pipelineType="V2",
        variables=VARIABLES,
    )

    # when
    execution_id = pipeline.start(variables=[{"name": "Tag", "value": "v1"}])
    world.run(world.now + 10)

    # then
    resolved = f"{execution_id} beta/v1 app:42"
    [job] = isolated_codepipeline.functions.jobs
    configuration = job["data"]["actionConfiguration"]["configuration"]
    assert configuration == {"FunctionName": "ask", "UserParameters": resolved}
    given = pipeline.action("Ask")["input"]
    assert given["configuration"]["UserParameters"] == text
    assert given["resolvedConfiguration"]["UserParameters"] == resolved
    assert pipeline.execution(execution_id)["variables"] == [
        {"name": "Stage", "resolvedValue": "beta"},
        {"name": "Tag", "resolvedValue": "v1"},
    ]
    details = client.get_job_details(jobId=job["id"])["jobDetails"]["data"]
    assert details["actionConfiguration"]["configuration"]["UserParameters"] == resolved


def test_user_parameters_without_references_arrive_unchanged(target, world, isolated_codepipeline):
    # given
    written = '{\n  "targetname": "x", #Required\n  "tags": "#{}"[0]}'.replace("#{}", "# {}")
    target(stage("Release", function(user_parameters=written))).start()

    # when
    world.run(world.now + 10)

    # then
    [job] = isolated_codepipeline.functions.jobs
    assert job["data"]["actionConfiguration"]["configuration"]["UserParameters"] == written


@pytest.mark.rule("A2")
def test_a_reference_to_a_variable_without_a_value_fails_the_action(target, world):
    # given
    pipeline = target(
        stage("Build", action("Compile", namespace="Made")),
        stage("Release", function(user_parameters="#{Made.Image}")),
    )

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    assert pipeline.status(execution_id) == "Failed"
    details = pipeline.action("Ask")["output"]["executionResult"]["errorDetails"]
    assert "#{Made.Image}" in details["message"]


@pytest.mark.rule("E4")
def test_variables_need_a_value_a_declaration_and_a_v2_pipeline(target, refused):
    # given
    pipeline = target(pipelineType="V2", variables=VARIABLES)
    old = target(name="old")
    tag = {"name": "Tag", "value": "v1"}

    # when, then
    with refused("ValidationException", "Tag", "need a value"):
        pipeline.start()
    with refused("ValidationException", "Color"):
        pipeline.start(variables=[tag, {"name": "Color", "value": "red"}])
    with refused("ValidationException", "V2"):
        old.start(variables=[tag])


@pytest.mark.rule("E4")
def test_undeclared_variables_can_be_ignored(target, world, behave):
    # given
    behave(undeclared_variables="ignored")
    pipeline = target(pipelineType="V2")

    # when
    execution_id = pipeline.start(variables=[{"name": "Color", "value": "red"}])
    world.run()

    # then
    assert pipeline.execution(execution_id)["variables"] == []


def test_a_source_action_has_output_variables_too(target, world, play):
    # given
    play("Source", "Checkout", Act(output_variables={"CommitId": "abc"}))
    pipeline = target(
        stage("Release", action("Ship", configuration={"Version": "#{Code.CommitId}"})),
        first=source(namespace="Code"),
    )

    # when
    pipeline.start()
    world.run()

    # then
    assert pipeline.action("Ship")["input"]["resolvedConfiguration"] == {"Version": "abc"}
