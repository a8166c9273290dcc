"""Checks HTTP requests and passes them to moto's server application."""

from __future__ import annotations

import traceback
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from codepipeline_sandbox.http import asked, faulty, replies
from codepipeline_sandbox.http.refused import Refused, refusal, unknown, unsupported
from codepipeline_sandbox.iam.policies.errors import UnsupportedPolicy
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.http.asked import Asked
    from codepipeline_sandbox.http.messages import Request, Response


class _Application(DomainDispatcherApplication):  # type: ignore[misc]
    """moto's application, except that it does not list all modules on disk for every request."""

    def get_backend_for_host(self, host: str | None) -> str | None:
        return None if host is None else asked.backend_of(host)


class Gateway:
    """Passes requests to the services of the running cloud."""

    def __init__(self) -> None:
        self._application = _Application(create_backend_app)

    @cached_property
    def _ids(self) -> Random:
        """A separate random stream, so that clients' calls do not change other ids in the world."""
        return Random(here.current().world.uuid())  # noqa: S311 - repeatable on purpose

    def answer(self, request: Request) -> Response:
        """Respond to a request.

        An unexpected error in the sandbox becomes a response with the status 500.
        """
        request = asked.signed_in_header(request)
        what = asked.asked(request)
        try:
            response = self._response(request, what)
        except Refused as error:
            response = replies.error(what, error.error)
        except Exception as error:  # noqa: BLE001 - one request must not end the server
            traceback.print_exc()
            response = replies.defect(what, error)
        return replies.as_aws(response, what, self._ids)

    def _response(self, request: Request, what: Asked) -> Response:
        environ = _environ(request)
        if (error := refusal(request, what, self._host(what, environ))) is not None:
            raise Refused(error)
        return faulty.answer(what, lambda: self._pass_on(what, environ))

    def _host(self, what: Asked, environ: Mapping[str, Any]) -> str | None:
        """The service's host on AWS, which moto infers from the request."""
        if what.service == "dynamodb" and what.operation is None:
            return what.service  # moto cannot infer the host without an operation
        host: str | None = self._application.infer_service_region_host(
            dict(environ), environ["PATH_INFO"]
        )
        if host is None and what.service == "s3":
            return "s3.us-east-1.amazonaws.com"  # moto's default, for example for presigned URLs
        return host

    def _pass_on(self, what: Asked, environ: dict[str, Any]) -> Response:
        try:
            chunks, status, headers = run_wsgi_app(self._application, environ, buffered=True)
        except Exception as error:
            if what.operation is None:  # without a known operation, moto can raise any error
                raise Refused(unknown(what)) from error
            if isinstance(error, (NotImplementedError, UnsupportedPolicy)):
                raise Refused(unsupported(what, str(error))) from error
            raise
        response = replies.of_moto(status, headers, b"".join(chunks))
        if replies.is_not_routed(response, what):
            raise Refused(unsupported(what) if what.operation else unknown(what))
        return response


def _environ(request: Request) -> dict[str, Any]:
    environ: dict[str, Any] = EnvironBuilder(
        path=request.target,
        base_url=f"http://{request.headers.get('Host', 'localhost')}/",
        method=request.method,
        headers=Headers(request.headers.items()),
        data=request.body,
    ).get_environ()
    return environ
