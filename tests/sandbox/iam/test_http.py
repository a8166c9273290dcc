"""Authorization behind moto's HTTP server, without a socket."""

import json

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import Client, TestResponse

from codepipeline_sandbox.iam import Access, Credentials
from tests.sandbox.iam.accounts import LAMBDA, TARGET, TOOLS, Account, allows, trusts


def send(credentials: Credentials, service: str, target: str, body: str) -> TestResponse:
    scope = f"{credentials.access_key_id}/20260105/us-east-1/{service}/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "X-Amz-Security-Token": credentials.session_token or "",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    if target:
        headers |= {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}
    server = Client(DomainDispatcherApplication(create_backend_app))
    return server.post("/", data=body, headers=headers)


def test_a_session_is_authorized_over_http_too(the_access: Access, tools: Account) -> None:
    role = tools.role("Function", trusts("Service", LAMBDA), allows("logs:*"))
    session = the_access.service_session(role, LAMBDA, "get_state")

    allowed = send(session, "logs", "Logs_20140328.DescribeLogGroups", "{}")
    denied = send(session, "codepipeline", "CodePipeline_20150709.GetPipeline", '{"name": "app"}')

    assert (allowed.status_code, json.loads(allowed.text)["logGroups"]) == (200, [])
    assert denied.status_code == 400
    assert denied.headers["x-amzn-ErrorType"] == "AccessDeniedException"
    assert json.loads(denied.text)["message"].startswith(
        f"User: arn:aws:sts::{TOOLS}:assumed-role/Function/get_state is not authorized to perform: "
        f"codepipeline:GetPipeline on resource: arn:aws:codepipeline:us-east-1:{TOOLS}:app because"
    )


def test_assume_role_is_authorized_over_http_too(
    the_access: Access, tools: Account, target: Account
) -> None:
    role = tools.role("Function", trusts("Service", LAMBDA), allows("sts:AssumeRole"))
    trusting = target.role("Target", trusts("AWS", role))
    session = the_access.service_session(role, LAMBDA, "get_state")
    body = f"Action=AssumeRole&Version=2011-06-15&RoleSessionName=run-1&RoleArn={trusting}"

    allowed = send(session, "sts", "", body)
    denied = send(session, "sts", "", f"{body}2")

    assert allowed.status_code == 200
    assert f"arn:aws:sts::{TARGET}:assumed-role/Target/run-1" in allowed.text
    assert denied.status_code == 403
    assert "<Code>AccessDenied</Code>" in denied.text
