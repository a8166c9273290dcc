from __future__ import annotations

import pytest

from codepipeline_sandbox import codepipeline
from codepipeline_sandbox.codepipeline import Act
from tests.sandbox.codepipeline.clients import client_in
from tests.sandbox.codepipeline.declarations import function, pipeline, stage
from tests.sandbox.codepipeline.target import Target

PLACES = [
    ("111122223333", "eu-central-1"),
    ("111122223333", "us-east-1"),
    ("222233334444", "eu-central-1"),
]


@pytest.mark.rule("P6")
def test_each_account_and_region_has_its_own_pipelines_scripts_and_events(
    isolated_codepipeline, world, monkeypatch
):
    # given
    statuses = {}
    codepipeline.script(*PLACES[0], "target", "Build", "Compile", [Act(outcome="Failed")])

    # when
    for account, region in PLACES:
        monkeypatch.setenv("MOTO_ACCOUNT_ID", account)
        client = client_in(region)
        target = Target(client, pipeline())
        execution_id = target.start()
        world.run()
        statuses[account, region] = target.status(execution_id)
        assert len(target.summaries()) == 1

    # then
    assert statuses == dict(zip(PLACES, ["Failed", "Succeeded", "Succeeded"], strict=True))
    assert {
        (account, region) for account, region, _ in isolated_codepipeline.events.put_events
    } == set(PLACES)
    arns = {event["resources"][0] for _, _, event in isolated_codepipeline.events.put_events}
    assert arns == {f"arn:aws:codepipeline:{region}:{account}:target" for account, region in PLACES}


@pytest.mark.rule("P6", "J11")
def test_a_job_of_another_account_is_not_found(target, isolated_codepipeline, monkeypatch, refused):
    # given
    made = target(stage("Ask", function()))
    made.start()
    isolated_codepipeline.world.run(isolated_codepipeline.world.now + 10)

    # when
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "222233334444")

    # then
    with refused("JobNotFoundException"):
        made.client.get_job_details(jobId=isolated_codepipeline.functions.job_id)


@pytest.mark.rule("A4")
def test_an_action_in_another_region_has_its_job_and_artifacts_there(
    target, world, isolated_codepipeline
):
    # given
    stores = {
        "eu-central-1": {"type": "S3", "location": "here"},
        "us-east-1": {"type": "S3", "location": "there"},
    }
    ask = function(
        region="us-east-1",
        inputArtifacts=[{"name": "App"}],
        outputArtifacts=[{"name": "Answer"}],
    )
    made = target(stage("Ask", ask), artifactStores=stores)

    # when
    made.start()
    world.run(world.now + 10)

    # then
    [(arn, event)] = isolated_codepipeline.functions.events
    assert arn.split(":")[3] == "us-east-1"
    data = event["CodePipeline.job"]["data"]
    for artifact in (*data["inputArtifacts"], *data["outputArtifacts"]):
        assert artifact["location"]["s3Location"]["bucketName"] == "there"
    shown = made.action("Ask")["input"]["inputArtifacts"]
    assert [each["s3location"]["bucket"] for each in shown] == ["there"]
    abroad = client_in("us-east-1")
    abroad.put_job_success_result(jobId=isolated_codepipeline.functions.job_id)
    world.run()
    assert made.summaries()[0]["status"] == "Succeeded"
