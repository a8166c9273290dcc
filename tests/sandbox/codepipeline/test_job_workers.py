"""Custom actions: their types, and the job workers that poll for their jobs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from codepipeline_sandbox.codepipeline import Act
from tests.sandbox.codepipeline import declarations
from tests.sandbox.codepipeline.declarations import action, stage
from tests.sandbox.codepipeline.target import Target

ID = {"category": "Build", "owner": "Custom", "provider": "Mill", "version": "1"}
KEY = {"category": "Build", "provider": "Mill", "version": "1"}
PROPERTY = {"name": "Project", "required": True, "key": True, "secret": False, "queryable": True}
OPTIONAL = {**PROPERTY, "required": False, "queryable": False}
DETAILS = {"minimumCount": 0, "maximumCount": 5}
TEMPLATE = "https://mill.example/{Config:Project}/{ExternalExecutionId}"
ENTITY = "https://mill.example/{Config:Project}"
TYPE = {
    **KEY,
    "settings": {"executionUrlTemplate": TEMPLATE, "entityUrlTemplate": ENTITY},
    "configurationProperties": [PROPERTY],
    "inputArtifactDetails": DETAILS,
    "outputArtifactDetails": DETAILS,
}
WEB = {"Project": "web"}
NONE_IN = {"minimumCount": 0, "maximumCount": 0}
SOURCE_TYPE = {
    "category": "Source",
    "inputArtifactDetails": NONE_IN,
    "outputArtifactDetails": {"minimumCount": 1, "maximumCount": 1},
}


def grind(name="Grind", project="web"):
    made = action(name, "Build", "Mill", configuration={"Project": project})
    made["actionTypeId"]["owner"] = "Custom"
    return made


@pytest.fixture
def mill(client):
    client.create_custom_action_type(**TYPE)


@pytest.fixture
def pipeline(mill, target, world):
    pipeline = target(stage("Build", grind()))
    pipeline.start()
    world.run(world.now + 10)
    return pipeline


@pytest.fixture
def poll(client):
    def ask(**more):
        return client.poll_for_jobs(actionTypeId=ID, **{"queryParam": WEB, **more})["jobs"]

    return ask


@pytest.fixture
def take(client, poll):
    def acknowledged():
        [job] = poll()
        client.acknowledge_job(jobId=job["id"], nonce=job["nonce"])
        return job["id"]

    return acknowledged


@pytest.mark.rule("W7")
def test_an_action_type_can_have_tags(client, refused):
    # given
    created = client.create_custom_action_type(**TYPE, tags=[{"key": "team", "value": "a"}])
    arn = "arn:aws:codepipeline:eu-central-1:111122223333:actiontype:Custom/Build/Mill/1"

    # when
    client.tag_resource(resourceArn=arn, tags=[{"key": "cost", "value": "b"}])

    # then
    assert created["tags"] == [{"key": "team", "value": "a"}]
    both = [{"key": "cost", "value": "b"}, {"key": "team", "value": "a"}]
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == both
    client.untag_resource(resourceArn=arn, tagKeys=["cost"])
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == created["tags"]
    client.delete_custom_action_type(**KEY)
    with refused("ResourceNotFoundException", arn):
        client.list_tags_for_resource(resourceArn=arn)


@pytest.mark.rule("W1")
def test_an_action_type_is_shown_as_created(client, mill):
    [shown] = client.list_action_types(actionOwnerFilter="Custom")["actionTypes"]
    assert shown["id"] == ID
    assert shown["settings"] == TYPE["settings"]
    assert shown["actionConfigurationProperties"] == [PROPERTY]
    assert shown["inputArtifactDetails"] == DETAILS


@pytest.mark.rule("W1")
@pytest.mark.parametrize(
    "changed,words",
    [
        ({"configurationProperties": [{**PROPERTY, "required": False}]}, "queryable"),
        ({"configurationProperties": [PROPERTY, {**PROPERTY, "name": "B"}]}, "queryable"),
        ({"configurationProperties": [{**PROPERTY, "secret": True}]}, "secret"),
        ({"settings": {"entityUrlTemplate": "https://x/{Config:Color}"}}, "'Color'"),
        (
            {"configurationProperties": [{**PROPERTY, "required": False, "queryable": False}]},
            "'Project'",
        ),
        ({"provider": "m" * 36}, "less than or equal to 35"),
    ],
)
def test_an_invalid_action_type_is_refused(client, refused, changed, words):
    with refused("ValidationException", words):
        client.create_custom_action_type(**{**TYPE, **changed})
    assert client.list_action_types(actionOwnerFilter="Custom")["actionTypes"] == []


@pytest.mark.rule("W2")
def test_a_deleted_action_type_can_only_be_recreated_unchanged(client, mill, poll, refused):
    # given
    with refused("ValidationException", "already"):
        client.create_custom_action_type(**TYPE)
    client.delete_custom_action_type(**KEY)
    client.delete_custom_action_type(**{**KEY, "version": "2"})

    # when, then
    assert client.list_action_types(actionOwnerFilter="Custom")["actionTypes"] == []
    with refused("ActionTypeNotFoundException", "Mill"):
        poll()
    with refused("ValidationException", "deleted"):
        client.create_custom_action_type(**{**TYPE, "settings": {}})
    client.create_custom_action_type(**TYPE)
    assert poll() == []


@pytest.mark.rule("W1")
def test_an_account_has_at_most_50_action_types_and_lists_them_in_order(client, refused):
    # given
    for number in reversed(range(10, 60)):
        client.create_custom_action_type(**{**TYPE, "version": str(number)})

    # when, then
    pages = client.get_paginator("list_action_types").paginate(actionOwnerFilter="Custom")
    listed = [each["id"]["version"] for page in pages for each in page["actionTypes"]]
    assert listed == [str(number) for number in range(10, 60)]
    with refused("LimitExceededException", "50"):
        client.create_custom_action_type(**{**TYPE, "version": "60"})


@pytest.mark.rule("W3")
def test_a_worker_polls_acknowledges_and_answers(client, pipeline, world, poll):
    # when
    [job] = poll()
    answer = client.acknowledge_job(jobId=job["id"], nonce=job["nonce"])
    client.put_job_success_result(
        jobId=job["id"],
        executionDetails={"summary": "Ground", "externalExecutionId": "7"},
        outputVariables={"Flour": "white"},
    )
    world.run()

    # then
    assert answer["status"] == "InProgress"
    assert job["data"]["actionConfiguration"]["configuration"] == WEB
    assert job["data"]["actionTypeId"] == ID
    assert job["data"]["pipelineContext"]["pipelineName"] == "target"
    run = pipeline.action("Grind")
    assert run["status"] == "Succeeded"
    assert run["output"]["outputVariables"] == {"Flour": "white"}
    assert run["output"]["executionResult"] == {
        "externalExecutionId": "7",
        "externalExecutionSummary": "Ground",
        "externalExecutionUrl": "https://mill.example/web/7",
    }
    assert poll() == []


@pytest.mark.rule("W8")
@pytest.mark.parametrize(
    "provider, settings, shown",
    [
        ("Mill", {"entityUrlTemplate": ENTITY}, "https://mill.example/web"),
        ("Mill", {}, None),
        # A custom type can have the name of an AWS provider.
        ("Lambda", {"entityUrlTemplate": ENTITY}, "https://mill.example/web"),
        ("Lambda", {}, None),
    ],
)
@pytest.mark.parametrize("scripted", [False, True])
def test_a_custom_action_links_to_the_entity_of_its_type(
    client, target, world, play, provider, settings, shown, scripted
):
    # given
    kind = {**TYPE, "provider": provider, "settings": settings}
    key = "FunctionName" if provider == "Lambda" else "Project"
    kind["configurationProperties"] = [PROPERTY, {**OPTIONAL, "name": "FunctionName"}]
    client.create_custom_action_type(**kind)
    made = grind()
    made["actionTypeId"]["provider"] = provider
    made["configuration"] |= {key: "web"}
    pipeline = target(stage("Build", made))
    if scripted:
        play("Build", "Grind", Act(duration=3))

    # when
    pipeline.start()
    world.run(world.now + 10)

    # then
    [state] = pipeline.stages()["Build"]["actionStates"]
    assert state.get("entityUrl") == shown


@pytest.mark.rule("W4")
def test_the_first_worker_to_acknowledge_a_job_gets_it(client, pipeline, poll, refused):
    # given
    [[one], [other]] = [poll(), poll()]
    assert one["id"] == other["id"]

    # when
    client.acknowledge_job(jobId=one["id"], nonce=one["nonce"])

    # then
    with refused("InvalidNonceException", one["id"]):
        client.acknowledge_job(jobId=other["id"], nonce=other["nonce"])
    again = client.acknowledge_job(jobId=one["id"], nonce=one["nonce"])
    assert again["status"] == "InProgress"
    assert poll() == []
    assert pipeline.action("Grind")["status"] == "InProgress"


@pytest.mark.rule("W4")
def test_a_job_cannot_be_answered_before_a_worker_acknowledges_it(
    client, pipeline, isolated_codepipeline, poll, refused
):
    # given
    [job] = poll()

    # when, then
    with refused("InvalidJobStateException", "Dispatched"):
        client.put_job_success_result(jobId=job["id"])
    assert pipeline.action("Grind")["status"] == "InProgress"
    with refused("JobNotFoundException"):
        client.acknowledge_job(jobId=isolated_codepipeline.world.uuid(), nonce="1")


@pytest.mark.rule("W5")
def test_a_continuation_token_comes_with_the_workers_next_job(client, pipeline, world, take, poll):
    # given
    first = take()

    # when
    client.put_job_success_result(
        jobId=first,
        continuationToken="half",
        executionDetails={"externalExecutionId": "7", "percentComplete": 50},
    )
    world.run(world.now + 31)

    # then
    [job] = poll()
    assert job["id"] != first
    assert job["data"]["continuationToken"] == "half"
    [state] = pipeline.stages()["Build"]["actionStates"]
    assert state["latestExecution"]["externalExecutionUrl"] == "https://mill.example/web/7"
    assert state["latestExecution"]["percentComplete"] == 50


@pytest.mark.rule("W3")
def test_a_worker_receives_the_jobs_that_match_its_query(
    client, mill, target, world, poll, refused
):
    # given
    actions = [grind("A"), grind("B"), grind("C", "app")]
    target(stage("Build", *actions)).start()
    world.run(world.now + 10)

    # when
    one, both, other = poll(maxBatchSize=1), poll(), poll(queryParam={"Project": "app"})

    # then
    assert (len(one), len(both), len(other)) == (1, 2, 1)
    with refused("ValidationException", "Project"):
        client.poll_for_jobs(actionTypeId=ID)
    with refused("ValidationException", "owner Custom"):
        client.poll_for_jobs(actionTypeId={**ID, "owner": "AWS"})


@pytest.mark.rule("W5")
def test_a_worker_may_take_at_most_24_hours(pipeline, client, world, take, refused):
    # given
    job_id = take()
    began = pipeline.action("Grind")["startTime"]

    # when
    world.run()

    # then
    run = pipeline.action("Grind")
    assert run["status"] == "Failed"
    assert run["lastUpdateTime"] - began == timedelta(hours=24)
    message = run["output"]["executionResult"]["errorDetails"]["message"]
    assert message == "The action timed out after 24 hours."
    with refused("InvalidJobStateException", "TimedOut"):
        client.put_job_success_result(jobId=job_id)


@pytest.mark.rule("W5")
def test_a_worker_receives_no_job_for_an_abandoned_action(pipeline, world, poll):
    # given
    execution_id = pipeline.summaries()[0]["pipelineExecutionId"]

    # when
    pipeline.stop(execution_id, abandon=True)
    world.run()

    # then
    assert poll() == []


@pytest.mark.rule("W1")
def test_only_custom_action_types_can_be_listed(client, refused):
    with refused("ValidationException", "only lists action types with the owner Custom"):
        client.list_action_types()


@pytest.mark.rule("J8")
def test_a_revision_reported_by_a_custom_source_is_shown_for_the_execution(client, world):
    # given
    client.create_custom_action_type(**{**TYPE, **SOURCE_TYPE})
    checkout = action("Fetch", "Source", "Mill", configuration={"Project": "web"})
    checkout["actionTypeId"]["owner"] = "Custom"
    checkout["outputArtifacts"] = [{"name": "App"}]
    pipeline = Target(client, declarations.pipeline(first=checkout))
    execution_id = pipeline.start()
    world.run(world.now + 10)
    [job] = client.poll_for_jobs(actionTypeId={**ID, "category": "Source"}, queryParam=WEB)["jobs"]
    client.acknowledge_job(jobId=job["id"], nonce=job["nonce"])

    # when
    reported = {"revision": "4f2a", "changeIdentifier": "17", "revisionSummary": "Fix the door"}
    client.put_job_success_result(jobId=job["id"], currentRevision=reported)
    world.run()

    # then
    [shown] = pipeline.execution(execution_id)["artifactRevisions"]
    assert shown.pop("created")
    assert shown == {
        "name": "App",
        "revisionId": "4f2a",
        "revisionChangeIdentifier": "17",
        "revisionSummary": "Fix the door",
    }
