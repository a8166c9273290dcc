import json

import pytest
from botocore.exceptions import ClientError

from codepipeline_sandbox.stepfunctions.integrations.java_names import pascal_case
from codepipeline_sandbox.stepfunctions.integrations.sdk_services import service_named
from tests.sandbox.stepfunctions.conftest import ACCOUNT, REGION, outcome_of

ALLOWED = [
    "states:*",
    "codepipeline:*",
    "events:*",
    "ssm:*",
    "s3:*",
    "logs:*",
    "scheduler:*",
]
SERVICES = ("states", "codepipeline", "scheduler")
ARN = f"arn:aws:states:{REGION}:{ACCOUNT}"
DEFINITION = {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
PIPELINE = {
    "name": "target",
    "roleArn": f"arn:aws:iam::{ACCOUNT}:role/Caller",
    "artifactStore": {"type": "S3", "location": "store"},
    "stages": [
        {
            "name": "Source",
            "actions": [
                {
                    "name": "Checkout",
                    "actionTypeId": {
                        "category": "Source",
                        "owner": "AWS",
                        "provider": "S3",
                        "version": "1",
                    },
                    "configuration": {"S3Bucket": "code", "S3ObjectKey": "code.zip"},
                    "outputArtifacts": [{"name": "Code"}],
                }
            ],
        },
        {
            "name": "Approve",
            "actions": [
                {
                    "name": "Ask",
                    "actionTypeId": {
                        "category": "Approval",
                        "owner": "AWS",
                        "provider": "Manual",
                        "version": "1",
                    },
                }
            ],
        },
    ],
}


def call(action, arguments=None, **more):
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::aws-sdk:{action}",
        "Arguments": arguments or {},
        "End": True,
        **more,
    }


class Callers:
    def __init__(self, cloud):
        self.cloud = cloud
        self.session = cloud.session(ACCOUNT, REGION)
        self.sfn = self.session.client("stepfunctions")
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": [f"{name}.amazonaws.com" for name in SERVICES]},
            "Action": "sts:AssumeRole",
        }
        self.iam = self.session.client("iam")
        role = self.iam.create_role(RoleName="Caller", AssumeRolePolicyDocument=_policy(trust))
        self.role = role["Role"]["Arn"]
        self.allow(*ALLOWED)

    def allow(self, *actions):
        document = _policy({"Effect": "Allow", "Action": actions, "Resource": "*"})
        self.iam.put_role_policy(RoleName="Caller", PolicyName="All", PolicyDocument=document)

    def create(self, name, definition):
        created = self.sfn.create_state_machine(
            name=name, definition=json.dumps(definition), roleArn=self.role
        )
        return created["stateMachineArn"]

    def run(self, state):
        return self.run_states({"A": state})

    def run_states(self, states):
        definition = {**DEFINITION, "States": states}
        arn = self.sfn.start_execution(
            stateMachineArn=self.create("Caller", definition), name="one"
        )["executionArn"]
        self.cloud.world.result_of(self.cloud.state_machines.ended(arn))
        return outcome_of(self.sfn, arn)


