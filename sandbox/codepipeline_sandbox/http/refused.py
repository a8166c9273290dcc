"""Refuses requests, as AWS would, before they reach a service.

Clients do not retry a call after one of these errors.
"""

from __future__ import annotations

import re
from json import loads
from typing import TYPE_CHECKING

from moto.iam.models import iam_backends

from codepipeline_sandbox import api_model
from codepipeline_sandbox.http import asked
from codepipeline_sandbox.iam import guard
from codepipeline_sandbox.iam.access import Access
from codepipeline_sandbox.iam.refusals import Error, errors
from codepipeline_sandbox.kernel import here, wire
from codepipeline_sandbox.patches.sessions import administrator_key

if TYPE_CHECKING:
    from codepipeline_sandbox.http.asked import Asked
    from codepipeline_sandbox.http.messages import Request

_ADMINISTRATOR = re.compile(r"AKIA(\d{12})ROOT")
_OF_MOTO = "has not been implemented"  # part of moto's message for an unimplemented operation
_HINT = (
    "The sandbox does not recognize the access key {}. An account's administrator has "
    "AKIA<account id>ROOT, for example AKIA111122223333ROOT."
)


class Refused(Exception):
    """The request is refused with this error."""

    def __init__(self, error: Error) -> None:
        super().__init__(error.message)
        self.error = error


def refusal(request: Request, what: Asked, host: str | None) -> Error | None:
    """Return the error if the request must be refused. `host` is the service's host on AWS."""
    return (
        _of_a_page(request)
        or _of_the_caller(what)
        or _of_the_protocol(what)
        or _of_the_service(what, host)
        or _of_the_parameters(what)
    )


def unsupported(what: Asked, reason: str = "") -> Error:
    """Return the error for an unsupported request. `reason` comes from moto or the service."""
    code = _unsupported_code(what)
    if reason.startswith("the sandbox"):
        return Error(400, code, reason[0].upper() + reason[1:])
    why = f": {reason}" if reason and _OF_MOTO not in reason else ""
    return Error(400, code, f"The sandbox does not support {what.name}{why}")


def _unsupported_code(what: Asked) -> str:
    if what.service in {"s3", "s3control"}:
        return "NotImplemented"
    return "UnknownOperationException" if what.protocol in wire.JSON else "InvalidAction"


def unknown(what: Asked) -> Error:
    """Return the error for an operation that is not in the service's API model."""
    asked = what.request
    target = asked.headers.get("X-Amz-Target") or asked.values.get("Action")
    name = target or f"{asked.method} {asked.path}"
    message = f"The sandbox does not recognize the operation {name} of {what.service}"
    return Error(400, _unsupported_code(what), message)


def _of_a_page(request: Request) -> Error | None:
    if "Origin" in request.headers:
        return Error(403, "AccessDenied", "The sandbox does not accept requests from web pages.")
    if request.target.startswith("/moto-api"):
        return Error(404, "NotFound", "The sandbox has no moto API. Restart it instead.")
    return None


def _of_the_caller(what: Asked) -> Error | None:
    own = errors(what.service, what.protocol)
    if what.key is None:
        hint = "Set AWS_ACCESS_KEY_ID=AKIA111122223333ROOT and AWS_SECRET_ACCESS_KEY=administrator."
        return _with(own.unsigned, f"The request is not signed. {hint}")
    if what.key.startswith("ASIA"):
        access = here.current().access
        assert isinstance(access, Access)
        token = what.request.headers.get("X-Amz-Security-Token")
        problem = guard.problem(access, what.key, token)
        return {None: None, "unknown": own.unknown, "expired": own.expired}[problem]
    return None if _is_known(what.key) else _with(own.unknown, _HINT.format(what.key))


def _is_known(access_key_id: str) -> bool:
    if (administrator := _ADMINISTRATOR.fullmatch(access_key_id)) is not None:
        administrator_key(administrator[1])
        return True
    return any(access_key_id in account["aws"].access_keys for account in iam_backends.values())


def _of_the_protocol(what: Asked) -> Error | None:
    if what.protocol != wire.CBOR:
        return None
    message = f"The sandbox does not support rpc-v2-cbor for {what.service}. Use JSON."
    return Error(400, "UnknownOperationException", message)


def _of_the_service(what: Asked, host: str | None) -> Error | None:
    backend = asked.backend_of(host) if host else None
    if what.service is not None and backend is None:
        return unsupported(what)
    if backend and what.region and not asked.has_region(backend, what.region):
        return _wrong_region(what)
    operation = what.operation
    streams = operation and (operation.has_event_stream_output or operation.has_event_stream_input)
    return unsupported(what, "it streams events") if streams else None


def _wrong_region(what: Asked) -> Error:
    """The error for a Region that does not have the service.

    AWS has no host there, so the error is the one that a host in another Region returns.
    """
    message = f"Credential should be scoped to a valid region, not '{what.region}'."
    if what.service in {"s3", "s3control"}:
        message = f"The authorization header is malformed; the region '{what.region}' is wrong."
        return Error(400, "AuthorizationHeaderMalformed", message)
    if what.protocol in wire.JSON:
        status = errors(what.service, what.protocol).unknown.status
        return Error(status, "InvalidSignatureException", message)
    return Error(403, "SignatureDoesNotMatch", message)


def _of_the_parameters(what: Asked) -> Error | None:
    """Return the error if the body cannot be parsed or if parameters are missing."""
    if what.operation is None or what.protocol == "rest-xml":
        return None
    json = what.protocol in wire.JSON
    try:
        parameters = what.parameters()
        if what.protocol == "json":
            loads(what.request.data or "{}")  # moto's parser treats invalid JSON as {}
        if json:
            api_model.check_types(what.operation, parameters)
    except api_model.SerializationException as error:
        return Error(400, "SerializationException", error.message)
    except (ValueError, TypeError, AttributeError) as error:
        # moto's parsers raise these because they do not check their input.
        return _malformed(what, error)
    missing = api_model.missing(what.operation, parameters)
    if missing is None:
        return None
    if what.protocol == "ec2":
        return Error(400, "MissingParameter", missing)
    return Error(400, "ValidationException" if json else "ValidationError", missing)


def _malformed(what: Asked, error: Exception) -> Error:
    code = "SerializationException" if what.protocol in wire.JSON else "MalformedInput"
    return Error(400, code, f"The {what.name} request cannot be parsed: {error}")


def _with(error: Error, hint: str) -> Error:
    return Error(error.status, error.code, f"{error.message.rstrip('.')}. {hint}")
