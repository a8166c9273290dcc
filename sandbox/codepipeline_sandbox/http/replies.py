"""Builds HTTP responses with the headers and request ids that AWS sends."""

from __future__ import annotations

import base64
import re
import string
import uuid
from dataclasses import replace
from email.utils import format_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from codepipeline_sandbox.http.messages import Response
from codepipeline_sandbox.iam.refusals import Error
from codepipeline_sandbox.kernel import here, wire

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from codepipeline_sandbox.http.asked import Asked

# Headers that moto sends but AWS does not, and headers that this module sets itself.
_NOT_FROM_MOTO = {
    "access-control-allow-origin",
    "date",
    "server",
    "x-amz-id-2",
    "x-amz-request-id",
    "x-amzn-requestid",
}
_IN_BODY = re.compile(rb"(<[Rr]equestI[dD]>)[^<]*")
_CAPITALS = string.ascii_uppercase + string.digits


def of_moto(status: str, headers: Iterable[tuple[str, str]], body: bytes) -> Response:
    """Convert a response from moto's application."""
    return Response(status, list(headers), body)


def is_not_routed(response: Response, what: Asked) -> bool:
    """Whether moto has no route for the request. moto then returns an HTML page or no body."""
    empty = not response.body and what.operation is None
    return response.status.startswith(("404 ", "405 ")) and (
        empty or response.body.startswith(b"<!doctype")
    )


def error(what: Asked, refused: Error) -> Response:
    """Build an error response in the request's protocol."""
    if what.protocol == wire.CBOR:
        headers, binary = wire.cbor_error(refused.code, refused.message)
        return Response(str(refused.status), list(headers.items()), binary)
    headers, body = wire.error(what.protocol, refused.status, refused.code, refused.message, "")
    return Response(str(refused.status), list(headers.items()), body.encode())


def defect(what: Asked, problem: Exception) -> Response:
    """Build the response for a bug in the sandbox. Clients treat it as a temporary failure."""
    message = f"The sandbox failed: {type(problem).__name__}: {problem}"
    return error(what, Error(500, "InternalFailure", message))


def as_aws(response: Response, what: Asked, ids: Random) -> Response:
    """Give the response the headers and the request id that the service sends on AWS."""
    identity = _request_id(what, ids)
    named = [pair for pair in response.headers if pair[0].lower() not in _NOT_FROM_MOTO]
    if what.service in {"s3", "s3control"}:
        named += [("x-amz-request-id", identity), ("x-amz-id-2", _extended_id(ids))]
    else:
        named.append(("x-amzn-RequestId", identity))
    named.append(("Date", format_datetime(here.current().world.datetime(), usegmt=True)))
    body = response.body
    if what.protocol in wire.JSON:
        named = [(name, _content_type(name, value, what)) for name, value in named]
    elif _is_xml(named):
        body = _IN_BODY.sub(rb"\g<1>" + identity.encode(), body)
    status = HTTPStatus(int(response.status.split()[0]))
    return replace(response, status=f"{status.value} {status.phrase}", headers=named, body=body)


def _is_xml(headers: Iterable[tuple[str, str]]) -> bool:
    return any(name.lower() == "content-type" and "xml" in value for name, value in headers)


def _content_type(name: str, value: str, what: Asked) -> str:
    """The header's value. The content type of the service's protocol replaces moto's text types."""
    if name.lower() != "content-type" or not value.startswith("text"):
        return value
    if what.operation is None or what.protocol != "json":
        return "application/json"
    return f"application/x-amz-json-{what.operation.service_model.metadata['jsonVersion']}"


def _request_id(what: Asked, ids: Random) -> str:
    if what.service in {"s3", "s3control"}:
        return "".join(ids.choices(_CAPITALS, k=16))
    if what.service in {"dynamodb", "dynamodbstreams"}:
        return "".join(ids.choices(_CAPITALS, k=52))
    return str(uuid.UUID(int=ids.getrandbits(128), version=4))


def _extended_id(ids: Random) -> str:
    return base64.b64encode(ids.randbytes(57)).decode()
