from __future__ import annotations

import pytest

from tests.sandbox.codepipeline.declarations import (
    ACCOUNT,
    REGION,
    ROLE,
    action,
    function,
    pipeline,
    source,
    stage,
)

BLOCKER = {"name": "Hold", "type": "Schedule"}
BUILD = stage("Build", action("Compile"))
STORE = {"type": "S3", "location": "artifact-bucket"}
BOTH = {REGION: STORE, "us-east-1": STORE}
STAGE = "InvalidStageDeclarationException"
ACTION = "InvalidActionDeclarationException"
STRUCTURE = "InvalidStructureException"


def owned(owner, provider):
    build = action("A", provider=provider, region="us-east-1")
    return {**build, "actionTypeId": {**build["actionTypeId"], "owner": owner}}


def test_a_pipeline_comes_back_as_declared_with_defaults_and_version_1(client, target):
    # given
    made = target()

    # when
    answer = client.get_pipeline(name="target")

    # then
    declared = answer["pipeline"]
    assert declared["version"] == 1
    assert (declared["pipelineType"], declared["executionMode"]) == ("V1", "SUPERSEDED")
    assert declared["roleArn"] == made.declaration["roleArn"]
    assert declared["stages"][1]["actions"] == [
        {
            "name": "Compile",
            "actionTypeId": made.declaration["stages"][1]["actions"][0]["actionTypeId"],
            "runOrder": 1,
            "configuration": {},
            "outputArtifacts": [],
            "inputArtifacts": [],
        }
    ]
    metadata = answer["metadata"]
    assert metadata["pipelineArn"] == f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:target"
    assert metadata["created"] == metadata["updated"]


@pytest.mark.rule("P5")
def test_an_update_creates_a_new_version_and_keeps_the_old_one(client, target, world, refused):
    # given
    target()
    world.run(world.now + 60)

    # when
    changed = pipeline(stage("Test", action("Check")))
    answer = client.update_pipeline(pipeline=changed)

    # then
    assert answer["pipeline"]["version"] == 2
    newest = client.get_pipeline(name="target")
    assert newest["pipeline"]["stages"][1]["name"] == "Test"
    assert newest["metadata"]["updated"] > newest["metadata"]["created"]
    oldest = client.get_pipeline(name="target", version=1)["pipeline"]
    assert oldest["stages"][1]["name"] == "Build"
    with refused("PipelineNotFoundException", "'target'"):
        client.get_pipeline(name="target", version=3)


@pytest.mark.rule("P5")
@pytest.mark.parametrize(
    "error, code",
    [
        ("version", "PipelineVersionNotFoundException"),
        ("pipeline", "PipelineNotFoundException"),
    ],
)
def test_only_the_last_ten_versions_are_kept(client, target, behave, refused, error, code):
    # given
    target()
    behave(version_not_kept=error)
    for _ in range(10):
        client.update_pipeline(pipeline=pipeline())

    # then
    assert client.get_pipeline(name="target")["pipeline"]["version"] == 11
    assert client.get_pipeline(name="target", version=2)["pipeline"]["version"] == 2
    with refused(code, "'target'"):
        client.get_pipeline(name="target", version=1)


@pytest.mark.rule("P11")
def test_pipelines_are_listed_by_name_in_pages(client, target):
    # given
    for name in ("c", "a", "b"):
        target(name=name)

    # when
    first = client.list_pipelines(maxResults=2)
    second = client.list_pipelines(maxResults=2, nextToken=first["nextToken"])

    # then
    assert [each["name"] for each in first["pipelines"]] == ["a", "b"]
    assert [each["name"] for each in second["pipelines"]] == ["c"]
    assert "nextToken" not in second
    assert second["pipelines"][0]["executionMode"] == "SUPERSEDED"


@pytest.mark.rule("P9")
def test_a_deleted_pipeline_is_gone_and_may_be_deleted_again(client, target, refused):
    # given
    target()

    # when
    client.delete_pipeline(name="target")
    client.delete_pipeline(name="target")

    # then
    with refused("PipelineNotFoundException", "'target'"):
        client.get_pipeline(name="target")
    with refused("PipelineNotFoundException", "'target'"):
        client.update_pipeline(pipeline=pipeline())


