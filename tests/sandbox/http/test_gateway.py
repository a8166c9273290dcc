"""Requests that the gateway answers or refuses, in an empty cloud."""

from __future__ import annotations

import json
from dataclasses import replace
from email.message import Message
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock
from urllib.parse import quote

import pytest
from botocore.parsers import create_parser

from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.http.gateway import Gateway
from codepipeline_sandbox.http.messages import Request
from codepipeline_sandbox.pipelines import pipeline_role

if TYPE_CHECKING:
    from codepipeline_sandbox.http.messages import Response

ADMINISTRATOR = "AKIA111122223333ROOT"
FORM = "application/x-www-form-urlencoded"
QUERY = b"<ErrorResponse><Error><Type>Sender</Type><Code>"


@pytest.fixture
def gateway(cloud: Cloud) -> Gateway:
    return Gateway()


def request(
    body: str = "{}",
    *,
    key: str | None = ADMINISTRATOR,
    service: str = "codepipeline",
    region: str = "eu-west-1",
    target: str = "/",
    **headers: str,
) -> Request:
    scope = f"{key}/20260105/{region}/{service}/aws4_request"
    message = Message()
    message["Content-Type"] = "application/x-amz-json-1.1"
    if key is not None:
        message["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
        )
    for name, value in headers.items():
        del message[name.replace("_", "-")]
        message[name.replace("_", "-")] = value
    return Request("POST", target, message, body.encode(), keep_alive=True)


def listing(**more: str | None) -> Request:
    return request(X_Amz_Target="CodePipeline_20150709.ListPipelines", **more)  # type: ignore[arg-type]


def error(response: Response) -> tuple[str, str]:
    document = json.loads(response.body)
    return document["__type"], document["message"]


def test_an_administrator_is_answered(gateway: Gateway) -> None:
    response = gateway.answer(listing())

    assert (response.status, json.loads(response.body)) == ("200 OK", {"pipelines": []})


@pytest.mark.parametrize("account", ["111122223333", "333344445555"])
def test_the_access_key_determines_the_account(gateway: Gateway, account: str) -> None:
    body = "Action=GetCallerIdentity&Version=2011-06-15"
    key = f"AKIA{account}ROOT"

    response = gateway.answer(request(body, key=key, service="sts", Content_Type=FORM))

    assert f"<Arn>arn:aws:iam::{account}:root</Arn>".encode() in response.body


def test_requests_are_checked_against_the_api_model(gateway: Gateway) -> None:
    asked = request('{"name": "a b"}', X_Amz_Target="CodePipeline_20150709.GetPipeline")

    response = gateway.answer(asked)

    assert response.status.startswith("400 ")
    assert error(response)[0] == "ValidationException"


def test_for_an_unknown_key_the_error_shows_a_valid_one(gateway: Gateway) -> None:
    code, message = error(gateway.answer(listing(key="AKIAIOSFODNN7EXAMPLE")))

    assert code == "UnrecognizedClientException"
    assert "AKIAIOSFODNN7EXAMPLE" in message
    assert ADMINISTRATOR in message


def test_unknown_temporary_credentials_are_refused(gateway: Gateway) -> None:
    response = gateway.answer(listing(key="ASIAIOSFODNN7EXAMPLE"))

    assert response.status.startswith("400 ")
    assert error(response)[0] == "UnrecognizedClientException"


