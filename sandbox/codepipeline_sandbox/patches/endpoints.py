"""Passes requests to moto, and looks up the handler of each endpoint only once.

For every request, moto compares the URL patterns of all services and lists the methods of the
response class. In a long simulation, these lookups would take most of the time.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import moto.backend_index
import moto.backends
import moto.core.responses
from botocore.awsrequest import AWSResponse
from botocore.exceptions import EndpointConnectionError
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.botocore_stubber import MockRawResponse
from moto.core.exceptions import HTTPException
from moto.core.models import botocore_stubber
from moto.core.request import Request
from moto.core.utils import method_names_from_class

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

    from codepipeline_sandbox.kernel.patches import Patches

_REGION = re.compile(r"\.([a-z]{2}(?:-[a-z]+)+-\d+)\.amazonaws\.com")

# botocore accepts a dictionary instead of its own headers class.
Handler = Callable[[Any, str, Any], tuple[int, Any, Any]]


def answer(event_name: str, request: AWSPreparedRequest, **more: Any) -> AWSResponse | None:
    """Return moto's response to the request.

    Raises EndpointConnectionError for a service that is not available in the Region. On AWS, its
    host would not exist.
    """
    url = urlsplit(request.url)
    if not _resolves(f"{url.scheme}://{url.netloc}/"):
        raise EndpointConnectionError(endpoint_url=request.url)
    if url.path != "/" or url.query or not botocore_stubber.enabled:
        response: AWSResponse | None = botocore_stubber(event_name, request, **more)
        return response
    normalized = _received(request, url.netloc)
    try:
        handler = _handler(f"{url.scheme}://{url.netloc}/")
        status, headers, body = handler(normalized, normalized.raw_url, normalized.headers)
    except HTTPException as error:
        status, headers, body = error.code, error.get_headers(), error.get_body()
    return AWSResponse(request.url, status, headers, MockRawResponse(body))


def _received(request: AWSPreparedRequest, host: str) -> Request:
    """Build a request for the path `/`. This is faster than werkzeug's test builder."""
    body: Any = request.body or b""  # botocore does not stream bodies to this path
    if isinstance(body, str):
        body = body.encode()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": "/",
        "QUERY_STRING": "",
        "RAW_URI": "/",
        "SERVER_NAME": host,
        "SERVER_PORT": "443",
        "HTTP_HOST": host,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(body),
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        prefix = "" if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else "HTTP_"
        environ[prefix + key] = value.decode() if isinstance(value, bytes) else value
    environ["CONTENT_LENGTH"] = str(len(body))
    return Request(environ)


@cache
def _resolves(url: str) -> bool:
    """Whether the service has an endpoint in the Region. True for a URL without a Region."""
    found = _REGION.search(url)
    if found is None:
        return True
    for service, pattern in moto.backend_index.backend_url_patterns:
        if pattern.match(url):
            backends = moto.backends.get_backend(service)[DEFAULT_ACCOUNT_ID]
            if "aws" in backends:  # the service has one backend for all Regions
                backends = moto.backends.get_backend("ec2")[DEFAULT_ACCOUNT_ID]
            return found[1] in backends
    return True


@cache
def _handler(url: str) -> Handler:
    for service, pattern in moto.backend_index.backend_url_patterns:
        if pattern.match(url):
            backends = moto.backends.get_backend(service)[DEFAULT_ACCOUNT_ID]
            backend = backends["us-east-1" if "us-east-1" in backends else "aws"]
            for path, handler in backend.urls.items():
                if re.match(path, url):
                    found: Handler = handler
                    return found
    raise LookupError(f"the sandbox has no service at {url}")


def install(patches: Patches) -> None:
    """Cache the lookups. Services must already be installed."""
    _forget()
    patches.when_closed(_forget)  # the next cloud may install other services
    patches.attribute(
        moto.core.responses, "method_names_from_class", cache(method_names_from_class)
    )


def _forget() -> None:
    _handler.cache_clear()
    _resolves.cache_clear()
