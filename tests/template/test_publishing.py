from __future__ import annotations

import copy
import json

import pytest
import yaml

from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.cloudformation import deploy
from playground.company import REGION, TOOLS
from publishing.application import application, written


@pytest.fixture
def packaged(root, template):
    made = copy.deepcopy(template)
    for resource in made["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # `sam package` would write an S3 location here, but the sandbox reads the code from
            # this folder.
            resource["Properties"]["CodeUri"] = str(root / "functions")
    location = {"Bucket": "publishers", "Key": "d773e8d5"}
    made["Resources"]["PipelineRunStateMachine"]["Properties"]["DefinitionS3Location"] = location
    return written(made)


@pytest.fixture
def published(root, packaged):
    definition = (root / "statemachine" / "pipeline_run.asl.yaml").read_text(encoding="utf-8")
    return application(packaged, definition)


def test_the_template_contains_the_definition_of_the_state_machine(published, definition):
    machine = yaml.safe_load(published)["Resources"]["PipelineRunStateMachine"]["Properties"]
    assert "DefinitionS3Location" not in machine
    assert "publishers" not in published
    assert json.loads(machine["DefinitionString"]) == definition


def test_publishing_changes_only_the_definition_and_the_location_of_the_code(published, packaged):
    before, after = yaml.safe_load(packaged), yaml.safe_load(published)
    assert before["Globals"]["Function"].pop("CodeUri") == "functions/"
    del before["Resources"]["PipelineRunStateMachine"]["Properties"]["DefinitionS3Location"]
    del after["Resources"]["PipelineRunStateMachine"]["Properties"]["DefinitionString"]
    assert after == before


def test_the_template_is_too_large_for_a_request_but_not_for_s3(packaged, published):
    # CloudFormation's API reference for CreateStack specifies both limits.
    assert 51_200 < len(packaged.encode()) < len(published.encode()) < 1_000_000


def test_the_published_template_has_no_aliases(packaged):
    # Like template.yaml before packaging, this template repeats a part with an alias.
    def aliases(text):
        return [each for each in yaml.parse(text) if isinstance(each, yaml.AliasEvent)]

    twice = packaged + "Conditions2: {Once: &once {a: 1}, Again: *once}\n"
    assert aliases(twice)

    published = application(twice, "{}")
    assert aliases(published) == []
    assert yaml.safe_load(published)["Conditions2"] == {"Once": {"a": 1}, "Again": {"a": 1}}


def test_the_published_template_can_be_deployed_and_runs(published, tmp_path):
    path = tmp_path / "application.yaml"
    path.write_text(published)

    with Cloud(seed=11) as cloud:
        stack = deploy(cloud, path, account_id=TOOLS, region=REGION, stack_name="consumer")
        stepfunctions = cloud.session(TOOLS, REGION).client("stepfunctions")
        run = stepfunctions.start_execution(
            stateMachineArn=stack.outputs["StateMachineArn"], input='{"pipelineName": "none"}'
        )["executionArn"]
        cloud.world.run()

        # The run reaches its first function, which cannot access the pipeline.
        assert stepfunctions.describe_execution(executionArn=run)["error"] == "TargetAccessDenied"