NOBODY = "AKIAIOSFODNN7EXAMPLE"
NO_SESSION = "ASIAIOSFODNN7EXAMPLE"
JSON_1_1 = "application/x-amz-json-1.1"
# For each service: the request's content type, the start of the error, and the status and code for
# an unknown key.
CODES = [
    ("codepipeline", JSON_1_1, b'{"__type": "', 400, "UnrecognizedClientException"),
    ("states", JSON_1_1, b'{"__type": "', 400, "UnrecognizedClientException"),
    ("dynamodb", JSON_1_1, b'{"__type": "', 400, "UnrecognizedClientException"),
    ("lambda", "application/json", b'{"__type": "', 403, "UnrecognizedClientException"),
    ("scheduler", "application/json", b'{"__type": "', 403, "UnrecognizedClientException"),
    ("sqs", "application/x-amz-json-1.0", b'{"__type": "', 403, "InvalidClientTokenId"),
    ("monitoring", "application/x-amz-json-1.0", b'{"__type": "', 403, "InvalidClientTokenId"),
    ("monitoring", FORM, QUERY, 403, "InvalidClientTokenId"),
    ("sts", FORM, QUERY, 403, "InvalidClientTokenId"),
    ("iam", FORM, QUERY, 403, "InvalidClientTokenId"),
    ("cloudformation", FORM, QUERY, 403, "InvalidClientTokenId"),
    ("sns", FORM, QUERY, 403, "InvalidClientTokenId"),
    ("ec2", FORM, b"<Response><Errors><Error><Code>", 401, "AuthFailure"),
    ("s3", "", b"<Error><Code>", 403, "InvalidAccessKeyId"),
]


@pytest.mark.rule("H2")
@pytest.mark.parametrize("key", [NOBODY, NO_SESSION])
@pytest.mark.parametrize("service, content_type, begins, status, code", CODES)
def test_an_unknown_key_is_refused_with_the_services_own_error(
    gateway: Gateway,
    key: str,
    service: str,
    content_type: str,
    begins: bytes,
    status: int,
    code: str,
) -> None:
    response = gateway.answer(request(key=key, service=service, Content_Type=content_type))

    assert response.body.startswith(begins + code.encode())
    assert response.status.startswith(f"{status} ")


@pytest.mark.rule("H2")
def test_an_older_signature_is_refused_with_the_error_of_s3(gateway: Gateway) -> None:
    asked = request(Authorization=f"AWS {NOBODY}:c2lnbmF0dXJl", Content_Type="")

    assert gateway.answer(asked).body.startswith(b"<Error><Code>InvalidAccessKeyId<")


@pytest.mark.rule("H2")
@pytest.mark.parametrize(
    "content_type, code",
    [(JSON_1_1, b"MissingAuthenticationTokenException"), (FORM, b"MissingAuthenticationToken")],
)
def test_an_unsigned_request_is_refused(gateway: Gateway, content_type: str, code: bytes) -> None:
    response = gateway.answer(listing(key=None, Content_Type=content_type))

    assert response.status.startswith(("400 ", "403 "))
    assert code in response.body
    assert ADMINISTRATOR.encode() in response.body


def test_a_web_page_is_refused(gateway: Gateway) -> None:
    response = gateway.answer(listing(Origin="http://example.com"))

    assert response.status.startswith("403 ")
    assert b"web pages" in response.body


def test_the_moto_api_is_refused(gateway: Gateway) -> None:
    response = gateway.answer(request(target="/moto-api/reset"))

    assert response.status.startswith("404 ")