def _policy(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def callers(cloud):
    return Callers(cloud)


@pytest.mark.rule("I1", "I7")
def test_a_machine_starts_an_execution_of_another_machine(callers):
    # given
    other = callers.create("Other", DEFINITION)
    arguments = {"StateMachineArn": other, "Name": "two", "Input": '{"a": 1}'}

    # when
    end = callers.run(call("sfn:startExecution", arguments))

    # then member names are capitalized, and times are strings
    execution = f"{ARN}:execution:Other:two"
    assert end.output["ExecutionArn"] == execution
    assert end.output["StartDate"].startswith("2026-01-05T09:00:0")
    assert end.output["StartDate"].endswith("Z")
    assert end.output.keys() == {"ExecutionArn", "StartDate"}
    kind = {"resourceType": "aws-sdk:sfn", "resource": "startExecution"}
    assert [{name: each[name] for name in kind} for each in end.details[2:5]] == [kind] * 3
    assert callers.sfn.describe_execution(executionArn=execution)["input"] == '{"a": 1}'


@pytest.mark.rule("I1")
def test_a_machine_starts_and_reads_a_pipeline(callers):
    # given
    pipelines = callers.session.client("codepipeline")
    pipelines.create_pipeline(pipeline=PIPELINE)
    start = call("codepipeline:startPipelineExecution", {"Name": "target"}, Next="Pause")
    del start["End"]
    states = {
        "A": {**start, "Assign": {"id": "{% $states.result.PipelineExecutionId %}"}},
        "Pause": {"Type": "Wait", "Seconds": 60, "Next": "Read"},
        "Read": call(
            "codepipeline:getPipelineExecution",
            {"PipelineName": "target", "PipelineExecutionId": "{% $id %}"},
        ),
    }

    # when
    end = callers.run_states(states)

    # then
    (listed,) = pipelines.list_pipeline_executions(pipelineName="target")[
        "pipelineExecutionSummaries"
    ]
    read = end.output["PipelineExecution"]
    assert read["PipelineExecutionId"] == listed["pipelineExecutionId"]
    assert (read["PipelineName"], read["PipelineVersion"], read["Status"]) == (
        "target",
        1,
        "InProgress",
    )


@pytest.mark.rule("I2")
@pytest.mark.parametrize(
    "state, error, message",
    [
        (
            call("sfn:sendTaskSuccess", {"TaskToken": "x", "Output": "{}"}),
            "Sfn.InvalidTokenException",
            "Invalid Token: 'Invalid token' (Service: Sfn, Status Code: 400, Request ID: ",
        ),
        (
            call("sfn:describeExecution", {"ExecutionArn": f"{ARN}:execution:Other:none"}),
            "Sfn.ExecutionDoesNotExistException",
            f"Execution Does Not Exist: '{ARN}:execution:Other:none' (Service: Sfn, Status Code: ",
        ),
        (
            call("sfn:listExecutions", {"StateMachineArn": ARN, "MaxResults": 2_000}),
            "Sfn.ValidationException",
            "1 validation error detected: Value '2000' at 'maxResults' failed to satisfy ",
        ),
        (
            call("sfn:sendTaskHeartbeat", {"TaskToken": "x" * 2_049}),
            "Sfn.SfnException",
            "1 validation error detected: Value ",
        ),
        (
            call("codepipeline:startPipelineExecution", {"Name": "none"}),
            "CodePipeline.PipelineNotFoundException",
            "",
        ),
        (
            call("ssm:getParameter", {"Name": "none"}),
            "Ssm.ParameterNotFoundException",
            "Parameter none not found. (Service: Ssm, Status Code: 400, Request ID: ",
        ),
        (call("iam:getUser", {"UserName": "none"}), "Iam.IamException", "User: arn:aws:sts::"),
        (
            call("cloudwatchlogs:deleteLogGroup", {"LogGroupName": "none"}),
            "CloudWatchLogs.ResourceNotFoundException",
            "The specified log group does not exist.",
        ),
    ],
)
def test_an_error_has_the_name_of_the_service_and_of_the_exception(callers, state, error, message):
    # when
    end = callers.run(state)

    # then
    assert (end.status, end.error) == ("FAILED", error)
    assert end.cause.startswith(message)
    assert end.cause.endswith(") (SDK Attempt Count: 1)")


@pytest.mark.rule("I1")
@pytest.mark.parametrize(
    "given, returned",
    [
        ("2026-01-05T09:00:00.500Z", "2026-01-05T09:00:00.500Z"),
        ("2026-01-05T10:00:00+01:00", "2026-01-05T09:00:00Z"),
    ],
)
def test_times_are_sent_and_returned_as_strings(callers, given, returned):
    # given
    schedule = {
        "Name": "once",
        "GroupName": "default",
        "ScheduleExpression": "rate(1 day)",
        "StartDate": given,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f", "RoleArn": callers.role},
    }
    create = {**call("scheduler:createSchedule", schedule), "Next": "Read"}
    del create["End"]

    # when
    end = callers.run_states({"A": create, "Read": call("scheduler:getSchedule", {"Name": "once"})})

    # then
    assert end.status == "SUCCEEDED", end.cause
    assert end.output["StartDate"] == returned


@pytest.mark.rule("I6")
@pytest.mark.parametrize(
    "state, problem",
    [
        (call("sqs:sendMessage"), "does not support the Resource 'arn:aws:states:::aws-sdk:sqs:"),
        (call("kms:encrypt"), "does not support the Resource"),
        (call("sfn:startSyncExecution"), "does not support the Resource"),
        (call("codepipeline:listWebhooks"), "does not support the Resource"),
        (call("sfn:startExecution.sync"), "does not support the Resource"),
        (call("lambda:invoke", {"FunctionName": "f"}), "does not support the Resource"),
        (call("s3:getObject", {"Bucket": "b", "Key": "k"}), "does not support the Resource"),
        (call("sfn:dance"), "aws-sdk:sfn:dance is not recognized."),
        (call("sfn:startExecution"), "The field 'StateMachineArn' is required but was missing"),
        (
            call("sfn:startExecution", {"StateMachineArn": "a", "name": "b"}),
            "The field 'name' is not supported by Step Functions",
        ),
        (
            call("s3:putObject", {"Bucket": "b", "Key": "k", "Body": "text"}),
            "does not support binary data, such as the field 'Body'",
        ),
    ],
)
def test_an_unsupported_call_is_refused_by_name(callers, state, problem):
    with pytest.raises(ClientError) as refused:
        callers.create("Caller", {**DEFINITION, "States": {"A": state}})

    assert refused.value.response["Error"]["Code"] == "InvalidDefinition"
    assert problem in refused.value.response["Error"]["Message"]


@pytest.mark.rule("I6")
@pytest.mark.parametrize(
    "arguments, problem",
    [
        ("{% {'Entries': [{'Time': 'yesterday'}]} %}", "for the field 'Time' must be a TIMESTAMP"),
        ("{% {'Entries': {}} %}", "for the field 'Entries' must be a ARRAY"),
        ("{% {'Entries': [{'source': 'a'}]} %}", "The field 'source' is not supported by"),
    ],
)
def test_values_of_the_wrong_type_are_not_sent(callers, arguments, problem):
    # when
    end = callers.run(call("eventbridge:putEvents", arguments))

    # then
    assert end.error == "States.Runtime"
    assert problem in end.cause


@pytest.mark.rule("I1")
@pytest.mark.parametrize(
    "action, member",
    [
        ("cloudformation:describeStacks", "Stacks"),
        ("cloudwatch:describeAlarms", "MetricAlarms"),
        ("cloudwatchlogs:describeLogGroups", "LogGroups"),
        ("codepipeline:listPipelines", "Pipelines"),
        ("eventbridge:listRules", "Rules"),
        ("iam:listRoles", "Roles"),
        ("lambda:listFunctions", "Functions"),
        ("s3:listBuckets", "Buckets"),
        ("scheduler:listSchedules", "Schedules"),
        ("sfn:listStateMachines", "StateMachines"),
        ("ssm:describeParameters", "Parameters"),
        ("sts:getCallerIdentity", "Account"),
    ],
)
def test_every_service_can_be_called(callers, action, member):
    # given
    callers.allow("*")

    # when
    end = callers.run(call(action))

    # then
    assert end.status == "SUCCEEDED", end.cause
    assert member in end.output


@pytest.mark.rule("I1")
@pytest.mark.parametrize(
    "name, spelled",
    [
        ("executionArn", "ExecutionArn"),
        ("ETag", "ETag"),
        ("BOOL", "Bool"),
        ("SSEKMSKeyId", "SsekmsKeyId"),
        ("DBInstanceIdentifier", "DbInstanceIdentifier"),
        ("CloudWatch Logs", "CloudWatchLogs"),
        ("DynamoDB", "DynamoDb"),
        ("SFN", "Sfn"),
    ],
)
def test_names_are_spelled_as_in_the_sdk_for_java(name, spelled):
    assert pascal_case(name) == spelled


@pytest.mark.rule("I6")
@pytest.mark.parametrize(
    "name, served, refused",
    [
        ("sfn", "StartExecution", "StartSyncExecution"),
        ("codepipeline", "RetryStageExecution", "PutWebhook"),
        ("dynamodb", "DeleteItem", "Query"),
        ("eventbridge", "PutEvents", "CreateEndpoint"),
        ("lambda", "GetFunction", "PutRuntimeManagementConfig"),
        ("cloudwatchlogs", "PutLogEvents", "PutTransformer"),
        ("s3", "ListObjectsV2", "SelectObjectContent"),
        ("s3", "CreateBucket", "GetObject"),
        ("sts", "AssumeRole", "GetDelegatedAccessToken"),
    ],
)
def test_a_service_offers_the_operations_that_the_sandbox_supports(cloud, name, served, refused):
    del cloud
    service = service_named(name)

    assert service is not None
    assert (service.serves(served), service.serves(refused)) == (True, False)
