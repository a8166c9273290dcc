from __future__ import annotations

import json

import pytest

from playground.company import TOOLS, Action, Company
from tests.statemachine.reading import executions


@pytest.fixture
def loop(cloud):
    def play(names, **more):
        company = Company(cloud, targets=(), LocalPipelineNames=names)
        configuration = {
            "StateMachineArn": company.state_machine,
            "InputType": "Literal",
            "Input": json.dumps({"pipelineName": "loop", **more}),
        }
        action = Action("Run", provider="StepFunctions", configuration=configuration)
        company.add_pipeline("loop", {"Go": [action]})
        company.start("loop")
        cloud.world.run(until=cloud.world.now + 300)
        return company, executions(company, "loop", TOOLS)

    return play


def test_a_pipeline_that_starts_itself_without_waiting_loops_forever(loop):
    _, found = loop("*", wait=False)
    assert len(found) > 20


def test_a_pipeline_that_waits_for_the_execution_it_started_blocks_itself(loop):
    company, found = loop("*")
    assert [each["status"] for each in found] == ["InProgress", "InProgress"]
    assert company.action("loop", "Run")["status"] == "InProgress"


def test_if_running_skip_ends_the_loop(loop):
    company, found = loop("*", ifRunning="skip")
    assert [each["status"] for each in found] == ["Succeeded"]
    assert company.action("loop", "Run")["status"] == "Succeeded"


def test_a_pipeline_that_the_deployment_does_not_name_cannot_start_itself(loop):
    _, found = loop("deploy-*")
    assert [each["status"] for each in found] == ["Failed"]
