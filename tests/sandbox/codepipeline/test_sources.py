"""The revisions and output variables of source actions."""

from __future__ import annotations

import re

import pytest

from codepipeline_sandbox.codepipeline import Act
from tests.sandbox.codepipeline.declarations import ACCOUNT, REGION, action, source, stage

CONNECTION = f"arn:aws:codeconnections:{REGION}:{ACCOUNT}:connection/1"
CONFIGURATIONS = {
    "CodeCommit": {"RepositoryName": "app", "BranchName": "main"},
    "CodeStarSourceConnection": {
        "ConnectionArn": CONNECTION,
        "FullRepositoryId": "us/app",
        "BranchName": "main",
    },
    "GitHub": {"Owner": "us", "Repo": "app", "Branch": "main", "OAuthToken": "****"},
    "S3": {"S3Bucket": "code", "S3ObjectKey": "app.zip"},
    "ECR": {"RepositoryName": "app"},
}
NOW = "2026-01-05T09:00:03Z"  # when the source action ends, three seconds after the start


def from_(provider, **configuration):
    made = action(
        "Checkout",
        "Source",
        provider,
        configuration=CONFIGURATIONS[provider] | configuration,
        outputArtifacts=[{"name": "App"}],
    )
    if provider == "GitHub":
        made["actionTypeId"]["owner"] = "ThirdParty"
    return made


def found_by(pipeline, world, **asked):
    execution_id = pipeline.start(**asked)
    world.run()
    [revision] = pipeline.execution(execution_id)["artifactRevisions"]
    return revision["revisionId"], pipeline.action("Checkout")["output"]["outputVariables"]


@pytest.mark.rule("A12", "A10")
@pytest.mark.parametrize(
    "provider,looks,variables",
    [
        (
            "CodeCommit",
            "[0-9a-f]{40}",
            {
                "RepositoryName": "app",
                "BranchName": "main",
                "CommitId": "{}",
                "CommitMessage": "A better title",
                "AuthorDate": NOW,
                "CommitterDate": NOW,
            },
        ),
        (
            "CodeStarSourceConnection",
            "[0-9a-f]{40}",
            {
                "ConnectionArn": CONNECTION,
                "FullRepositoryName": "us/app",
                "BranchName": "main",
                "CommitId": "{}",
                "CommitMessage": "A better title",
                "AuthorDate": NOW,
            },
        ),
        (
            "GitHub",
            "[0-9a-f]{40}",
            {
                "RepositoryName": "app",
                "BranchName": "main",
                "CommitId": "{}",
                "CommitMessage": "A better title",
                "CommitUrl": "https://github.com/us/app/commit/{}",
                "AuthorDate": NOW,
                "CommitterDate": NOW,
            },
        ),
        (
            "ECR",
            "sha256:[0-9a-f]{64}",
            {
                "RegistryId": ACCOUNT,
                "RepositoryName": "app",
                "ImageTag": "latest",
                "ImageDigest": "{}",
                "ImageURI": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/app@{{}}",
            },
        ),
    ],
)
def test_a_source_has_the_revision_and_variables_of_its_provider(
    target, world, play, provider, looks, variables
):
    # given
    play("Source", "Checkout", Act(summary="A better title"))

    # when
    revision, made = found_by(target(first=from_(provider)), world)

    # then
    assert re.fullmatch(looks, revision)
    assert made == {name: value.format(revision) for name, value in variables.items()}


@pytest.mark.rule("A12", "A10")
def test_an_object_has_a_version_and_an_etag(target, world):
    # when
    revision, made = found_by(target(first=from_("S3")), world)

    # then
    assert re.fullmatch(r"[A-Za-z0-9._]{32}", revision)
    assert re.fullmatch("[0-9a-f]{32}", made.pop("ETag"))
    assert made == {"BucketName": "code", "ObjectKey": "app.zip", "VersionId": revision}


