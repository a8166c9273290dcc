"""Every permission in the templates is used, and every call that the functions make is allowed."""

from __future__ import annotations

import json

import pytest

from sandbox.access import identities
from sandbox.codepipeline import Act, script
from sandbox.company import REGION, SECOND, TARGET_ROLE, TOOLS, Action
from sandbox.services import AccessDenied
from tests.statemachine.granted import in_vain, role_of
from tests.statemachine.keys import create_key, documented_reading
from tests.statemachine.operating import start_run
from tests.statemachine.permissions import take_from_codepipeline_job

# A target that fails and takes too long when it is retried, and policies for both problems.
LATE = (Act(10, "Failed"), Act(3_600))
POLICIES = {"maxStageRetries": 1, "timeoutMinutes": 3, "onTimeout": "stop"}
# Unused in the sandbox, whose Step Functions does not deliver state machine logs.
BY_AWS_ITSELF = {("PipelineRunRole", "DeliverLogs"), ("PipelineRunRole", "EncryptLogDeliveries")}


@pytest.fixture
def key(cloud):
    return create_key(cloud)


@pytest.fixture
def deployment(key):
    return {
        "targets": (SECOND,),
        "LocalPipelineNames": "local*",
        "ScheduleExpression": "rate(1 day)",
        "SchedulePipelineName": "nightly",
        "KmsKeyArn": key,
    }


@pytest.mark.long
def test_no_permission_is_missing_and_none_is_unused(cloud, company, target, world):
    # given local, remote and scheduled targets that succeed and fail, and a job that Lambda drops
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
    end_from_outside(company, world, {**long, "onAbort": "stop"})
    redrive_at_once(company, world, long)
    start_run(company, {**long, "ifRunning": "wait"})
    world.run(until=world.now + 49 * 3_600)
    company.add_pipeline("mistake", {"Go": [company.waiting_action("Go", "{}")]})
    for name in ("follow", "release", "mistake"):
        company.start(name)
    for name in ("local", "nightly"):
        script(TOOLS, REGION, name, "Build", "Compile", LATE)
        start_run(company, {"pipelineName": name, **POLICIES})
    world.run(until=world.now + 3_600)
    healthy = list(cloud.access.decisions)
    # and codepipeline_job loses two permissions in turn, so close_job has to answer its jobs
    take_from_codepipeline_job(company, "states:DescribeExecution")
    company.start("last")
    world.run(until=world.now + 3_600)
    take_from_codepipeline_job(company, "states:StartExecution")
    company.start("last")
    world.run(until=world.now + 3_600)

    # then every call of our roles was allowed while they had all their permissions
    roles = roles_of(company)
    names = {arn.rpartition("/")[2] for arn in roles.values()} | {TARGET_ROLE}
    asked = [one for one in healthy if role_of(one.principal) in names]
    assert [one.message for one in asked if not one.allowed] == []

    # and every action and every resource in the template's statements was needed
    actions, resources = in_vain(roles, cloud.access.decisions)
    assert {one for one in actions if one[:2] not in BY_AWS_ITSELF} == set()
    assert {one for one in resources if one[:2] not in BY_AWS_ITSELF} == set()
    # and every function ran
    callers = {one.principal.rpartition("/")[2] for one in cloud.access.decisions}
    assert {company.stack.resource(name) for name in functions_of(company)} <= callers


