from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml

from codepipeline_sandbox.cloudformation import deploy
from codepipeline_sandbox.codepipeline import Act
from playground.company import REGION, ROOT, SECOND, TOOLS, Action
from tests.statemachine.reading import executions

PAGE = (ROOT / "docs" / "moving-from-the-waiter.md").read_text("utf-8")
*ROLES, PIPELINE = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
BEFORE, AFTER = (yaml.safe_load(text) for text in ROLES)
ROLE = f"arn:aws:iam::{SECOND}:role/{BEFORE['RoleName']}"
WAITER = {"targetname": "deploy-shop", "assumerolearn": ROLE, "trigger": True}
OURS = {"pipelineName": "deploy-shop", "roleArn": ROLE}
FAILED = Act(60, "Failed")


@pytest.fixture(scope="module")
def deployment():
    return {"targets": (), "AllowedTargetRoleArns": ROLE}


@pytest.fixture
def role(cloud, company):
    iam = cloud.session(SECOND, REGION).client("iam")

    def make(shown, *, trust=None, actions=None, access=None):
        text = json.dumps((trust or shown)["AssumeRolePolicyDocument"])
        real = access or company.stack.outputs["TargetAccessRoleArn"]
        text = re.sub(r"arn:aws:iam::\d+:role/orchestrator-TargetAccessRole-1A2B3C", real, text)
        if ROLE not in {each["Arn"] for each in iam.list_roles()["Roles"]}:
            iam.create_role(RoleName=shown["RoleName"], AssumeRolePolicyDocument=text)
        iam.update_assume_role_policy(RoleName=shown["RoleName"], PolicyDocument=text)
        (policy,) = shown["Policies"]
        document = json.loads(json.dumps(policy["PolicyDocument"]))
        if actions is not None:
            document["Statement"][-1]["Action"] = actions
        iam.put_role_policy(
            RoleName=shown["RoleName"],
            PolicyName=policy["PolicyName"],
            PolicyDocument=json.dumps(document),
        )

    return make


@pytest.fixture
def shop(company):
    def make(*acts):
        stages = {"Deploy": [Action("Rollout", acts)]}
        company.add_pipeline("deploy-shop", stages, account=SECOND)

    return make


def quoted(*, after):
    text = re.search(rf"{re.escape(after)}.*?```text\n(.*?)```", PAGE, re.DOTALL)
    assert text
    return [part.strip() for part in " ".join(text[1].split()).split("…") if part.strip()]


def assert_says(run, parts):
    message = json.loads(run["cause"])["message"]
    position = 0
    for part in parts:
        assert part in message[position:], message
        position = message.index(part, position) + len(part)


def without(*missing):
    actions = AFTER["Policies"][0]["PolicyDocument"]["Statement"][0]["Action"]
    return [each for each in actions if each.partition(":")[2] not in missing]


def test_messages_name_the_permissions_that_an_old_role_lacks(role, shop, run):
    # The old tool's README shows this role.
    shop(Act(60))
    role(BEFORE)
    assert_says(run(WAITER), quoted(after="`TargetRoleNotAssumable`"))

    # The role now trusts the orchestrator, but has no new permissions.
    role(BEFORE, trust=AFTER)
    started = run(WAITER)

    assert_says(started, quoted(after="`TargetAccessDenied`"))
    assert "pipelineExecutionId" in json.loads(started["cause"])
    assert_says(run({**WAITER, "trigger": False}), quoted(after='With `"trigger": false`:'))
    role(AFTER, actions=without("StartPipelineExecution"))
    assert_says(run(WAITER), quoted(after="is not allowed to start the target either"))


