"""Calls that are refused over HTTP are sent only once, and the error names what was refused."""

from __future__ import annotations

import re
import subprocess
import uuid
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.sandbox.http.served import Served, shell

pytestmark = pytest.mark.xdist_group("server")

MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:x"
ROLE = "arn:aws:iam::111122223333:role/x"
GROUP = "arn:aws:logs:eu-west-1:111122223333:log-group:x"


@dataclass(frozen=True)
class Answered:
    sent: int
    status: int
    code: str
    message: str
    request_id: str
    headers: dict[str, str]


def call(
    served: Served, name: str, region: str = "eu-west-1", key: str = "", **parameters: Any
) -> Answered:
    service, operation = name.split(":")
    client: Any = boto3.client(
        service,  # type: ignore[call-overload] # any service
        endpoint_url=f"http://127.0.0.1:{served.port}",
        region_name=region,
        aws_access_key_id=key or "AKIA111122223333ROOT",
        aws_secret_access_key="administrator",
        config=Config(parameter_validation=False, inject_host_prefix=False),
    )
    sent: list[Any] = []
    client.meta.events.register("before-send", lambda request, **_: sent.append(request))
    try:
        answer: Any = getattr(client, operation)(**parameters)
    except ClientError as refused:
        answer = refused.response
    meta, error = answer["ResponseMetadata"], answer.get("Error", {})
    return Answered(
        sent=len(sent),
        status=meta["HTTPStatusCode"],
        code=error.get("Code", ""),
        message=error.get("Message", ""),
        request_id=meta["RequestId"],
        headers=meta["HTTPHeaders"],
    )


def refusal(served: Served, name: str, **parameters: Any) -> tuple[str, str]:
    """Make a call that must fail without a retry, and return the error's code and message."""
    answer = call(served, name, **parameters)
    assert answer.sent == 1
    assert 400 <= answer.status < 500
    return answer.code, answer.message


SERVICES = [
    "codepipeline:list_pipelines",
    "stepfunctions:list_state_machines",
    "dynamodb:list_tables",
    "events:list_rules",
    "lambda:list_functions",
    "scheduler:list_schedules",
    "sts:get_caller_identity",
    "iam:list_roles",
    "cloudformation:describe_stacks",
    "sns:list_topics",
    "sqs:list_queues",
    "cloudwatch:list_metrics",
    "s3:list_buckets",
]


@pytest.mark.rule("H3")
@pytest.mark.parametrize("name", SERVICES)
def test_an_unknown_region_is_refused(served: Served, name: str) -> None:
    code, message = refusal(served, name, region="eu-nowhere-1")

    assert code in {
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "AuthorizationHeaderMalformed",
    }
    assert "'eu-nowhere-1'" in message


@pytest.mark.rule("H4")
@pytest.mark.parametrize(
    "name, parameters, code, words",
    [
        # services
        ("chime:list_accounts", {}, "UnknownOperationException", "chime:ListAccounts"),
        ("gamelift:list_fleets", {}, "UnknownOperationException", "gamelift:ListFleets"),
        ("account:list_regions", {}, "UnknownOperationException", "account:ListRegions"),
        # operations that moto does not implement, in each protocol
        ("events:list_endpoints", {}, "UnknownOperationException", "events:ListEndpoints"),
        (
            "lambda:list_code_signing_configs",
            {},
            "UnknownOperationException",
            "lambda:ListCodeSigningConfigs",
        ),
        ("cloudformation:describe_type", {"Arn": ROLE}, "ValidationError", "DescribeType"),
        ("sns:get_sms_sandbox_account_status", {}, "InvalidAction", "sns:GetSMSSandbox"),
        # operations that the sandbox's own services do not implement
        ("codepipeline:list_webhooks", {}, "UnknownOperationException", "ListWebhooks"),
        ("sts:get_session_token", {}, "InvalidAction", "does not support GetSessionToken"),
        (
            "sts:assume_role",
            {"RoleArn": ROLE, "RoleSessionName": "me", "Policy": "{}"},
            "InvalidAction",
            "AssumeRole does not support Policy",
        ),
        (
            "stepfunctions:test_state",
            {"definition": "{}", "roleArn": ROLE},
            "ValidationException",
            "TestState",
        ),
        (
            "stepfunctions:start_sync_execution",
            {"stateMachineArn": MACHINE},
            "ValidationException",
            "StartSyncExecution",
        ),
        # response streams
        (
            "lambda:invoke_with_response_stream",
            {"FunctionName": "x"},
            "UnknownOperationException",
            "lambda:InvokeWithResponseStream: it streams events",
        ),
        (
            "logs:start_live_tail",
            {"logGroupIdentifiers": [GROUP]},
            "UnknownOperationException",
            "logs:StartLiveTail: it streams events",
        ),
        (
            "s3:select_object_content",
            {
                "Bucket": "a",
                "Key": "b",
                "Expression": "x",
                "ExpressionType": "SQL",
                "InputSerialization": {},
                "OutputSerialization": {},
            },
            "NotImplemented",
            "s3:SelectObjectContent: it streams events",
        ),
    ],
)
def test_unsupported_calls_are_refused_by_name(
    served: Served, name: str, parameters: dict[str, Any], code: str, words: str
) -> None:
    refused, message = refusal(served, name, **parameters)

    assert refused == code
    assert message.startswith("The sandbox")
    assert words in message


