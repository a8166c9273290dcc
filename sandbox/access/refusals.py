"""Error responses to refused requests, in the service's words and protocol."""

from __future__ import annotations

from typing import Any

from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

from sandbox import here, wire

_EXPIRED = "The security token included in the request is expired"
_INVALID = "The security token included in the request is invalid"
_JSON = ("json", "rest-json")


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
    if _protocol(response) in _JSON:
        return _refusal(response, "AccessDeniedException", message)
    return _refusal(response, "AccessDenied", message)


def expired(response: Any) -> Refusal:
    """AWS's answer to expired credentials."""
    if _protocol(response) in _JSON:
        return _refusal(response, "ExpiredTokenException", _EXPIRED)
    if _protocol(response) == "rest-xml":
        return _refusal(response, "ExpiredToken", "The provided token has expired.", status=400)
    return _refusal(response, "ExpiredToken", _EXPIRED)


def invalid(response: Any) -> Refusal:
    """AWS's answer to temporary credentials that it never issued."""
    if _protocol(response) in _JSON:
        return _refusal(response, "UnrecognizedClientException", _INVALID)
    if _protocol(response) == "rest-xml":
        message = "The AWS Access Key Id you provided does not exist in our records."
        return _refusal(response, "InvalidAccessKeyId", message)
    return _refusal(response, "InvalidClientTokenId", _INVALID)


def _protocol(response: Any) -> str:
    model = get_service_model(response.boto3_service_name)
    protocol: str = response.determine_response_protocol(model)
    return protocol


def _refusal(response: Any, code: str, message: str, status: int | None = None) -> Refusal:
    protocol = _protocol(response)
    if status is None:
        status = 400 if protocol == "json" else 403
    request_id = "" if protocol in _JSON else here.current().world.uuid()
    headers, body = wire.error(protocol, status, code, message, request_id)
    # An HTTP HEAD response has no body, so a denied HeadObject is just "403 Forbidden".
    return Refusal(status, headers, "" if response.method == "HEAD" else body)
