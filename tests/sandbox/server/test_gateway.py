"""Requests that the gateway answers or refuses, in an empty cloud."""

from __future__ import annotations

import json
from email.message import Message
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from sandbox.cloud import Cloud
from sandbox.server.gateway import Gateway
from sandbox.server.messages import Request

if TYPE_CHECKING:
    from sandbox.server.messages import Response

ADMINISTRATOR = "AKIA111122223333ROOT"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def gateway(cloud: Cloud) -> Gateway:
    return Gateway()


def request(
    body: str = "{}",
    *,
    key: str | None = ADMINISTRATOR,
    service: str = "codepipeline",
    target: str = "/",
    **headers: str,
) -> Request:
    scope = f"{key}/20260105/eu-west-1/{service}/aws4_request"
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


def listing(**more: str) -> Request:
    return request(X_Amz_Target="CodePipeline_20150709.ListPipelines", **more)


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


@pytest.mark.parametrize(
    "service, content_type, expected",
    [
        ("sts", FORM, b"<ErrorResponse><Error><Type>Sender</Type><Code>Unrec"),
        ("s3", "", b"<Error><Code>Unrec"),
        ("lambda", "application/json", b'{"__type": "Unrec'),
    ],
)
def test_a_refusal_follows_the_protocol_of_the_service(
    gateway: Gateway, service: str, content_type: str, expected: bytes
) -> None:
    asked = request(key="AKIAIOSFODNN7EXAMPLE", service=service, Content_Type=content_type)

    assert gateway.answer(asked).body.startswith(expected)


def test_an_unsigned_request_is_refused(gateway: Gateway) -> None:
    response = gateway.answer(listing(key=None))  # type: ignore[arg-type] # no key at all

    assert response.status.startswith("403 ")
    assert error(response)[0] == "MissingAuthenticationToken"


def test_a_web_page_is_refused(gateway: Gateway) -> None:
    response = gateway.answer(listing(Origin="http://example.com"))

    assert response.status.startswith("403 ")
    assert b"web pages" in response.body


def test_the_services_under_the_world_cannot_be_reset(gateway: Gateway) -> None:
    response = gateway.answer(request(target="/moto-api/reset"))

    assert response.status.startswith("404 ")


def test_an_error_in_the_sandbox_is_reported_and_the_next_request_is_answered(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("sandbox.server.gateway.run_wsgi_app", Mock(side_effect=KeyError("lost")))
        failed = gateway.answer(listing())
    answered = gateway.answer(listing())

    assert error(failed) == ("InternalFailure", "The sandbox failed: KeyError: 'lost'")
    assert "KeyError: 'lost'" in capsys.readouterr().err
    assert answered.status == "200 OK"