@pytest.mark.rule("P6")
def test_a_name_can_be_used_only_once(target, refused):
    # given
    target()

    # when, then
    with refused("PipelineNameInUseException", "'target'", ACCOUNT):
        target()


@pytest.mark.rule("P8")
def test_changing_the_tags_does_not_cancel_executions(client, target, world):
    # given
    pipeline = target()
    execution_id = pipeline.start()
    metadata = client.get_pipeline(name="target")["metadata"]

    # when
    client.tag_resource(resourceArn=metadata["pipelineArn"], tags=[{"key": "a", "value": "b"}])
    during = pipeline.status(execution_id)
    world.run()

    # then
    assert (during, pipeline.status(execution_id)) == ("InProgress", "Succeeded")
    assert len(pipeline.summaries()) == 1


@pytest.mark.rule("P8")
def test_tags_are_kept_with_the_pipeline(client, refused):
    # given
    client.create_pipeline(pipeline=pipeline(), tags=[{"key": "team", "value": "a"}])
    arn = client.get_pipeline(name="target")["metadata"]["pipelineArn"]

    # when
    client.tag_resource(resourceArn=arn, tags=[{"key": "cost", "value": ""}])
    both = client.list_tags_for_resource(resourceArn=arn)["tags"]
    client.untag_resource(resourceArn=arn, tagKeys=["team", "none"])

    # then
    assert both == [{"key": "cost", "value": ""}, {"key": "team", "value": "a"}]
    left = client.list_tags_for_resource(resourceArn=arn)["tags"]
    assert left == [{"key": "cost", "value": ""}]
    with refused("InvalidTagsException", "aws:x"):
        client.tag_resource(resourceArn=arn, tags=[{"key": "aws:x", "value": ""}])
    with refused("TooManyTagsException", arn):
        many = [{"key": str(number), "value": ""} for number in range(50)]
        client.tag_resource(resourceArn=arn, tags=many)
    with refused("ResourceNotFoundException", "ghost"):
        client.list_tags_for_resource(resourceArn=arn.replace("target", "ghost"))


@pytest.mark.rule("P8")
def test_all_tags_come_in_one_page(client, refused):
    # given
    tags = [{"key": f"k{number:02}", "value": ""} for number in range(50)]
    client.create_pipeline(pipeline=pipeline(), tags=tags)
    arn = client.get_pipeline(name="target")["metadata"]["pipelineArn"]

    # when
    answer = client.list_tags_for_resource(resourceArn=arn, maxResults=1)

    # then
    assert answer["tags"] == tags
    assert "nextToken" not in answer
    with refused("InvalidNextTokenException"):
        client.list_tags_for_resource(resourceArn=arn, nextToken="token")


@pytest.mark.rule("P10")
def test_a_role_must_trust_codepipeline(target, isolated_codepipeline, refused):
    # given
    isolated_codepipeline.access.untrusting.add(ROLE)

    # when, then
    with refused(STRUCTURE, "not authorized to perform AssumeRole", ROLE):
        target()


