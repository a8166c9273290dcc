"""The baseline: a handler that makes the AWS calls listed in its event, using only boto3."""

from __future__ import annotations

from typing import Any

import boto3


def handler(event: dict[str, Any], context: object) -> None:  # noqa: ARG001 - Lambda passes it
    """Make the calls in order. A call after AssumeRole uses the credentials that it returned."""
    connect: Any = boto3.client  # untyped because the service is known only from the event
    clients: dict[str, Any] = {}
    session: dict[str, str] = {}
    for call in event["calls"]:
        service = call["service"]
        if service not in clients:
            clients[service] = connect(service, region_name=call["region"], **session)
        answer = getattr(clients[service], call["method"])(**call["parameters"])
        if "Credentials" in answer:
            session = _session(answer["Credentials"])


def _session(credentials: dict[str, str]) -> dict[str, str]:
    return {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }
