from __future__ import annotations

import json

import pytest

from codepipeline_sandbox.codepipeline import Act, script
from codepipeline_sandbox.iam import identities
from codepipeline_sandbox.kernel.protocols import AccessDenied
from playground.company import REGION, SECOND, TARGET_ROLE, TOOLS, Action
from tests.statemachine.granted import in_vain, role_of
from tests.statemachine.keys import create_key, documented_reading
from tests.statemachine.operating import start_run
from tests.statemachine.permissions import take_from_codepipeline_job

# The target fails. When its stage is retried, it takes too long.
LATE = (Act(10, "Failed"), Act(3_600))
POLICIES = {"maxStageRetries": 1, "timeoutMinutes": 3, "onTimeout": "stop"}
# The sandbox's Step Functions does not deliver logs, so these permissions stay unused.
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
    # codepipeline_job loses these permissions, so close_job has to answer its jobs.
    take_from_codepipeline_job(company, "states:DescribeExecution")
    company.start("last")
    world.run(until=world.now + 3_600)
    take_from_codepipeline_job(company, "states:StartExecution")
    company.start("last")
    world.run(until=world.now + 3_600)

    roles = roles_of(company)
    names = {arn.rpartition("/")[2] for arn in roles.values()} | {TARGET_ROLE}
    asked = [one for one in healthy if role_of(one.principal) in names]
    assert [one.message for one in asked if not one.allowed] == []

    actions, resources = in_vain(roles, cloud.access.decisions)
    assert {one for one in actions if one[:2] not in BY_AWS_ITSELF} == set()
    assert {one for one in resources if one[:2] not in BY_AWS_ITSELF} == set()
    callers = {one.principal.rpartition("/")[2] for one in cloud.access.decisions}
    assert {company.stack.resource(name) for name in functions_of(company)} <= callers


@pytest.mark.rule("K2")
def test_a_pipeline_with_the_step_functions_action_needs_permission_to_read_encrypted_runs(
    cloud, company, target, key
):
    # The pipeline's role lacks only the permission to use the key.
    configuration = {
        "StateMachineArn": company.state_machine,
        "InputType": "Literal",
        "Input": json.dumps(target(Act(60))),
    }
    action = Action("Run", provider="StepFunctions", configuration=configuration)
    company.add_pipeline("release", {"Go": [action]})

    company.start("release")
    cloud.world.run(until=cloud.world.now + 600)
    error = company.action("release", "Run")["output"]["executionResult"]["errorDetails"]
    assert error["code"] == "PermissionError"
    assert "kms:Decrypt" in error["message"]

    cloud.session(TOOLS, REGION).client("iam").put_role_policy(
        RoleName=company.pipeline_role(TOOLS).rpartition("/")[2],
        PolicyName="Key",
        PolicyDocument=documented_reading(key, company.state_machine),
    )
    company.start("release")
    cloud.world.run(until=cloud.world.now + 600)
    assert company.action("release", "Run")["status"] == "Succeeded"


def test_the_documented_policy_allows_a_person_to_read_encrypted_runs(cloud, company, key, world):
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

    # Without the key, a person can start and stop a run but not read it.
    run = person.start_execution(
        stateMachineArn=company.state_machine, input=json.dumps({"pipelineName": "local"})
    )["executionArn"]
    person.stop_execution(executionArn=run, cause="enough")
    with pytest.raises(person.exceptions.KmsAccessDeniedException):
        person.describe_execution(executionArn=run)

    document = documented_reading(key, company.state_machine)
    iam.put_user_policy(UserName="person", PolicyName="Key", PolicyDocument=document)
    assert person.describe_execution(executionArn=run)["cause"] == "enough"
    assert person.get_execution_history(executionArn=run)["events"]
    person.describe_state_machine(stateMachineArn=company.state_machine)


def end_from_outside(company, world, document):
    """Stop a run and abandon another run's action. Both runs stop their targets."""
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
    # The first run retries a stage and stops its target. The second run uses mode latest.
    document = target(*LATE)
    for more in (POLICIES, {"mode": "latest"}):
        start_run(company, {**document, **more})
        world.run(until=world.now + 600)

    asked = [one for one in cloud.access.decisions if role_of(one.principal) == TARGET_ROLE]
    assert [one.message for one in asked if not one.allowed] == []
    roles = {"TargetRole": company.target_roles[SECOND]}
    assert in_vain(roles, asked) == (set(), set())


# No role of the deployment needs these actions on these resources.
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
    ("kms:Decrypt", "KEY"),  # Roles may use the key only for this state machine's runs.
]


def test_no_role_may_act_outside_its_task(cloud, company, key):
    name = company.stack.resource("GetStateFunction")
    function = f"arn:aws:lambda:{REGION}:{TOOLS}:function:{name}"
    place = {"FUNCTION": function, "KEY": key}
    roles = roles_of(company).values()

    allowed = [
        (role, action, resource)
        for role in (*roles, company.target_roles[SECOND])
        for action, resource in OTHERS
        if may(cloud, role, action, place.get(resource, resource))
    ]

    assert allowed == []


def may(cloud, role, action, resource):
    context = {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::bucket"}
    try:
        cloud.access.require(role, action, resource, context)
    except AccessDenied:
        return False
    return True


def test_only_services_and_the_target_access_role_can_assume_a_role_of_the_deployment(company):
    trusted = {name: identities.find_role(arn) for name, arn in roles_of(company).items()}
    principals = {
        (name, *principal)
        for name, role in trusted.items()
        if role
        for statement in identities.document(role.assume_role_policy_document)["Statement"]
        for principal in statement["Principal"].items()
    }

    services = {one[2].removesuffix(".amazonaws.com") for one in principals if one[1] == "Service"}
    assert services == {"lambda", "states", "scheduler"}
    access_role = roles_of(company)["TargetAccessRole"]
    assert {one for one in principals if one[1] != "Service"} == {
        ("LocalTargetRole", "AWS", access_role)
    }