@pytest.mark.rule("K2")
def test_a_pipeline_with_the_step_functions_action_needs_permission_to_read_encrypted_runs(
    cloud, company, target, key
):
    # given a pipeline whose role has every permission that is needed without a key
    configuration = {
        "StateMachineArn": company.state_machine,
        "InputType": "Literal",
        "Input": json.dumps(target(Act(60))),
    }
    action = Action("Run", provider="StepFunctions", configuration=configuration)
    company.add_pipeline("release", {"Go": [action]})

    # when the pipeline runs, then it fails
    company.start("release")
    cloud.world.run(until=cloud.world.now + 600)
    error = company.action("release", "Run")["output"]["executionResult"]["errorDetails"]
    assert error["code"] == "PermissionError"
    assert "kms:Decrypt" in error["message"]

    # and it succeeds with the documented policy
    cloud.session(TOOLS, REGION).client("iam").put_role_policy(
        RoleName=company.pipeline_role(TOOLS).rpartition("/")[2],
        PolicyName="Key",
        PolicyDocument=documented_reading(key, company.state_machine),
    )
    company.start("release")
    cloud.world.run(until=cloud.world.now + 600)
    assert company.action("release", "Run")["status"] == "Succeeded"


def test_the_documented_policy_allows_a_person_to_read_encrypted_runs(cloud, company, key, world):
    # given a person who may do everything in Step Functions
    iam = cloud.session(TOOLS, REGION).client("iam")
    iam.create_user(UserName="person")
    allow = {"Effect": "Allow", "Action": "states:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_user_policy(UserName="person", PolicyName="Runs", PolicyDocument=policy)
    made = iam.create_access_key(UserName="person")["AccessKey"]
    person = cloud.session(TOOLS, REGION).client(
        "stepfunctions",
        aws_access_key_id=made["AccessKeyId"],
        aws_secret_access_key=made["SecretAccessKey"],
    )

    # then starting and stopping a run works without the key, but reading it does not
    run = person.start_execution(
        stateMachineArn=company.state_machine, input=json.dumps({"pipelineName": "local"})
    )["executionArn"]
    person.stop_execution(executionArn=run, cause="enough")
    with pytest.raises(person.exceptions.KmsAccessDeniedException):
        person.describe_execution(executionArn=run)

    # and the documented policy is sufficient
    document = documented_reading(key, company.state_machine)
    iam.put_user_policy(UserName="person", PolicyName="Key", PolicyDocument=document)
    assert person.describe_execution(executionArn=run)["cause"] == "enough"
    assert person.get_execution_history(executionArn=run)["events"]
    person.describe_state_machine(stateMachineArn=company.state_machine)


def end_from_outside(company, world, document):
    """Stop one run, and abandon another run's action. Both runs stop their target."""
    arn = start_run(company, document)
    world.run(until=world.now + 60)
    company.stepfunctions().stop_execution(executionArn=arn)
    company.add_pipeline("left", {"Go": [company.waiting_action("Go", document)]})
    execution = company.start("left")
    world.run(until=world.now + 300)
    company.codepipeline().stop_pipeline_execution(
        pipelineName="left", pipelineExecutionId=execution, abandon=True
    )
    world.run(until=world.now + 1_800)


def redrive_at_once(company, world, document):
    """Stop a run and redrive it before close_job receives the stop event."""
    company.add_pipeline("redriven", {"Go": [company.waiting_action("Go", document)]})
    company.start("redriven")
    world.run(until=world.now + 120)
    stepfunctions = company.stepfunctions()
    (arn,) = [
        each["executionArn"]
        for each in stepfunctions.list_executions(
            stateMachineArn=company.state_machine, statusFilter="RUNNING"
        )["executions"]
    ]
    stepfunctions.stop_execution(executionArn=arn)
    stepfunctions.redrive_execution(executionArn=arn)
    world.run(until=world.now + 1_800)


def roles_of(company):
    """Return the deployment's roles: ARNs by logical id."""
    return {
        name: f"arn:aws:iam::{TOOLS}:role/{company.stack.resource(name)}"
        for name in resources_of(company, "AWS::IAM::Role")
    }


def functions_of(company):
    return resources_of(company, "AWS::Lambda::Function")


def resources_of(company, kind):
    resources = company.stack.template["Resources"].items()
    return [name for name, resource in resources if resource["Type"] == kind]


def test_every_permission_of_the_target_role_is_used(cloud, company, target, world):
    # given a run whose input retries a failed stage and stops a late target, and a run of mode
    # latest
    document = target(*LATE)
    for more in (POLICIES, {"mode": "latest"}):
        start_run(company, {**document, **more})
        world.run(until=world.now + 600)

    # then every action that the role allows was needed, and no other action
    asked = [one for one in cloud.access.decisions if role_of(one.principal) == TARGET_ROLE]
    assert [one.message for one in asked if not one.allowed] == []
    roles = {"TargetRole": company.target_roles[SECOND]}
    assert in_vain(roles, asked) == (set(), set())


# Actions that no role of the deployment needs, on resources that an attacker might target.
OTHERS = [
    ("sts:AssumeRole", "arn:aws:iam::333344445555:role/codepipeline-orchestrator-target"),
    ("sts:AssumeRole", f"arn:aws:iam::{SECOND}:role/Administrator"),
    ("sts:AssumeRole", f"arn:aws:iam::{TOOLS}:role/Administrator"),
    ("iam:PassRole", f"arn:aws:iam::{TOOLS}:role/Administrator"),
    ("codepipeline:StartPipelineExecution", f"arn:aws:codepipeline:{REGION}:{TOOLS}:other"),
    ("codepipeline:UpdatePipeline", f"arn:aws:codepipeline:{REGION}:{TOOLS}:local"),
    ("codepipeline:PutApprovalResult", f"arn:aws:codepipeline:{REGION}:{TOOLS}:local/Go/Approve"),
    ("states:StartExecution", f"arn:aws:states:{REGION}:{TOOLS}:stateMachine:other"),
    ("states:DescribeExecution", f"arn:aws:states:{REGION}:{TOOLS}:execution:other:run"),
    ("lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{TOOLS}:function:other"),
    ("lambda:UpdateFunctionCode", "FUNCTION"),
    ("logs:FilterLogEvents", f"arn:aws:logs:{REGION}:{TOOLS}:log-group:other:log-stream:one"),
    ("states:SendTaskSuccess", f"arn:aws:states:{REGION}:{TOOLS}:stateMachine:other"),
    ("dynamodb:GetItem", f"arn:aws:dynamodb:{REGION}:{TOOLS}:table/other"),
    ("events:PutEvents", f"arn:aws:events:{REGION}:{TOOLS}:event-bus/default"),
    ("s3:GetObject", f"arn:aws:s3:::artifacts-{TOOLS}/app.zip"),
    ("kms:Decrypt", "KEY"),  # to decrypt data other than this state machine's runs
]


def test_no_role_may_act_outside_its_task(cloud, company, key):
    # given
    name = company.stack.resource("GetStateFunction")
    function = f"arn:aws:lambda:{REGION}:{TOOLS}:function:{name}"
    place = {"FUNCTION": function, "KEY": key}
    roles = roles_of(company).values()

    # when
    allowed = [
        (role, action, resource)
        for role in (*roles, company.target_roles[SECOND])
        for action, resource in OTHERS
        if may(cloud, role, action, place.get(resource, resource))
    ]

    # then
    assert allowed == []


def may(cloud, role, action, resource):
    context = {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::bucket"}
    try:
        cloud.access.require(role, action, resource, context)
    except AccessDenied:
        return False
    return True


def test_only_services_and_the_one_role_for_targets_can_assume_a_role_of_the_deployment(company):
    # given the principals that the roles' trust policies name
    trusted = {name: identities.find_role(arn) for name, arn in roles_of(company).items()}
    principals = {
        (name, *principal)
        for name, role in trusted.items()
        if role
        for statement in identities.document(role.assume_role_policy_document)["Statement"]
        for principal in statement["Principal"].items()
    }

    # then
    services = {one[2].removesuffix(".amazonaws.com") for one in principals if one[1] == "Service"}
    assert services == {"lambda", "states", "scheduler"}
    access_role = roles_of(company)["TargetAccessRole"]
    assert {one for one in principals if one[1] != "Service"} == {
        ("LocalTargetRole", "AWS", access_role)
    }
