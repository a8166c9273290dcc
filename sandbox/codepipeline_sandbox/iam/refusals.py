"""Error responses for refused requests, with the same wording and protocol as the AWS service.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.exceptions import UnknownServiceError
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

from codepipeline_sandbox.kernel import here, wire

_INVALID = "The security token included in the request is invalid."
_EXPIRED = "The security token included in the request is expired"


@dataclass(frozen=True)
class Error:
    """An error response without its body."""

    status: int
    code: str
    message: str = ""


@dataclass(frozen=True)
class Errors:
    """The errors that a service returns when it rejects a caller."""

    denied: Error
    expired: Error
    unknown: Error  # the access key belongs to no one
    unsigned: Error


_QUERY = Errors(
    Error(403, "AccessDenied"),
    Error(403, "ExpiredToken", _EXPIRED),
    Error(403, "InvalidClientTokenId", _INVALID),
    Error(403, "MissingAuthenticationToken", "Request is missing Authentication Token"),
)
_S3 = Errors(
    Error(403, "AccessDenied"),
    Error(400, "ExpiredToken", "The provided token has expired."),
    Error(
        403,
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
    ),
    Error(403, "AccessDenied", "Access Denied"),
)
_EC2 = Errors(
    Error(403, "UnauthorizedOperation"),
    Error(400, "RequestExpired", "Request has expired."),
    Error(401, "AuthFailure", "AWS was not able to validate the provided access credentials"),
    Error(401, "AuthFailure", "AWS was not able to validate the provided access credentials"),
)


def _json(status: int) -> Errors:
    return Errors(
        Error(status, "AccessDeniedException"),
        Error(status, "ExpiredTokenException", _EXPIRED),
        Error(status, "UnrecognizedClientException", _INVALID),
        Error(status, "MissingAuthenticationTokenException", "Missing Authentication Token"),
    )


@cache
def errors(service: str | None, protocol: str) -> Errors:
    """Return a service's errors. `service` is a client name, such as `s3`."""
    if protocol == "ec2":
        return _EC2
    if service in {"s3", "s3control"}:
        return _S3
    if protocol not in wire.JSON or (service and _was_query(service)):
        return _QUERY
    return _json(403 if protocol == "rest-json" else 400)


def _was_query(service: str) -> bool:
    """Whether the service once used the query protocol and kept its error codes."""
    try:
        return "awsQueryCompatible" in get_service_model(service).metadata
    except UnknownServiceError:
        return False


class Refusal(HTTPException):
    """An error response that moto sends both in-process and over HTTP."""

    def __init__(self, status: int, headers: dict[str, str], body: str) -> None:
        super().__init__(body)
        self.code = status
        self._headers = headers
        self._body = body

    def get_headers(self, *_: Any, **__: Any) -> list[tuple[str, str]]:
        """The response's headers."""
        return [(name, value) for name, value in self._headers.items() if name != "status"]

    def get_body(self, *_: Any, **__: Any) -> str:
        """The response's body."""
        return self._body


def access_denied(response: Any, message: str) -> Refusal:
    """The service's AccessDenied error: status 400 from JSON services, 403 from the others."""
    denied = errors(response.boto3_service_name, _protocol(response)).denied
    return _refusal(response, Error(denied.status, denied.code, message))


def expired(response: Any) -> Refusal:
    """The service's error for expired credentials."""
    return _refusal(response, errors(response.boto3_service_name, _protocol(response)).expired)


def invalid(response: Any) -> Refusal:
    """The service's error for temporary credentials that were never issued."""
    return _refusal(response, errors(response.boto3_service_name, _protocol(response)).unknown)


def _protocol(response: Any) -> str:
    model = get_service_model(response.boto3_service_name)
    protocol: str = response.determine_response_protocol(model)
    return protocol


def _refusal(response: Any, error: Error) -> Refusal:
    protocol = _protocol(response)
    request_id = "" if protocol in wire.JSON else here.current().world.uuid()
    headers, body = wire.error(protocol, error.status, error.code, error.message, request_id)
    # An HTTP HEAD response has no body, so a denied HeadObject is just "403 Forbidden".
    return Refusal(error.status, headers, "" if response.method == "HEAD" else body)
