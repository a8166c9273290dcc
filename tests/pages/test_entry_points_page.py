from __future__ import annotations

import json
import re

import pytest
from statelint.config import Config
from statelint.linter import Linter
from statelint.problem import ProblemType

from codepipeline_sandbox.cloudformation import deploy
from codepipeline_sandbox.cloudformation.artifacts import load
from codepipeline_sandbox.codepipeline import Act
from codepipeline_sandbox.kernel.world import World
from codepipeline_sandbox.stepfunctions.language import jsonata
from codepipeline_sandbox.stepfunctions.language.jsonata_functions import functions
from playground.company import REGION, ROOT, SECOND, TOOLS, Action
from tests.statemachine.reading import executions, runs_of

DAY = 24 * 3_600
PAGE = (ROOT / "docs" / "entry-points.md").read_text("utf-8")
# In these tests, the stack does not have the default name.
TEMPLATES = [
    text.replace("!ImportValue codepipeline-orchestrator-", "!ImportValue orchestrator-")
    for text in re.findall(r"```yaml\n(AWSTemplateFormatVersion.*?)```", PAGE, re.DOTALL)
]


@pytest.fixture
def written(tmp_path):
    paths = []
    for number, text in enumerate(TEMPLATES):
        paths.append(tmp_path / f"template-{number}.yaml")
        paths[-1].write_text(text)
    workflow = [path for path in paths if "startExecution.sync:2" in path.read_text()]
    return [path for path in paths if path not in workflow], workflow


def test_every_entry_point_has_enough_permissions_to_start_a_run(company, written):
    stages = {"Go": [Action("Rollout", [Act(60)])]}
    company.add_pipeline("deploy-shop", stages, account=SECOND)
    company.add_pipeline("MyFirstPipeline", stages)
    company.add_pipeline("upstream", stages)
    # The sandbox cannot run the workflow.
    templates, _ = written
    assert len(templates) == 4
    for number, path in enumerate(templates):
        deploy(company.cloud, path, TOOLS, REGION, f"page-{number}")

    for name in ("release", "long-release", "upstream"):
        company.start(name)
    company.cloud.world.run(until=company.cloud.world.now + DAY)

    assert len(executions(company, "deploy-shop")) == 2
    assert len(executions(company, "MyFirstPipeline", TOOLS)) == 2
    assert [run["status"] for run in runs_of(company)] == ["SUCCEEDED"] * 4
    assert company.action("release", "DeployShop")["status"] == "Succeeded"
    assert company.action("long-release", "DeployShop")["status"] == "Succeeded"
    assert [one.message for one in company.cloud.access.decisions if not one.allowed] == []


def test_the_workflow_catches_the_result_of_a_failed_run(written):
    _, (path,) = written
    definition = load(path)["Resources"]["Workflow"]["Properties"]["Definition"]
    ignored = {ProblemType.URI, ProblemType.FLOAT}
    assert Linter.validate(definition, Config(ignored, evaluate_jsonata=True)) == []

    # Step Functions reports a failed run to the state that waits for the run.
    cause = json.dumps({"error": "PipelineFailed", "message": "The pipeline failed."})
    failure = {"Status": "FAILED", "Error": "PipelineFailed", "Cause": cause}
    states = {"errorOutput": {"Error": "States.TaskFailed", "Cause": json.dumps(failure)}}
    (caught,) = definition["States"]["RunPipeline"]["Catch"]
    output = evaluated(caught["Output"], states)

    failed = definition["States"][caught["Next"]]
    assert evaluated(failed["Error"], {"input": output}) == "PipelineFailed"
    assert evaluated(failed["Cause"], {"input": output}) == "The pipeline failed."


def evaluated(text, states):
    bindings = jsonata.Bindings({"states": states, **functions(World())})
    return jsonata.evaluate(jsonata.template(text, "text", {"errorOutput"}), bindings)
