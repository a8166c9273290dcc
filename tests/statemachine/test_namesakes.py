"""A pipeline may ask for another of its own name: only itself it may not wait for."""

from __future__ import annotations

from sandbox.company import SECOND, TOOLS, Action
from tests.statemachine.reading import executions


def test_a_pipeline_of_the_same_name_in_another_region_is_another_one(company, world):
    # given two pipelines of one name and account, the first of which asks for the second
    company.add_pipeline("local", {"Build": [Action("Compile")]}, region="us-east-2")
    wanted = company.waiting_action("Wait", {"pipelineName": "local", "region": "us-east-2"})
    company.add_pipeline("local", {"Go": [wanted]})

    # when it runs
    company.start("local")
    world.run()

    # then it has waited for the second
    assert company.action("local", "Wait")["status"] == "Succeeded"
    elsewhere = company.codepipeline(region="us-east-2").list_pipeline_executions(
        pipelineName="local"
    )
    assert len(elsewhere["pipelineExecutionSummaries"]) == 1
    assert len(executions(company, "local", TOOLS)) == 1


def test_a_pipeline_of_the_same_name_in_another_account_is_another_one(company, target, world):
    company.add_pipeline("deploy", {"Go": [company.waiting_action("Wait", target())]})
    company.start("deploy")
    world.run()
    assert company.action("deploy", "Wait")["status"] == "Succeeded"
    assert len(executions(company, "deploy", SECOND)) == 1
