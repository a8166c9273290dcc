from __future__ import annotations

import json
import re
import textwrap

import pytest

from codepipeline_sandbox.cloudformation import deploy
from codepipeline_sandbox.codepipeline import Act
from playground.company import REGION, ROOT, TOOLS, Action
from tests.pages.shell import commands
from tests.statemachine.permissions import create_service_role, put_role_policy
from tests.statemachine.reading import executions, result, runs_of

DAY = 24 * 3_600
PAGE = (ROOT / "docs" / "moving-from-the-executor.md").read_text("utf-8")
# The page uses the default stack name, but the company's stack has a different one.
BEFORE, AFTER = (
    textwrap.dedent(text).replace(
        "!ImportValue codepipeline-orchestrator-", "!ImportValue orchestrator-"
    )
    for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
)
STEPS = [
    words
    for text in re.findall(r"\n\n((?: {7}.*\n)+)", PAGE)
    for words in commands(textwrap.dedent(text))
]


def value_of(option, words):
    return words[words.index(option) + 1]


@pytest.fixture(scope="module")
def deployment():
    (parameters,) = [word for word in STEPS[0] if word.startswith("PARAMETERS=")]
    name, names = parameters.removeprefix("PARAMETERS=").split("=")
    return {"targets": (), name: names}


@pytest.fixture(autouse=True)
def _target(company):
    company.add_pipeline(
        "MyFirstPipeline", {"Build": [Action("Compile", [Act(60), Act(60, "Failed")])]}
    )


@pytest.fixture
def deployed(cloud, tmp_path):
    def make(text):
        path = tmp_path / "rule.yaml"
        path.write_text(text)
        return deploy(cloud, path, TOOLS, REGION, "rule")

    return make


def target_of_the_rule(cloud):
    events = cloud.session(TOOLS, REGION).client("events")
    (target,) = events.list_targets_by_rule(Rule="nightly")["Targets"]
    return target


def test_the_rule_keeps_its_schedule_and_its_input(cloud, company, deployed, run, world):
    # This is the trial run from the second step on the page.
    tried = run(json.loads(value_of("--input", STEPS[1])))
    assert result(tried)["outcome"] == "Succeeded"

    deployed(AFTER)
    world.run(until=world.now + DAY + 600)

    (of_the_rule, _) = runs_of(company)
    assert len(executions(company, "MyFirstPipeline", TOOLS)) == 2
    described = company.stepfunctions().describe_execution(executionArn=of_the_rule["executionArn"])
    assert described["error"] == "PipelineFailed"
    sent = target_of_the_rule(cloud)["Input"]
    assert json.dumps(sent)[1:-1] in json.dumps(BEFORE)
    assert described["input"] == sent


def test_one_command_moves_a_rule_that_was_created_by_hand(cloud, company, world):
    session = cloud.session(TOOLS, REGION)
    role = create_service_role(session.client("iam"), "start-runs", "events")
    put_role_policy(
        session.client("iam"), "start-runs", "states:StartExecution", resource=company.state_machine
    )
    events = session.client("events")
    events.put_rule(Name="nightly", ScheduleExpression="rate(1 day)")
    function = f"arn:aws:lambda:{REGION}:{TOOLS}:function:CodePipelineExecutor"
    old = {"Id": "executor", "Arn": function, "Input": '{"pipelineName": "MyFirstPipeline"}'}
    events.put_targets(Rule="nightly", Targets=[old])

    (put,) = [words for words in STEPS if words[:3] == ["aws", "events", "put-targets"]]
    (target,) = json.loads(value_of("--targets", put))
    assert target["RoleArn"] == role
    events.put_targets(
        Rule=value_of("--rule", put), Targets=[{**target, "Arn": company.state_machine}]
    )
    world.run(until=world.now + DAY + 600)

    assert target_of_the_rule(cloud)["Input"] == old["Input"]
    assert [run["status"] for run in runs_of(company)] == ["SUCCEEDED"]


def test_runs_fail_with_messages_where_the_old_tool_stayed_silent(company, run):
    company.add_pipeline("Another", {"Build": [Action("Compile")]})

    denied = run({"pipelineName": "Another", "wait": False})
    misspelt = run({"pipelinename": "MyFirstPipeline"})
    assert denied["error"] == "TargetAccessDenied"
    assert "LocalPipelineNames" in result(denied)["message"]
    assert "did you mean pipelineName?" in result(misspelt)["message"]
