import io
import json
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from codepipeline_sandbox.iam import Access, Credentials
from codepipeline_sandbox.iam.policies.errors import UnsupportedPolicy
from codepipeline_sandbox.kernel.protocols import AccessDenied
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

EVENTS = "events.amazonaws.com"
RULE = f"arn:aws:events:us-east-1:{TOOLS}:rule/ended"
FUNCTION = f"arn:aws:lambda:us-east-1:{TOOLS}:function:close_job"
BUS = f"arn:aws:events:us-east-1:{TOOLS}:event-bus/default"
EVENT = {"Source": "a", "DetailType": "b", "Detail": "{}", "EventBusName": BUS}


@pytest.fixture
def function(tools: Account) -> Any:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("close_job.py", "")
    lambda_ = tools.client("lambda")
    lambda_.create_function(
        FunctionName="close_job",
        Runtime="python3.13",
        Role=tools.role("CloseJob", trusts("Service", LAMBDA)),
        Handler="close_job.handler",
        Code={"ZipFile": code.getvalue()},
    )
    return lambda_


def permit(function: Any, principal: str, **more: str) -> None:
    function.add_permission(
        FunctionName="close_job",
        StatementId="Permit",
        Action="lambda:InvokeFunction",
        Principal=principal,
        **more,
    )


def events_may_invoke(the_access: Access, rule: str = RULE, account: str = TOOLS) -> bool:
    return the_access.allows_service(
        EVENTS, "lambda:InvokeFunction", FUNCTION, source_arn=rule, source_account=account
    )


@pytest.fixture
def session(the_access: Access, target: Account) -> Credentials:
    role = target.role("Caller", trusts("Service", LAMBDA), allows("*"))
    return the_access.service_session(role, LAMBDA, "get_state")


def test_a_service_needs_permission_in_the_functions_policy(
    the_access: Access, function: Any
) -> None:
    before = events_may_invoke(the_access)
    permit(function, EVENTS)

    assert not before
    assert events_may_invoke(the_access)
    assert the_access.decisions[-1].sid == "Permit"


def test_a_permission_can_be_limited_to_one_rule_and_one_account(
    the_access: Access, function: Any
) -> None:
    permit(function, EVENTS, SourceArn=RULE, SourceAccount=TOOLS)

    assert events_may_invoke(the_access)
    assert not events_may_invoke(the_access, rule=f"{RULE}2")
    assert not events_may_invoke(the_access, account=TARGET)


def test_a_permission_is_limited_to_one_service(the_access: Access, function: Any) -> None:
    permit(function, "s3.amazonaws.com")

    assert not events_may_invoke(the_access)


def test_a_permission_made_by_cloudformation_applies(the_access: Access, tools: Account) -> None:
    template = {
        "Resources": {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": "CloseJob",
                    "AssumeRolePolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [trusts("Service", LAMBDA)],
                    },
                    "Policies": [
                        {
                            "PolicyName": "Inline",
                            "PolicyDocument": {
                                "Version": "2012-10-17",
                                "Statement": [allows("logs:*", Sid="Logs")],
                            },
                        }
                    ],
                },
            },
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "FunctionName": "close_job",
                    "Runtime": "python3.13",
                    "Handler": "index.handler",
                    "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                    "Code": {"ZipFile": "def handler(event, context): pass"},
                },
            },
            "Permission": {
                "Type": "AWS::Lambda::Permission",
                "Properties": {
                    "FunctionName": {"Ref": "Function"},
                    "Action": "lambda:InvokeFunction",
                    "Principal": EVENTS,
                    "SourceArn": RULE,
                },
            },
        }
    }
    tools.client("cloudformation").create_stack(
        StackName="s",
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    role = f"arn:aws:iam::{TOOLS}:role/CloseJob"

    assert events_may_invoke(the_access)
    assert not events_may_invoke(the_access, rule=f"{RULE}2")
    logs = client("logs", the_access.service_session(role, LAMBDA, "close_job"))
    assert logs.describe_log_groups()
    assert (the_access.decisions[-1].policy, the_access.decisions[-1].sid) == ("Inline", "Logs")


def test_a_function_in_another_account_must_permit_the_caller(
    the_access: Access, function: Any, session: Credentials
) -> None:
    who = the_access.caller(session.access_key_id)

    with pytest.raises(AccessDenied, match="because no resource-based policy allows"):
        the_access.require(who, "lambda:InvokeFunction", FUNCTION)
    permit(function, TARGET)
    the_access.require(who, "lambda:InvokeFunction", FUNCTION)


def test_within_one_account_the_functions_policy_alone_can_permit_a_role(
    the_access: Access, tools: Account, function: Any
) -> None:
    role = tools.role("Powerless", trusts("Service", "states.amazonaws.com"))

    with pytest.raises(AccessDenied, match="because no identity-based policy allows"):
        the_access.require(role, "lambda:InvokeFunction", FUNCTION)
    permit(function, role)
    the_access.require(role, "lambda:InvokeFunction", FUNCTION)


def test_a_permission_that_the_sandbox_does_not_support_is_an_error(
    the_access: Access, function: Any
) -> None:
    permit(function, TARGET, FunctionUrlAuthType="NONE")

    with pytest.raises(UnsupportedPolicy, match="FunctionUrlAuthType is not supported"):
        events_may_invoke(the_access)


def test_an_event_bus_in_another_account_must_permit_the_caller_to_put_events(
    tools: Account, session: Credentials
) -> None:
    events = client("events", session)

    message = denial(events.put_events, Entries=[EVENT])
    tools.client("events").put_permission(
        StatementId="Target", Action="events:PutEvents", Principal=TARGET
    )

    assert message.endswith("because no resource-based policy allows the events:PutEvents action")
    assert events.put_events(Entries=[EVENT])["FailedEntryCount"] == 0


def test_an_administrator_also_needs_the_other_accounts_consent(
    tools: Account, target: Account
) -> None:
    events = target.client("events")

    message = denial(events.put_events, Entries=[EVENT])
    tools.client("events").put_permission(
        StatementId="Everybody", Action="events:PutEvents", Principal="*"
    )

    assert message.startswith(f"AccessDeniedException: User: arn:aws:iam::{TARGET}:root is not")
    assert events.put_events(Entries=[EVENT])["FailedEntryCount"] == 0


@pytest.mark.parametrize(
    "condition, refused",
    [
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({}, True),
    ],
)
def test_a_buckets_policy_denies_under_its_conditions(
    the_access: Access, target: Account, condition: dict[str, Any], refused: bool
) -> None:
    # given
    s3 = target.client("s3")
    s3.create_bucket(Bucket="code")
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::code/*",
        "Condition": condition,
    }
    s3.put_bucket_policy(Bucket="code", Policy=json.dumps({"Statement": [deny]}))
    role = target.role("Caller", trusts("Service", LAMBDA), allows("s3:*"))
    caller = client("s3", the_access.service_session(role, LAMBDA, "reader"))

    # when, then
    if refused:
        with pytest.raises(ClientError, match="AccessDenied"):
            caller.put_object(Bucket="code", Key="k", Body=b"1")
    else:
        caller.put_object(Bucket="code", Key="k", Body=b"1")
        assert caller.get_object(Bucket="code", Key="k")["Body"].read() == b"1"
