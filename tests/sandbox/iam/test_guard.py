"""The guard checks every request in a session, for every service and protocol."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from codepipeline_sandbox.iam import Access, Credentials
from codepipeline_sandbox.kernel import here
from codepipeline_sandbox.kernel.world import World
from tests.sandbox.iam.accounts import (
    LAMBDA,
    TARGET,
    TOOLS,
    Account,
    allows,
    client,
    denial,
    trusts,
)

REGION = "eu-west-1"
WHO = f"arn:aws:sts::{TOOLS}:assumed-role/Function/get_state"
EXECUTION_ID = "11111111-2222-4333-8444-555555555555"
MACHINE = f"arn:aws:states:{REGION}:{TOOLS}:stateMachine:run"
EXECUTION = f"arn:aws:states:{REGION}:{TOOLS}:execution:run:1"
PIPELINE = f"arn:aws:codepipeline:{REGION}:{TOOLS}:app"
FUNCTION = f"arn:aws:lambda:{REGION}:{TOOLS}:function:job"
OF_APP = {"pipelineName": "app"}
OF_EXECUTION = {**OF_APP, "pipelineExecutionId": EXECUTION_ID}
FAILURE = {"type": "JobFailed", "message": "no"}
APPROVAL = {
    **OF_APP,
    "stageName": "Deploy",
    "actionName": "Approve",
    "result": {"summary": "", "status": "Approved"},
    "token": EXECUTION_ID,
}
LOG = {"logGroupName": "/a/b", "logStreamName": "c"}
LOG_STREAM = f"arn:aws:logs:{REGION}:{TOOLS}:log-group:/a/b:log-stream:c"
TABLE = f"arn:aws:dynamodb:{REGION}:{TOOLS}:table/waits"
ITEM = {"run": {"S": "1"}}
SCHEDULE = f"arn:aws:scheduler:{REGION}:{TOOLS}:schedule"
RULE = f"arn:aws:events:{REGION}:{TOOLS}:rule"
STATES = "stepfunctions"
BUS = f"arn:aws:events:{REGION}:{TOOLS}:event-bus"
EVENT = {"Source": "a", "DetailType": "b", "Detail": "{}"}

MILL = {"category": "Build", "provider": "Mill", "version": "1"}
ACTION_TYPE = PIPELINE.replace("app", "actiontype:Custom/Build/Mill/1")
REQUESTS: list[tuple[str, str, dict[str, Any], str]] = [
    ("codepipeline:StartPipelineExecution", "", {"name": "app"}, PIPELINE),
    ("codepipeline:GetPipeline", "", {"name": "app"}, PIPELINE),
    ("codepipeline:GetPipelineState", "", {"name": "app"}, PIPELINE),
    ("codepipeline:GetPipelineExecution", "", OF_EXECUTION, PIPELINE),
    ("codepipeline:StopPipelineExecution", "", OF_EXECUTION, PIPELINE),
    ("codepipeline:ListPipelineExecutions", "", OF_APP, PIPELINE),
    ("codepipeline:ListActionExecutions", "", OF_APP, PIPELINE),
    (
        "codepipeline:RetryStageExecution",
        "",
        {**OF_EXECUTION, "stageName": "Deploy", "retryMode": "FAILED_ACTIONS"},
        f"{PIPELINE}/Deploy",
    ),
    ("codepipeline:PutApprovalResult", "", APPROVAL, f"{PIPELINE}/Deploy/Approve"),
    ("codepipeline:PollForJobs", "", {"actionTypeId": {**MILL, "owner": "Custom"}}, ACTION_TYPE),
    ("codepipeline:DeleteCustomActionType", "", MILL, ACTION_TYPE),
    ("codepipeline:AcknowledgeJob", "", {"jobId": EXECUTION_ID, "nonce": "1"}, "*"),
    ("codepipeline:PutJobSuccessResult", "", {"jobId": EXECUTION_ID}, "*"),
    (
        "codepipeline:PutJobFailureResult",
        "",
        {"jobId": EXECUTION_ID, "failureDetails": FAILURE},
        "*",
    ),
    ("codepipeline:GetJobDetails", "", {"jobId": EXECUTION_ID}, "*"),
    ("codepipeline:ListPipelines", "", {}, PIPELINE.replace("app", "*")),
    ("states:StartExecution", "stepfunctions", {"stateMachineArn": MACHINE}, MACHINE),
    ("states:ListExecutions", "stepfunctions", {"stateMachineArn": MACHINE}, MACHINE),
    ("states:DescribeExecution", "stepfunctions", {"executionArn": EXECUTION}, EXECUTION),
    ("states:GetExecutionHistory", "stepfunctions", {"executionArn": EXECUTION}, EXECUTION),
    ("states:StopExecution", "stepfunctions", {"executionArn": EXECUTION}, EXECUTION),
    ("states:RedriveExecution", "stepfunctions", {"executionArn": EXECUTION}, EXECUTION),
    ("states:ListStateMachines", "stepfunctions", {}, "*"),
    ("lambda:GetFunction", "", {"FunctionName": "job"}, FUNCTION),
    ("lambda:GetFunction", "", {"FunctionName": FUNCTION}, FUNCTION),
    ("lambda:GetFunction", "", {"FunctionName": f"{TOOLS}:function:job:live"}, f"{FUNCTION}:live"),
    (
        "lambda:GetFunction",
        "",
        {"FunctionName": "job", "Qualifier": "live"},
        f"{FUNCTION}:live",
    ),
    ("lambda:ListFunctions", "", {}, "*"),
    ("logs:CreateLogGroup", "", {"logGroupName": "/a/b"}, LOG_STREAM[:-1]),
    ("logs:CreateLogStream", "", LOG, LOG_STREAM),
    ("logs:PutLogEvents", "", {**LOG, "logEvents": [{"timestamp": 0, "message": "m"}]}, LOG_STREAM),
    ("logs:DescribeLogGroups", "", {}, "*"),
    ("events:PutEvents", "", {"Entries": [EVENT]}, f"{BUS}/default"),
    ("events:PutEvents", "", {"Entries": [{**EVENT, "EventBusName": "b"}]}, f"{BUS}/b"),
    ("events:DescribeEventBus", "", {}, f"{BUS}/default"),
    ("events:PutRule", "", {"Name": "r"}, f"{RULE}/r"),
    ("events:ListTargetsByRule", "", {"Rule": "r", "EventBusName": "b"}, f"{RULE}/b/r"),
    ("events:ListRules", "", {}, "*"),
    ("scheduler:GetSchedule", "", {"Name": "nightly"}, f"{SCHEDULE}/default/nightly"),
    ("scheduler:GetSchedule", "", {"Name": "n", "GroupName": "g"}, f"{SCHEDULE}/g/n"),
    ("ssm:GetParameter", "", {"Name": "/a/b"}, f"arn:aws:ssm:{REGION}:{TOOLS}:parameter/a/b"),
    ("dynamodb:ListTables", "", {}, "*"),
    ("cloudformation:ListStacks", "", {}, "*"),
    ("iam:ListRoles", "", {}, "*"),
    ("cloudwatch:ListMetrics", "", {}, "*"),
]


@pytest.fixture
def function(the_access: Access, tools: Account) -> Credentials:
    role = tools.role("Function", trusts("Service", LAMBDA))
    return the_access.service_session(role, LAMBDA, "get_state")


def call(credentials: Credentials, action: str, service: str, arguments: dict[str, Any]) -> Any:
    prefix, operation = action.split(":")
    made = client(service or prefix, credentials, REGION)
    return made._make_api_call(operation, arguments)


@pytest.mark.parametrize("action, service, arguments, resource", REQUESTS)
def test_a_request_needs_permission_for_its_action_on_its_resource(
    function: Credentials, action: str, service: str, arguments: dict[str, Any], resource: str
) -> None:
    message = denial(
        call, credentials=function, action=action, service=service, arguments=arguments
    )

    unnamed = resource == "*" and action.startswith("codepipeline:")
    named = "" if unnamed else f" on resource: {resource}"
    assert message.partition(": ")[2] == (
        f"User: {WHO} is not authorized to perform: {action}{named} "
        f"because no identity-based policy allows the {action} action"
    )


@pytest.mark.rule("J14")
@pytest.mark.parametrize("resource, error", [(PIPELINE, "AccessDenied"), ("*", "JobNotFound")])
@pytest.mark.parametrize(
    "operation, arguments",
    [("PutJobSuccessResult", {}), ("PutJobFailureResult", {"failureDetails": FAILURE})],
)
def test_answering_a_job_requires_permission_for_all_resources(
    the_access: Access,
    tools: Account,
    operation: str,
    arguments: dict[str, Any],
    resource: str,
    error: str,
) -> None:
    action = f"codepipeline:{operation}"
    role = tools.role("Function", trusts("Service", LAMBDA), allows(action, resource))
    function = the_access.service_session(role, LAMBDA, "get_state")

    with pytest.raises(ClientError, match=error):
        call(function, action, "", {"jobId": EXECUTION_ID, **arguments})


@pytest.mark.rule("Y7")
@pytest.mark.parametrize(
    "operation, arguments",
    [
        ("GetItem", {"TableName": "waits", "Key": ITEM}),
        ("GetItem", {"TableName": TABLE, "Key": ITEM}),
        ("PutItem", {"TableName": "waits", "Item": ITEM}),
        ("UpdateItem", {"TableName": "waits", "Key": ITEM, "UpdateExpression": "REMOVE a"}),
        ("Scan", {"TableName": "waits"}),
        ("DescribeTable", {"TableName": "waits"}),
        ("ListTagsOfResource", {"ResourceArn": TABLE}),
    ],
)
def test_a_table_can_be_addressed_by_its_arn(
    function: Credentials, operation: str, arguments: dict[str, Any]
) -> None:
    action = f"dynamodb:{operation}"

    message = denial(call, credentials=function, action=action, service="", arguments=arguments)

    assert message == (
        f"AccessDeniedException: User: {WHO} is not authorized to perform: {action} on resource: "
        f"{TABLE} because no identity-based policy allows the {action} action"
    )


@pytest.mark.parametrize(
    "operation, arguments, action, resource",
    [
        ("ListBuckets", {}, "s3:ListAllMyBuckets", "*"),
        ("ListObjectsV2", {"Bucket": "b"}, "s3:ListBucket", "b"),
        ("PutObject", {"Bucket": "b", "Key": "x/y", "Body": b"1"}, "s3:PutObject", "b/x/y"),
        ("GetObject", {"Bucket": "b", "Key": "x/y"}, "s3:GetObject", "b/x/y"),
        ("GetBucketPolicy", {"Bucket": "b"}, "s3:GetBucketPolicy", "b"),
        ("CopyObject", {"Bucket": "b", "Key": "k", "CopySource": "a/j"}, "s3:GetObject", "a/j"),
        (
            "DeleteObjects",
            {"Bucket": "b", "Delete": {"Objects": [{"Key": "k"}]}},
            "s3:DeleteObject",
            "b/k",
        ),
    ],
)
def test_an_object_is_identified_by_bucket_and_key(
    function: Credentials, operation: str, arguments: dict[str, Any], action: str, resource: str
) -> None:
    message = denial(
        call, credentials=function, action=f"s3:{operation}", service="", arguments=arguments
    )

    named = resource if resource == "*" else f"arn:aws:s3:::{resource}"
    assert message.startswith(
        f"AccessDenied: User: {WHO} is not authorized to perform: {action} on resource: {named} "
    )


def test_an_invocation_payload_is_not_mistaken_for_request_parameters(
    function: Credentials,
) -> None:
    lambda_ = client("lambda", function, REGION)
    payload = json.dumps({"FunctionName": "another", "Qualifier": "live"})

    message = denial(lambda_.invoke, FunctionName="job", Payload=payload)

    assert f"lambda:InvokeFunction on resource: {FUNCTION} because" in message


@pytest.mark.parametrize(
    "action, service, arguments, error",
    [
        ("codepipeline:ListPipelines", "", {}, ("AccessDeniedException", 400)),
        ("states:ListStateMachines", "stepfunctions", {}, ("AccessDeniedException", 400)),
        ("lambda:ListFunctions", "", {}, ("AccessDeniedException", 403)),
        ("scheduler:GetSchedule", "", {"Name": "nightly"}, ("AccessDeniedException", 403)),
        ("iam:ListRoles", "", {}, ("AccessDenied", 403)),
        ("cloudformation:ListStacks", "", {}, ("AccessDenied", 403)),
        ("s3:ListBuckets", "", {}, ("AccessDenied", 403)),
        ("s3:HeadObject", "", {"Bucket": "b", "Key": "k"}, ("403", 403)),
    ],
)
def test_a_denial_has_the_services_own_error_format(
    function: Credentials,
    action: str,
    service: str,
    arguments: dict[str, Any],
    error: tuple[str, int],
) -> None:
    with pytest.raises(ClientError) as caught:
        call(function, action, service, arguments)

    response = caught.value.response
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    assert (response["Error"]["Code"], status) == error


def test_an_allowed_request_is_answered_and_its_statement_is_recorded(
    the_access: Access, tools: Account, function: Credentials
) -> None:
    tools.allow("Function", allows("logs:Describe*", Sid="ReadLogs"))

    assert client("logs", function).describe_log_groups()["logGroups"] == []
    last = the_access.decisions[-1]
    assert (last.principal, last.action, last.resource) == (WHO, "logs:DescribeLogGroups", "*")
    assert (last.allowed, last.policy, last.sid) == (True, "Permissions", "ReadLogs")


def test_a_changed_policy_applies_from_the_next_request_on(
    tools: Account, function: Credentials
) -> None:
    logs = client("logs", function)

    tools.allow("Function", allows("logs:*"))
    assert logs.describe_log_groups()
    tools.allow("Function", allows("s3:*"))
    assert denial(logs.describe_log_groups).startswith("AccessDeniedException: ")


def test_managed_policies_apply_within_the_permissions_boundary(
    the_access: Access, tools: Account
) -> None:
    boundary = tools.managed_policy("Boundary", allows("logs:*"))
    role = tools.role("Bound", trusts("Service", LAMBDA), PermissionsBoundary=boundary)
    managed = tools.managed_policy("Everything", allows("*", Sid="Everything"))
    tools.client("iam").attach_role_policy(RoleName="Bound", PolicyArn=managed)
    session = the_access.service_session(role, LAMBDA, "get_state")

    assert client("logs", session).describe_log_groups()
    assert the_access.decisions[-1].sid == "Everything"
    assert denial(client("iam", session).list_roles).endswith(
        "because no permissions boundary allows the iam:ListRoles action"
    )


def test_the_default_version_of_a_managed_policy_applies(
    the_access: Access, tools: Account
) -> None:
    role = tools.role("Function", trusts("Service", LAMBDA))
    managed = tools.managed_policy("Versions", allows("s3:*"))
    iam = tools.client("iam")
    iam.attach_role_policy(RoleName="Function", PolicyArn=managed)
    document = json.dumps({"Version": "2012-10-17", "Statement": allows("logs:*")})
    logs = client("logs", the_access.service_session(role, LAMBDA, "get_state"))

    iam.create_policy_version(PolicyArn=managed, PolicyDocument=document, SetAsDefault=False)
    assert denial(logs.describe_log_groups)
    iam.set_default_policy_version(PolicyArn=managed, VersionId="v2")
    assert logs.describe_log_groups()


@pytest.fixture
def task_token(world: World, tools: Account) -> str:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Arguments": {"FunctionName": "f", "Payload": {"t": "{% $states.context.Task.Token %}"}},
        "End": True,
    }
    definition = {"QueryLanguage": "JSONata", "StartAt": "Hold", "States": {"Hold": task}}
    role = tools.role("Machine", trusts("Service", "states.amazonaws.com"))
    states = client("stepfunctions", Credentials(f"AKIA{TOOLS}ROOT", "secret"), REGION)
    states.create_state_machine(name="run", definition=json.dumps(definition), roleArn=role)
    run = states.start_execution(stateMachineArn=MACHINE)["executionArn"]
    world.run()
    scheduled = states.get_execution_history(executionArn=run)["events"][2]
    parameters = json.loads(scheduled["taskScheduledEventDetails"]["parameters"])
    token: str = parameters["Payload"]["t"]
    return token


@pytest.mark.rule("D9")
@pytest.mark.parametrize(
    "operation, output",
    [("SendTaskSuccess", {"output": "{}"}), ("SendTaskFailure", {}), ("SendTaskHeartbeat", {})],
)
def test_answering_a_task_needs_permission_on_the_tasks_state_machine(
    tools: Account,
    function: Credentials,
    task_token: str,
    operation: str,
    output: dict[str, str],
) -> None:
    action = f"states:{operation}"
    answer = {"taskToken": task_token, **output}

    tools.allow("Function", allows(action, f"{MACHINE}2"), allows(action, EXECUTION))
    refused = denial(call, credentials=function, action=action, service=STATES, arguments=answer)
    tools.allow("Function", allows(action, MACHINE))
    late = denial(call, credentials=function, action=action, service=STATES, arguments=answer)

    assert refused == (
        f"AccessDeniedException: User: {WHO} is not authorized to perform: {action} "
        f"on resource: {MACHINE} because no identity-based policy allows the {action} action"
    )
    assert late.startswith("TaskTimedOut: ")


def test_an_unknown_task_token_is_invalid_rather_than_forbidden(function: Credentials) -> None:
    states = client(STATES, function, REGION)

    message = denial(states.send_task_success, taskToken="forged", output="{}")

    assert message.startswith("InvalidToken: ")


def test_a_resource_in_another_account_without_a_resource_policy_is_out_of_reach(
    tools: Account, function: Credentials
) -> None:
    tools.allow("Function", allows("states:*"))
    states = client("stepfunctions", function, REGION)
    elsewhere = EXECUTION.replace(TOOLS, TARGET)

    message = denial(states.describe_execution, executionArn=elsewhere)

    assert message.endswith(
        "because no resource-based policy allows the states:DescribeExecution action"
    )


def test_a_condition_can_require_a_region(tools: Account, function: Credentials) -> None:
    here = {"StringEquals": {"aws:RequestedRegion": REGION}}
    tools.allow("Function", allows("logs:*", Condition=here))

    assert client("logs", function, REGION).describe_log_groups()
    assert denial(client("logs", function, "us-east-1").describe_log_groups)


def test_an_administrator_may_do_everything_in_its_own_account(
    the_access: Access, tools: Account
) -> None:
    assert tools.client("logs").describe_log_groups()
    assert tools.client("iam").list_roles()
    assert tools.client("events").put_events(Entries=[EVENT])
    assert the_access.decisions == []


def test_without_a_cloud_the_guard_allows_everything(
    function: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(here, "_current", None)

    assert client("logs", function).describe_log_groups()
    answer = client("sts", function).assume_role(
        RoleArn=f"arn:aws:iam::{TARGET}:role/Missing", RoleSessionName="run-1"
    )
    assert answer["Credentials"]
    assert client("sts", function).get_caller_identity()["Arn"] == WHO
    assert client("sts", function).get_session_token()