def test_an_error_in_the_sandbox_is_reported_and_the_next_request_is_answered(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(
            "codepipeline_sandbox.http.gateway.run_wsgi_app", Mock(side_effect=KeyError("lost"))
        )
        failed = gateway.answer(listing())
    answered = gateway.answer(listing())

    assert error(failed) == ("InternalFailure", "The sandbox failed: KeyError: 'lost'")
    assert "KeyError: 'lost'" in capsys.readouterr().err
    assert answered.status == "200 OK"


@pytest.mark.rule("H4")
@pytest.mark.parametrize(
    "service, headers, code, words",
    [
        ("events", {"X_Amz_Target": "AWSEvents.Fly"}, "UnknownOperationException", "AWSEvents.Fly"),
        (
            "logs",
            {"X_Amz_Target": "Logs_20140328.Fly"},
            "UnknownOperationException",
            ".Fly of logs",
        ),
        ("sqs", {"X_Amz_Target": "AmazonSQS.Fly"}, "UnknownOperationException", "Fly of sqs"),
        ("dynamodb", {"X_Amz_Target": "DynamoDB_20120810.Fly"}, "UnknownOperationException", "Fly"),
        ("dynamodb", {}, "UnknownOperationException", "POST / of dynamodb"),
        ("lambda", {"target": "/fly"}, "UnknownOperationException", "POST /fly of lambda"),
        ("weather", {}, "UnknownOperationException", "does not support weather"),
    ],
)
def test_an_unknown_operation_is_named(
    gateway: Gateway, service: str, headers: dict[str, str], code: str, words: str
) -> None:
    response = gateway.answer(request(service=service, **headers))

    assert response.status == "400 Bad Request"
    assert error(response)[0] == code
    assert words in error(response)[1]


@pytest.mark.rule("H4")
@pytest.mark.parametrize("service", ["sts", "iam", "cloudformation", "sns", "ec2"])
def test_an_unknown_action_of_the_query_protocol_is_named(gateway: Gateway, service: str) -> None:
    response = gateway.answer(
        request("Action=Fly&Version=2011-06-15", service=service, Content_Type=FORM)
    )

    assert response.status == "400 Bad Request"
    assert b"<Code>InvalidAction</Code>" in response.body
    assert f"the operation Fly of {service}".encode() in response.body


@pytest.mark.rule("H5")
@pytest.mark.parametrize("body", ["not json", "[]", '"a"', "3", "null", '{"name": {}}'])
@pytest.mark.parametrize(
    "service, operation",
    [
        ("codepipeline", "CodePipeline_20150709.GetPipeline"),
        ("ssm", "AmazonSSM.GetParameter"),
        ("kms", "TrentService.DescribeKey"),
        ("logs", "Logs_20140328.CreateLogGroup"),
        ("events", "AWSEvents.PutRule"),
    ],
)
def test_a_malformed_body_is_refused(
    gateway: Gateway, body: str, service: str, operation: str
) -> None:
    member = {"ssm": "Name", "kms": "KeyId", "logs": "logGroupName", "events": "Name"}
    asked = request(
        body.replace("name", member.get(service, "name")), service=service, X_Amz_Target=operation
    )

    response = gateway.answer(asked)

    assert response.status == "400 Bad Request"
    assert error(response)[0] == "SerializationException"


@pytest.mark.rule("H5")
def test_an_invalid_number_is_refused_in_the_query_protocol(gateway: Gateway) -> None:
    body = "Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument={}"

    response = gateway.answer(
        request(f"{body}&MaxSessionDuration=long", service="iam", Content_Type=FORM)
    )

    assert response.status == "400 Bad Request"
    assert b"<Code>MalformedInput</Code>" in response.body


@pytest.mark.rule("H4")
def test_an_unsupported_policy_condition_is_refused_by_name(gateway: Gateway, cloud: Cloud) -> None:
    # given a user whose policy has a condition that the sandbox does not evaluate
    iam = cloud.session("111122223333", "eu-west-1").client("iam")
    iam.create_user(UserName="ada")
    document = policy("*")
    document["Statement"][0]["Condition"] = {"BinaryEquals": {"aws:username": "ada"}}
    iam.put_user_policy(UserName="ada", PolicyName="All", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName="ada")["AccessKey"]["AccessKeyId"]

    # when
    response = gateway.answer(listing(key=key))

    # then
    assert response.status == "400 Bad Request"
    assert "does not support codepipeline:ListPipelines: " in error(response)[1]
    assert "BinaryEquals" in error(response)[1]


def policy(action: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.mark.rule("H2")
def test_a_presigned_url_has_the_permissions_of_its_signer(gateway: Gateway, cloud: Cloud) -> None:
    role = pipeline_role(cloud, "111122223333", policy("logs:*"))
    access = cloud.access
    session = access.service_session(role, "codepipeline.amazonaws.com", "me")
    scope = f"{session.access_key_id}%2F20260105%2Feu-west-1%2Fs3%2Faws4_request"
    signed = f"/bucket?X-Amz-Credential={scope}"
    token = quote(session.session_token or "", safe="")

    def answered(target: str) -> bytes:
        asked = request("", target=target, Content_Type="")
        del asked.headers["Authorization"]
        return gateway.answer(replace(asked, method="GET")).body

    assert b"<Code>InvalidAccessKeyId</Code>" in answered(signed)
    assert b"<Code>AccessDenied</Code>" in answered(f"{signed}&X-Amz-Security-Token={token}")


@pytest.mark.rule("H6")
def test_requests_do_not_change_other_ids_in_the_world(gateway: Gateway, cloud: Cloud) -> None:
    gateway.answer(listing())
    before = cloud.world.random.getstate()

    ids = {dict(gateway.answer(listing()).headers)["x-amzn-RequestId"] for _ in range(3)}

    assert len(ids) == 3
    assert cloud.world.random.getstate() == before


@pytest.mark.rule("H6")
def test_the_date_header_is_the_time_in_the_world(gateway: Gateway, cloud: Cloud) -> None:
    cloud.world.run(until=cloud.world.began + 3600)

    assert dict(gateway.answer(listing()).headers)["Date"] == "Mon, 05 Jan 2026 10:00:00 GMT"


@pytest.mark.rule("H4")
@pytest.mark.parametrize(
    "key, code, words",
    [
        (ADMINISTRATOR, "UnknownOperationException", "support rpc-v2-cbor for codepipeline"),
        (NOBODY, "UnrecognizedClientException", NOBODY),
    ],
)
def test_the_binary_protocol_is_refused_in_its_own_encoding(
    gateway: Gateway, key: str, code: str, words: str
) -> None:
    response = gateway.answer(
        request(
            key=key,
            target="/service/CodePipeline_20150709/operation/ListPipelines",
            Content_Type="application/cbor",
            Smithy_Protocol="rpc-v2-cbor",
        )
    )

    read = create_parser("smithy-rpc-v2-cbor").parse(
        {"status_code": 400, "headers": dict(response.headers), "body": response.body},
        None,  # type: ignore[arg-type] # errors have no shape
    )
    assert response.status == "400 Bad Request"
    assert read["Error"]["Code"] == code
    assert words in read["Error"]["Message"]


@pytest.mark.rule("H3")
@pytest.mark.parametrize(
    "service, content_type, status, code",
    [
        ("codepipeline", JSON_1_1, 400, b"InvalidSignatureException"),
        ("lambda", "application/json", 403, b"InvalidSignatureException"),
        ("sts", FORM, 403, b"SignatureDoesNotMatch"),
        ("iam", FORM, 403, b"SignatureDoesNotMatch"),
        ("s3", "", 400, b"AuthorizationHeaderMalformed"),
    ],
)
def test_an_unknown_region_is_refused_like_a_wrong_signature(
    gateway: Gateway, service: str, content_type: str, status: int, code: bytes
) -> None:
    response = gateway.answer(
        request(service=service, region="eu-nowhere-1", Content_Type=content_type)
    )

    assert response.status.startswith(f"{status} ")
    assert code in response.body
    assert b"eu-nowhere-1" in response.body


@pytest.mark.rule("H5")
@pytest.mark.parametrize(
    "service, body, code",
    [
        ("sts", "Action=AssumeRole&Version=2011-06-15", b"ValidationError"),
        ("ec2", "Action=CreateTags&Version=2016-11-15", b"MissingParameter"),
    ],
)
def test_missing_parameters_are_refused_with_the_code_of_the_service(
    gateway: Gateway, service: str, body: str, code: bytes
) -> None:
    response = gateway.answer(request(body, service=service, Content_Type=FORM))

    assert response.status == "400 Bad Request"
    assert b"<Code>" + code + b"</Code><Message>2 validation errors detected: " in response.body


@pytest.mark.rule("H4")
def test_a_stream_of_events_is_refused_by_name(gateway: Gateway) -> None:
    path = "/2021-11-15/functions/x/response-streaming-invocations"

    asked = request(service="lambda", target=path, Content_Type="application/json")
    response = gateway.answer(asked)

    assert error(response) == (
        "UnknownOperationException",
        "The sandbox does not support lambda:InvokeWithResponseStream: it streams events",
    )