@pytest.mark.rule("A10")
def test_an_image_that_was_requested_by_digest_has_no_tag(target, world):
    # given
    digest = f"sha256:{'0' * 64}"
    asked = {"actionName": "Checkout", "revisionType": "IMAGE_DIGEST", "revisionValue": digest}

    # when
    revision, made = found_by(target(first=from_("ECR")), world, sourceRevisions=[asked])

    # then
    assert (revision, made["ImageDigest"]) == (digest, digest)
    assert "ImageTag" not in made


@pytest.mark.rule("A12")
def test_another_object_key_can_be_requested_if_the_action_allows_it(target, world, refused):
    # given
    asked = {
        "actionName": "Checkout",
        "revisionType": "S3_OBJECT_KEY",
        "revisionValue": "other.zip",
    }
    strict = target(first=from_("S3"), name="strict")
    open_ = target(first=from_("S3", AllowOverrideForS3ObjectKey="true"))

    # when
    revision, made = found_by(open_, world, sourceRevisions=[asked])

    # then
    assert (made["ObjectKey"], made["VersionId"]) == ("other.zip", revision)
    with refused("ValidationException", "AllowOverrideForS3ObjectKey"):
        strict.start(sourceRevisions=[asked])


@pytest.mark.rule("A10", "A1")
def test_later_actions_can_refer_to_the_variables_without_a_script(target, world):
    # given
    ship = action("Ship", configuration={"Version": "#{SourceVariables.CommitId}"})
    checkout = {**from_("CodeCommit"), "namespace": "SourceVariables"}
    pipeline = target(stage("Release", ship), first=checkout)

    # when
    revision, _ = found_by(pipeline, world)

    # then
    assert pipeline.action("Ship")["input"]["resolvedConfiguration"] == {"Version": revision}


@pytest.mark.rule("A12")
def test_a_custom_source_has_no_variables_by_default(target, world):
    # given
    checkout = source()
    checkout["actionTypeId"]["owner"] = "Custom"

    # when
    revision, made = found_by(target(first=checkout), world)

    # then
    assert (len(revision), made) == (40, {})


@pytest.mark.rule("A11")
def test_a_resolved_configuration_has_at_most_100_kb(target, world, play):
    # given
    play("Source", "Checkout", Act(output_variables={"Text": "x" * 511}))
    long = {f"Key{number}": "#{Code.Text}" * 20 for number in range(10)}
    fits = action("Fits", configuration={**long, "Pad": "x" * 157})
    large = action("Large", configuration={**long, "Pad": "x" * 158}, runOrder=2)
    pipeline = target(stage("Release", fits, large), first=source(namespace="Code"))

    # when
    pipeline.start()
    world.run()

    # then
    resolved = pipeline.action("Fits")["input"]["resolvedConfiguration"]
    assert sum(len(key) + len(value) for key, value in resolved.items()) == 100 * 1024
    assert pipeline.action("Fits")["status"] == "Succeeded"
    details = pipeline.action("Large")["output"]["executionResult"]["errorDetails"]
    assert details["code"] == "ConfigurationError"
    assert "102401 bytes" in details["message"]


@pytest.mark.rule("A11")
def test_keys_and_values_of_a_configuration_have_their_limits(target, refused):
    with refused("ValidationException", "length less than or equal to 50"):
        target(stage("Release", action("Ship", configuration={"k" * 51: "v"})))
    with refused("ValidationException", "length less than or equal to 1000"):
        target(stage("Release", action("Ship", configuration={"k" * 50: "v" * 1001})))
    target(stage("Release", action("Ship", configuration={"k" * 50: "v" * 1000})))


@pytest.mark.rule("E2")
def test_a_source_without_output_artifacts_has_no_artifact_revision(target, world):
    # given
    pipeline = target(first=source(outputArtifacts=[]))

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    assert pipeline.execution(execution_id)["artifactRevisions"] == []