@pytest.mark.rule("P1", "P2", "P3", "P4", "P7")
@pytest.mark.parametrize(
    "code,words,declaration",
    [
        (STRUCTURE, "minimum of 2 stages", {**pipeline(), "stages": [stage("S", source())]}),
        (
            STRUCTURE,
            "maximum of 50",
            pipeline(*(stage(f"S{number}", action("A")) for number in range(50))),
        ),
        (STRUCTURE, "only contains source actions", pipeline(first=action("A"))),
        (STRUCTURE, "not in stage Again", pipeline(stage("Again", source()))),
        (STRUCTURE, "Build is used more than once", pipeline(BUILD, BUILD)),
        (STRUCTURE, "artifactStore", {**pipeline(), "artifactStores": {REGION: STORE}}),
        (STRUCTURE, "artifactStores", pipeline(stage("B", action("A", region="us-east-1")))),
        (STRUCTURE, "eu-central-1", pipeline(artifactStores={"us-east-1": STORE})),
        (STRUCTURE, "Variables", pipeline(variables=[{"name": "Tag"}])),
        *(
            (ACTION, "cannot be in the Region us-east-1", abroad)
            for abroad in (
                pipeline(first=source(region="us-east-1"), artifactStores=BOTH),
                pipeline(stage("B", owned("Custom", "Mine")), artifactStores=BOTH),
                pipeline(stage("B", owned("ThirdParty", "TeamCity")), artifactStores=BOTH),
            )
        ),
        (STAGE, "Compile is used more", pipeline(stage("B", action("Compile"), action("Compile")))),
        (STAGE, "1 to 50", pipeline(stage("Empty"))),
        (STAGE, "support blockers", pipeline({**BUILD, "blockers": [BLOCKER]})),
        (ACTION, "Provider: 'Jenkns'", pipeline(stage("B", action("A", provider="Jenkns")))),
        (ACTION, "Category: 'Deploy'", pipeline(stage("B", action("A", "Deploy", "CodeBuild")))),
        (
            ACTION,
            "requires a V2 pipeline",
            pipeline(stage("B", action("A", "Invoke", "CodePipeline"))),
        ),
        (ACTION, "only for approvals", pipeline(stage("B", action("A", timeoutInMinutes=5)))),
        (ACTION, "'FunctionName'", pipeline(stage("B", action("A", "Invoke", "Lambda")))),
        (
            ACTION,
            "unknown configuration 'Color'",
            pipeline(
                stage(
                    "B",
                    action(
                        "A",
                        "Invoke",
                        "Lambda",
                        configuration={"FunctionName": "f", "Color": "red"},
                    ),
                )
            ),
        ),
        (
            ACTION,
            "not declared as Output Artifact",
            pipeline(stage("B", action("A", inputArtifacts=[{"name": "Nothing"}]))),
        ),
        (
            ACTION,
            "App has been used more than once",
            pipeline(stage("B", action("A", outputArtifacts=[{"name": "App"}]))),
        ),
        (
            ACTION,
            "limit of 0",
            pipeline(
                stage("B", action("A", "Approval", "Manual", inputArtifacts=[{"name": "App"}]))
            ),
        ),
        (
            ACTION,
            "limit of 5",
            pipeline(
                stage("B", function(outputArtifacts=[{"name": f"O{each}"} for each in range(6)]))
            ),
        ),
        (ACTION, "period (.)", pipeline(stage("B", function(user_parameters="#{Image}")))),
        (ACTION, "period (.)", pipeline(stage("B", function(user_parameters="#{Image.}")))),
        (ACTION, "period (.)", pipeline(stage("B", function(user_parameters="#{.Image}")))),
        (ACTION, "limit of 1", pipeline(first=source(outputArtifacts=[{"name": n} for n in "AB"]))),
        (ACTION, "'#{Ns.Image}'", pipeline(stage("B", function(user_parameters="#{Ns.Image}")))),
        (
            ACTION,
            "Twice",
            pipeline(stage("B", action("A", namespace="Twice"), action("C", namespace="Twice"))),
        ),
    ],
)
def test_invalid_declarations_are_refused(client, refused, code, words, declaration):
    with refused(code, words):
        client.create_pipeline(pipeline=declaration)
    assert client.list_pipelines()["pipelines"] == []


@pytest.mark.rule("P7")
def test_an_action_cannot_use_an_artifact_made_in_the_same_group(client, refused):
    # given
    make = action("Make", outputArtifacts=[{"name": "Made"}])
    use = action("Use", inputArtifacts=[{"name": "Made"}])

    # when, then
    with refused(ACTION, "Made"):
        client.create_pipeline(pipeline=pipeline(stage("Build", make, use)))
    client.create_pipeline(pipeline=pipeline(stage("Build", make, {**use, "runOrder": 2})))


def test_triggers_are_not_supported(target, refused):
    # given
    trigger = {
        "providerType": "CodeStarSourceConnection",
        "gitConfiguration": {"sourceActionName": "Checkout"},
    }

    # when, then
    with refused(STRUCTURE, "triggers"):
        target(pipelineType="V2", triggers=[trigger])


@pytest.mark.rule("W6")
def test_custom_actions_take_their_scripted_time(target, world):
    # given
    custom = action("Jenkins", "Test")
    custom["actionTypeId"] |= {"owner": "Custom", "provider": "MyJenkins"}
    pipeline = target(stage("Gate", custom))

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    assert pipeline.status(execution_id) == "Succeeded"
