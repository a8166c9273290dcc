"""Passes HTTP requests to moto's server application after checking who sent them."""

from __future__ import annotations

import re
import traceback
from typing import TYPE_CHECKING

from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from sandbox import here, wire
from sandbox.server import faulty
from sandbox.server.messages import Response
from sandbox.sessions import administrator_key

if TYPE_CHECKING:
    from sandbox.server.messages import Request

# Matches the key in the Authorization header or a presigned URL, for both signature versions.
_CREDENTIAL = re.compile(r"(?:Credential=|AWSAccessKeyId=|AWS )([A-Za-z0-9_]+)")
_ADMINISTRATOR = re.compile(r"AKIA(\d{12})ROOT")
_SERVICE = re.compile(r"Credential=[^/]+/\d+/[^/]*/([^/]+)/aws4_request")


class Gateway:
    """Answers requests with the services of the current cloud."""

    def __init__(self) -> None:
        self._application = DomainDispatcherApplication(create_backend_app)

    def answer(self, request: Request) -> Response:
        """Respond to a request.

        If the sandbox has a bug, the response contains its message and has the status 500.
        """
        try:
            return _refusal(request) or faulty.answer(request, lambda: self._pass_on(request))
        except Exception as error:  # noqa: BLE001 - one request must not end the server
            traceback.print_exc()
            name = type(error).__name__
            return _error(request, 500, "InternalFailure", f"The sandbox failed: {name}: {error}")

    def _pass_on(self, request: Request) -> Response:
        environ = EnvironBuilder(
            path=request.target,
            base_url=f"http://{request.headers.get('Host', 'localhost')}/",
            method=request.method,
            headers=Headers(request.headers.items()),
            data=request.body,
        ).get_environ()
        chunks, status, headers = run_wsgi_app(self._application, environ, buffered=True)
        return Response(status, list(headers), b"".join(chunks))


def _refusal(request: Request) -> Response | None:
    """Refuse requests from web pages, to moto's own API, or with unknown keys."""
    if "Origin" in request.headers:
        return _error(request, 403, "AccessDenied", "The sandbox does not answer web pages.")
    if request.target.startswith("/moto-api"):
        return _error(request, 404, "NotFound", "The sandbox has no moto API. Restart it instead.")
    signed = f"{request.headers.get('Authorization', '')} {request.target}"
    found = _CREDENTIAL.search(signed)
    if found is None:
        return _error(
            request,
            403,
            "MissingAuthenticationToken",
            "The request is not signed. Set AWS_ACCESS_KEY_ID=AKIA111122223333ROOT and "
            "AWS_SECRET_ACCESS_KEY=administrator.",
        )
    if not _is_known(found[1]):
        return _error(
            request,
            403,
            "UnrecognizedClientException",
            f"The sandbox does not know the access key {found[1]}. An account's administrator "
            "has AKIA<account id>ROOT, for example AKIA111122223333ROOT.",
        )
    return None


def _is_known(access_key_id: str) -> bool:
    if access_key_id.startswith("ASIA"):
        return True  # the guard in front of each service checks this later
    if (administrator := _ADMINISTRATOR.fullmatch(access_key_id)) is not None:
        administrator_key(administrator[1])
        return True
    return any(access_key_id in account["aws"].access_keys for account in iam_backends.values())


def _error(request: Request, status: int, code: str, message: str) -> Response:
    """Build an error response in the request's protocol."""
    phrase = {403: "Forbidden", 404: "Not Found", 500: "Internal Server Error"}[status]
    content_type = request.headers.get("Content-Type", "")
    service = _SERVICE.search(request.headers.get("Authorization", ""))
    if content_type.startswith("application/x-www-form-urlencoded"):
        protocol = "query"
    elif service is not None and service[1] == "s3":
        protocol = "rest-xml"
    else:
        protocol = "json"
    headers, body = wire.error(protocol, status, code, message, here.current().world.uuid())
    return Response(f"{status} {phrase}", list(headers.items()), body.encode())
