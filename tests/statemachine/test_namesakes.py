from __future__ import annotations

from playground.company import SECOND, TOOLS, Action
from tests.statemachine.reading import executions


def test_a_pipeline_of_the_same_name_in_another_region_is_a_different_pipeline(company, world):
    company.add_pipeline("local", {"Build": [Action("Compile")]}, region="us-east-2")
    wanted = company.waiting_action("Wait", {"pipelineName": "local", "region": "us-east-2"})
    company.add_pipeline("local", {"Go": [wanted]})

    company.start("local")
    world.run()

    assert company.action("local", "Wait")["status"] == "Succeeded"
    elsewhere = company.codepipeline(region="us-east-2").list_pipeline_executions(
        pipelineName="local"
    )
    assert len(elsewhere["pipelineExecutionSummaries"]) == 1
    assert len(executions(company, "local", TOOLS)) == 1


def test_a_pipeline_of_the_same_name_in_another_account_is_a_different_pipeline(
    company, target, world
):
    company.add_pipeline("deploy", {"Go": [company.waiting_action("Wait", target())]})
    company.start("deploy")
    world.run()
    assert company.action("deploy", "Wait")["status"] == "Succeeded"
    assert len(executions(company, "deploy", SECOND)) == 1