@pytest.mark.rule("H5")
@pytest.mark.parametrize(
    "name, code, missing",
    [
        ("codepipeline:get_pipeline", "ValidationException", ["name"]),
        ("stepfunctions:describe_execution", "ValidationException", ["executionArn"]),
        ("dynamodb:get_item", "ValidationException", ["tableName", "key"]),
        ("events:put_targets", "ValidationException", ["rule", "targets"]),
        ("lambda:create_function", "ValidationException", ["functionName", "role", "code"]),
        ("logs:create_log_group", "ValidationException", ["logGroupName"]),
        ("kms:describe_key", "ValidationException", ["keyId"]),
        ("ssm:get_parameter", "ValidationException", ["name"]),
        ("sts:assume_role", "ValidationError", ["roleArn", "roleSessionName"]),
        ("iam:create_role", "ValidationError", ["roleName", "assumeRolePolicyDocument"]),
        ("cloudformation:create_stack", "ValidationError", ["stackName"]),
        ("sns:publish", "ValidationError", ["message"]),
        ("ec2:create_tags", "MissingParameter", ["resources", "tags"]),
    ],
)
def test_missing_parameters_are_named(
    served: Served, name: str, code: str, missing: list[str]
) -> None:
    refused, message = refusal(served, name)

    assert refused == code
    assert re.findall("Value null at '(.+?)' failed", message) == missing


@pytest.mark.rule("H5")
def test_missing_nested_members_are_named(served: Served) -> None:
    key = {"AttributeName": "run"}
    asked = {"TableName": "t", "AttributeDefinitions": [key], "KeySchema": [key]}

    _, of_json = refusal(served, "dynamodb:create_table", **asked)
    _, of_query = refusal(
        served, "iam:create_role", RoleName="r", AssumeRolePolicyDocument="{}", Tags=[{"Key": "a"}]
    )

    assert "Value null at 'attributeDefinitions.1.member.attributeType' failed" in of_json
    assert "Value null at 'keySchema.1.member.keyType' failed" in of_json
    assert "Value null at 'tags.1.member.value' failed" in of_query


@pytest.mark.rule("H6")
@pytest.mark.parametrize("key", ["", "AKIAIOSFODNN7EXAMPLE"])
@pytest.mark.parametrize("name", SERVICES)
def test_responses_have_the_headers_that_aws_sends(served: Served, name: str, key: str) -> None:
    answers = [call(served, name, key=key) for _ in range(2)]

    for answer in answers:
        assert answer.status == 200 if not key else 400 <= answer.status < 500
        assert parsedate_to_datetime(answer.headers["date"]).tzinfo is not None
        assert "access-control-allow-origin" not in answer.headers
        assert not answer.headers["content-type"].startswith(("text/html", "text;"))
        if name.startswith("s3:"):
            assert re.fullmatch("[A-Z0-9]{16}", answer.headers["x-amz-request-id"])
            assert re.fullmatch("[A-Za-z0-9+/]{76}", answer.headers["x-amz-id-2"])
        elif name.startswith("dynamodb:"):
            assert re.fullmatch("[A-Z0-9]{52}", answer.request_id)
        else:
            assert str(uuid.UUID(answer.request_id)) == answer.request_id
            assert answer.headers["x-amzn-requestid"] == answer.request_id
    assert answers[0].request_id != answers[1].request_id


@pytest.mark.rule("H3", "H4", "H5")
@pytest.mark.parametrize(
    "command, words",
    [
        ("codepipeline list-pipelines --region eu-nowhere-1", "InvalidSignatureException"),
        ("gamelift list-fleets", "The sandbox does not support gamelift:ListFleets"),
        (f"logs start-live-tail --log-group-identifiers {GROUP}", "it streams events"),
        # Without the printed settings, the next two calls would go to sync-127.0.0.1.
        (
            f"stepfunctions start-sync-execution --state-machine-arn {MACHINE}",
            "The sandbox does not support the operation StartSyncExecution",
        ),
        (
            f"stepfunctions test-state --definition {{}} --role-arn {ROLE}",
            "The sandbox does not support the operation TestState",
        ),
    ],
)
def test_the_aws_cli_sends_a_refused_call_once(served: Served, command: str, words: str) -> None:
    done: subprocess.CompletedProcess[str] = shell(served, f"aws {command} --debug")

    assert done.returncode != 0
    assert words in done.stderr
    assert done.stderr.count("Sending http request: ") == 1