def test_the_edited_role_has_exactly_the_needed_permissions(role, shop, run, cloud):
    shop(Act(60), FAILED, Act(60), Act(3_600))
    role(AFTER)

    succeeded = run(WAITER)
    retried = run({**OURS, "maxStageRetries": 1})
    stopped = run({**OURS, "timeoutMinutes": 30, "onTimeout": "stop"})

    assert [succeeded["status"], retried["status"]] == ["SUCCEEDED", "SUCCEEDED"]
    assert json.loads(stopped["cause"])["stopped"] is True
    of_the_role = [one for one in cloud.access.decisions if BEFORE["RoleName"] in one.principal]
    assert [one.message for one in of_the_role if not one.allowed] == []
    assert {one.action for one in of_the_role} == set(without())


def test_a_message_names_a_missing_permission_that_only_some_inputs_need(role, shop, run):
    shop(FAILED, FAILED, Act(3_600))
    role(AFTER, actions=without("ListActionExecutions"))
    assert_says(run(OURS), quoted(after="does not allow `ListActionExecutions`"))

    role(AFTER, actions=without("RetryStageExecution", "StopPipelineExecution"))
    assert_says(
        run({**OURS, "maxStageRetries": 1}), quoted(after="does not allow `RetryStageExecution`:")
    )
    late = run({**OURS, "timeoutMinutes": 30, "onTimeout": "stop"})
    assert_says(late, quoted(after="does not allow `StopPipelineExecution`:"))


def test_the_page_grants_what_the_template_grants():
    template = (Path(ROOT) / "target-role.yaml").read_text("utf-8")
    assert set(re.findall(r"codepipeline:[A-Z]\w+", template)) == set(without())


def test_the_pipeline_on_the_page_works_with_another_prefix(cloud, role, shop, tmp_path, company):
    # The page's first step deploys a second stack next to the existing one.
    (command,) = re.findall(r"^ +(make deploy .*)$", PAGE, re.MULTILINE)
    (_, _, parameters) = shlex.split(command)
    values = dict(one.split("=") for one in parameters.partition("=")[2].split())
    new = deploy(cloud, ROOT / "template.yaml", TOOLS, REGION, "new", parameters=values)
    # The edited role trusts only the role of the new stack.
    shop(Act(60))
    role(AFTER, access=new.outputs["TargetAccessRoleArn"])

    path = tmp_path / "pipeline.yaml"
    path.write_text(PIPELINE)
    deploy(cloud, path, TOOLS, REGION, "pipeline")
    company.start("release")
    cloud.world.run()

    assert company.action("release", "PipelineWaiter")["status"] == "Succeeded"
    assert [one["status"] for one in executions(company, "deploy-shop")] == ["Succeeded"]


def test_a_waiting_action_follows_the_old_tools_execution_and_the_one_that_supersedes_it(
    cloud, company, role, shop, world
):
    # The old tool started the execution, which now waits behind another one.
    shop(Act(900))
    role(AFTER)
    company.start("deploy-shop", account=SECOND)
    world.run(until=world.now + 300)
    company.start("deploy-shop", account=SECOND)
    release_with_a_token_of_the_waiter(cloud, company, world)

    # The new function receives the action's next job.
    world.run(until=world.now + 300)
    newest = company.start("deploy-shop", account=SECOND)
    world.run()

    action = company.action("release", "Wait")
    assert action["status"] == "Succeeded"
    assert action["output"]["executionResult"]["externalExecutionId"] == newest
    executions = company.codepipeline(SECOND).list_pipeline_executions(pipelineName="deploy-shop")
    statuses = [one["status"] for one in executions["pipelineExecutionSummaries"]]
    assert statuses == ["Succeeded", "Superseded", "Succeeded"]


def release_with_a_token_of_the_waiter(cloud, company, world):
    taken = []
    invoke_async = cloud.functions.invoke_async
    cloud.functions.invoke_async = lambda _arn, payload: taken.append(payload)
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", WAITER)]})
    company.start("release")
    world.run(until=world.now + 30)
    cloud.functions.invoke_async = invoke_async
    job = json.loads(taken[0])["CodePipeline.job"]["id"]
    company.codepipeline().put_job_success_result(
        jobId=job, continuationToken=json.dumps({"previous_job_id": job})
    )
