from __future__ import annotations

import textwrap

import pytest

from codepipeline_sandbox.cloudformation import deploy
from codepipeline_sandbox.codepipeline import Act
from playground.company import REGION, ROOT, SECOND, TOOLS, Action
from tests.pages.blocks import blocks
from tests.statemachine.reading import executions

TEMPLATE = ROOT / "examples" / "several-targets.yaml"
NAME = "release-all"
STAGE = {"pipelineName": NAME, "stageName": "Deploy"}
MINUTES = 60


@pytest.fixture(scope="module")
def deployment():
    return {"LocalPipelineNames": "deploy-web"}


@pytest.fixture
def release(cloud, company, tmp_path):
    build = Action(
        "Build", [Act(60, output_variables={"IMAGE_DIGEST": "sha256:5f0e"})], namespace="Build"
    )
    failing = Action("Rollout", [Act(60, "Failed", "JobFailed", "no room"), Act(60)])
    given = [{"name": "SHOP_EXECUTION"}, {"name": "SHOP_IMAGE"}]
    company.add_pipeline("deploy-shop", {"Deploy": [build]}, account=SECOND)
    company.add_pipeline("deploy-payments", {"Deploy": [failing]}, account=SECOND)
    company.add_pipeline("deploy-web", {"Deploy": [Action("Rollout")]}, variables=given)
    template = tmp_path / TEMPLATE.name
    text = TEMPLATE.read_text("utf-8")
    # In this test, the stack does not have the default name.
    template.write_text(
        text.replace("!ImportValue codepipeline-orchestrator-", "!ImportValue orchestrator-")
    )
    deploy(cloud, template, TOOLS, REGION, NAME)
    return company.start(NAME)


def test_a_retry_starts_only_the_failed_target_and_the_release_continues(cloud, company, release):
    client = company.codepipeline()

    def started():
        accounts = {"deploy-shop": SECOND, "deploy-payments": SECOND, "deploy-web": TOOLS}
        return [len(executions(company, name, account)) for name, account in accounts.items()]

    cloud.world.run(until=cloud.world.now + 10 * MINUTES)
    assert company.action(NAME, "DeployShop")["status"] == "Succeeded"
    assert "no room" in error_message(company.action(NAME, "DeployPayments"))
    assert started() == [1, 1, 0]

    client.retry_stage_execution(**STAGE, pipelineExecutionId=release, retryMode="FAILED_ACTIONS")
    cloud.world.run(until=cloud.world.now + 10 * MINUTES)
    assert company.action(NAME, "DeployPayments")["status"] == "Succeeded"
    assert started() == [1, 2, 0]

    approval = waiting_approval(client)
    configuration = company.action(NAME, "Approve")["input"]["resolvedConfiguration"]
    assert shop_id(company) in configuration["CustomData"]  # in the link
    client.put_approval_result(
        **STAGE,
        actionName="Approve",
        token=approval["token"],
        result={"status": "Approved", "summary": "looks good"},
    )
    cloud.world.run(until=cloud.world.now + 10 * MINUTES)
    assert started() == [1, 2, 1]
    (web,) = executions(company, "deploy-web", TOOLS)
    assert variables(company, web) == {
        "SHOP_EXECUTION": shop_id(company),
        "SHOP_IMAGE": "sha256:5f0e",
    }
    (whole,) = executions(company, NAME, TOOLS)
    assert whole["status"] == "Succeeded"
    assert [one.message for one in cloud.access.decisions if not one.allowed] == []


def shop_id(company):
    (execution,) = executions(company, "deploy-shop")
    return execution["pipelineExecutionId"]


def error_message(action):
    return action["output"]["executionResult"]["errorDetails"]["message"]


def waiting_approval(client):
    stage = client.get_pipeline_state(name=NAME)["stageStates"][-1]
    states = {each["actionName"]: each for each in stage["actionStates"]}
    return states["Approve"]["latestExecution"]


def variables(company, execution):
    found = company.codepipeline().get_pipeline_execution(
        pipelineName="deploy-web", pipelineExecutionId=execution["pipelineExecutionId"]
    )
    return {each["name"]: each["resolvedValue"] for each in found["pipelineExecution"]["variables"]}


def test_the_page_shows_the_actions_of_the_template():
    page = ROOT / "docs" / "several-targets.md"
    (shown,) = (block.text for block in blocks(page) if block.language == "yaml")

    assert textwrap.indent(shown, " " * 12) in TEMPLATE.read_text("utf-8")
