"""Every permission of the templates is used, and every call of the functions is allowed."""

from __future__ import annotations

import json

import pytest
from samtranslator.yaml_helper import yaml_parse

from sandbox.codepipeline import Act, script
from sandbox.company import REGION, ROOT, SECOND, TARGET_ROLE, TOOLS, Action, Company
from tests.statemachine.permissions import take_from_codepipeline_job

# A target that fails, and is late when it is retried; and policies for both.
LATE = (Act(10, "Failed"), Act(3_600))
POLICIES = {"maxStageRetries": 1, "timeoutMinutes": 3, "onTimeout": "stop"}
# What the sandbox's Step Functions does not do: it delivers its logs without asking CloudWatch.
BY_AWS_ITSELF = {("PipelineRunRole", "DeliverLogs")}


@pytest.fixture
def company(cloud):
    return Company(
        cloud,
        targets=(SECOND,),
        LocalPipelineNames="local,missing",
        ScheduleExpression="rate(1 day)",
        SchedulePipelineName="nightly",
    )


@pytest.mark.long
def test_nothing_is_missing_and_nothing_is_granted_in_vain(cloud, company, target, world):
    # given local, remote and scheduled targets that succeed and fail, and a job that is given up
    company.add_pipeline("local", {"Build": [Action("Compile", [Act(60, "Failed"), Act(60)])]})
    company.add_pipeline("nightly", {"Build": [Action("Compile", [Act(10), Act(10, "Failed")])]})
    document = target(Act(60), Act(60, "Failed"))
    release = {
        "Remote": [company.waiting_action("Remote", document)],
        "RemoteFails": [company.waiting_action("RemoteFails", document)],
    }
    company.add_pipeline("release", release)
    company.add_pipeline("after", {"Go": [company.waiting_action("Go", {"pipelineName": "local"})]})
    long = target(Act(900), name="long")
    company.add_pipeline("last", {"Go": [company.waiting_action("Go", long)]})
    latest = {"pipelineName": "nightly", "mode": "latest"}
    company.add_pipeline("follow", {"Go": [company.waiting_action("Go", latest)]})

    # when all of them have run, and the schedule has fired
    for name in ("release", "after"):
        company.start(name)
    world.run(until=world.now + 3_600)
    held_job(cloud, company, world)
    world.run(until=world.now + 49 * 3_600)
    company.start("follow")
    for name in ("local", "nightly"):
        script(TOOLS, REGION, name, "Build", "Compile", LATE)
        start_run(company, {"pipelineName": name, **POLICIES})
    world.run(until=world.now + 3_600)
    healthy = list(cloud.access.decisions)
    # and codepipeline_job has lost its rights: close_job steps in for a poll and for a new job
    take_from_codepipeline_job(company, "states:DescribeExecution")
    company.start("last")
    world.run(until=world.now + 3_600)
    take_from_codepipeline_job(company, "states:StartExecution")
    company.start("last")
    world.run(until=world.now + 3_600)

    # then every call of a role of ours was allowed while nothing was taken away
    roles = role_names(company)
    assert [
        one.message
        for one in healthy
        if not one.allowed and role_of(one.principal) in roles.values()
    ] == []

    # and every statement of the template was needed
    used = {
        (role_of(one.principal), one.sid, one.action)
        for one in cloud.access.decisions
        if one.allowed
    }
    in_vain = [
        (logical_id, sid, action)
        for logical_id, sid, action in granted(company.stack.template)
        if (roles[logical_id], sid, action) not in used and (logical_id, sid) not in BY_AWS_ITSELF
    ]
    assert sorted(in_vain) == []


def held_job(cloud, company, world):
    """A run that holds a job answers it with report_job_result, once well and once not."""
    for target in ("local", "missing"):
        name = f"held-{target}"
        taken: list[str] = []
        invoke_async = cloud.functions.invoke_async
        cloud.functions.invoke_async = lambda _arn, payload, taken=taken: taken.append(payload)
        company.add_pipeline(name, {"Go": [company.waiting_action("Go", "{}")]})
        company.start(name)
        world.run(until=world.now + 30)
        cloud.functions.invoke_async = invoke_async
        job = json.loads(taken[0])["CodePipeline.job"]["id"]
        document = {"job": {"id": job, "held": True}, "input": {"pipelineName": target}}
        start_run(company, document)


def start_run(company, document):
    company.stepfunctions().start_execution(
        stateMachineArn=company.state_machine, input=json.dumps(document)
    )


def role_names(company):
    """The roles of the deployment: physical names by logical ids."""
    resources = company.stack.session.client("cloudformation").describe_stack_resources(
        StackName=company.stack.name
    )["StackResources"]
    return {
        one["LogicalResourceId"]: one["PhysicalResourceId"]
        for one in resources
        if one["ResourceType"] == "AWS::IAM::Role"
    }


def role_of(principal):
    """The role's name in the ARN of a role or of one of its sessions."""
    kind, _, rest = principal.rpartition(":")[2].partition("/")
    return rest.partition("/")[0] if kind == "assumed-role" else rest.rpartition("/")[2]


def granted(template):
    """Each action that a statement of the template allows: role, Sid, action."""
    for logical_id, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::Role":
            for policy in properties.get("Policies", []):
                yield from actions(logical_id, policy["PolicyDocument"])
        elif resource["Type"] == "AWS::IAM::Policy":
            for role in properties["Roles"]:
                yield from actions(role["Ref"], properties["PolicyDocument"])


def actions(logical_id, document):
    for statement in document["Statement"]:
        wanted = statement["Action"]
        for action in [wanted] if isinstance(wanted, str) else wanted:
            yield logical_id, statement["Sid"], action


def test_the_target_role_is_used_to_the_last_action(cloud, company, target, world):
    # given a run with policies, which retries a stage and stops what is late, and one of latest
    document = target(*LATE)
    for more in (POLICIES, {"mode": "latest"}):
        start_run(company, {**document, **more})
        world.run(until=world.now + 600)

    # then each of the role's actions was needed
    used = {
        (one.sid, one.action)
        for one in cloud.access.decisions
        if one.allowed and role_of(one.principal) == TARGET_ROLE
    }
    template = yaml_parse((ROOT / "target-role.yaml").read_text())
    assert used == {(sid, action) for _, sid, action in granted(template)}
