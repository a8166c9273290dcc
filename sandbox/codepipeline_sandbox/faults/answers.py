"""Error responses for calls that a fault strikes, in each service's protocol."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from moto.core.request import determine_request_protocol

from codepipeline_sandbox.faults import names
from codepipeline_sandbox.iam.refusals import errors
from codepipeline_sandbox.iam.requests import Asked, asked_for
from codepipeline_sandbox.kernel import wire

if TYPE_CHECKING:
    from collections.abc import Sequence

    from botocore.model import ServiceModel
    from moto.core.request import Request

    from codepipeline_sandbox.faults.attempts import Attempt

_THROTTLED = ("ThrottlingException", "TooManyRequestsException")
_UNAVAILABLE = (
    "ServiceUnavailableException",
    "ServiceException",
    "InternalServerException",
    "InternalException",
    "InternalServerError",
    "ServiceFailureException",
)


@dataclass(frozen=True)
class Answer:
    """An error response."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class _Error:
    code: str
    status: int
    message: str


_SPECIAL = {
    "dynamodb": _Error(
        "ProvisionedThroughputExceededException",
        400,
        "The level of configured provisioned throughput for the table was exceeded. Consider "
        "increasing your provisioning level with the UpdateTable API.",
    ),
    "ec2": _Error("RequestLimitExceeded", 503, "Request limit exceeded."),
    "s3": _Error("SlowDown", 503, "Please reduce your request rate."),
}


def refusal(
    kind: str,
    attempt: Attempt,
    request: Request,
    request_id: str,
    named: tuple[str, int] | None = None,
) -> Answer:
    """Build the error response to a call that a fault strikes.

    `named` contains the error code and the HTTP status of a `refused` call.
    """
    protocol = _protocol(attempt.service, request)
    if named is not None:
        error = _Error(*named, "The request cannot be served.")
    elif kind == "denied":
        error = _denied(attempt, request, protocol)
    elif kind == "throttled":
        error = _throttled(attempt.service)
    else:
        error = _unavailable(attempt.service)
    headers, body = wire.error(protocol, error.status, error.code, error.message, request_id)
    without_body = request.method == "HEAD"
    return Answer(error.status, headers, "" if without_body else body)


def _protocol(service: str, request: Request) -> str:
    # The content type shows which protocol of the service the client uses.
    return str(determine_request_protocol(names.model(service), request.content_type))


@cache
def _throttled(service: str) -> _Error:
    """The throttling error from the API model, or the usual one of the service's protocol.

    https://docs.aws.amazon.com/awssupport/latest/APIReference/CommonErrors.html
    """
    if special := _SPECIAL.get(service):
        return special
    model = names.model(service)
    if modelled := _modelled(model, _THROTTLED, 400):
        return _Error(*modelled, "Rate exceeded")
    code = "ThrottlingException" if _speaks_json(model) else "Throttling"
    return _Error(code, 400, "Rate exceeded")


@cache
def _unavailable(service: str) -> _Error:
    if modelled := _modelled(names.model(service), _UNAVAILABLE, 500):
        return _Error(*modelled, "The service is temporarily unavailable. Try again.")
    return _Error("ServiceUnavailable", 503, "The service is temporarily unavailable.")


def _modelled(model: ServiceModel, known: Sequence[str], otherwise: int) -> tuple[str, int] | None:
    for name in known:
        if name in model.shape_names:
            error = model.shape_for(name).metadata.get("error") or {}
            return error.get("code", name), error.get("httpStatusCode", otherwise)
    return None


def _denied(attempt: Attempt, request: Request, protocol: str) -> _Error:
    asked = Asked(attempt.service, "aws", attempt.region)
    action, resource = asked_for(asked, request, attempt.account)[0]
    message = (
        f"User: {attempt.caller} is not authorized to perform: {action} on resource: {resource} "
        f"because no identity-based policy allows the {action} action"
    )
    error = errors(attempt.service, protocol).denied
    return _Error(error.code, error.status, message)


def _speaks_json(model: ServiceModel) -> bool:
    return str(model.protocol) in wire.JSON
