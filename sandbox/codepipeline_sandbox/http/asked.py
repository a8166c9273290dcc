"""Determines the signer, service, Region and operation of an HTTP request."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import moto.backend_index
import moto.backends
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request as MotoRequest
from moto.core.request import determine_request_protocol
from moto.core.routing import get_service_router
from werkzeug.exceptions import NotFound

from codepipeline_sandbox.faults import names
from codepipeline_sandbox.kernel import wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import OperationModel

    from codepipeline_sandbox.http.messages import Request

_KEY = re.compile(r"(?:Credential=|AWS )([A-Za-z0-9_]+)")  # in signature version 2 or 4
_SCOPE = re.compile(r"Credential=[^/]+/\d+/(?:([^/]*)/)?([^/]+)/aws4_request")
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Asked:
    """The signer, service, Region and operation of a request."""

    request: MotoRequest
    key: str | None  # the access key, if the request is signed
    region: str | None  # from the signature
    service: str | None  # boto3's name for the service, or else the signing name
    operation: OperationModel | None
    in_path: Mapping[str, Any]  # the operation's parameters from the path
    protocol: str  # a name from the API models

    @property
    def name(self) -> str:
        """The service and, if known, the operation, for example `lambda:Invoke`."""
        return ":".join([self.service or "?", *([self.operation.name] if self.operation else [])])

    def parameters(self) -> Mapping[str, Any]:
        """Parse the operation's parameters. Invalid bodies raise errors such as ValueError."""
        assert self.operation is not None
        parser = PROTOCOL_PARSERS[self.protocol](self.operation, map_type=dict)
        parsed: Mapping[str, Any] = parser.parse(
            {
                "method": self.request.method,
                "values": self.request.values,
                "headers": self.request.headers,
                "body": self.request.data,
                "url_path": self.request.path,
                "url_params": self.in_path,
            }
        )
        return parsed


def signed_in_header(request: Request) -> Request:
    """Copy the signature of a presigned URL to a header, where moto looks for it."""
    if "Authorization" in request.headers:
        return request
    query = {name: values[0] for name, values in parse_qs(urlsplit(request.target).query).items()}
    if credential := query.get("X-Amz-Credential"):
        authorization = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature="
    elif key := query.get("AWSAccessKeyId"):
        authorization = f"AWS {key}:"
    else:
        return request
    headers = deepcopy(request.headers)
    headers["Authorization"] = authorization
    if token := query.get("X-Amz-Security-Token"):
        headers["X-Amz-Security-Token"] = token
    return replace(request, headers=headers)


def asked(request: Request) -> Asked:
    """Determine the request's signer, service, Region and operation."""
    read = MotoRequest.from_primitives(
        request.method, f"http://localhost{request.target}", request.headers, request.body
    )
    signed = request.headers.get("Authorization", "")
    key, scope = _KEY.search(signed), _SCOPE.search(signed)
    # Only S3 still accepts the older signature, which contains neither service nor Region.
    region, signing_name = scope.groups() if scope else (None, "s3" if key else None)
    service, operation, in_path = _operation(signing_name, read)
    return Asked(
        request=read,
        key=key[1] if key else None,
        region=region,
        service=service,
        operation=operation,
        in_path=in_path,
        protocol=_protocol(service, read),
    )


def _operation(
    signing_name: str | None, request: MotoRequest
) -> tuple[str | None, OperationModel | None, Mapping[str, Any]]:
    if signing_name is None:
        return None, None, {}
    for service in _signed_as(signing_name):
        try:
            operation, in_path = get_service_router(service).match(request)
        except (NotFound, NotImplementedError):  # the service has no such path or protocol
            continue
        return service, operation, in_path
    return next(iter(_signed_as(signing_name)), signing_name), None, {}


@cache
def _signed_as(signing_name: str) -> list[str]:
    """The services whose requests are signed with this name, the main service first."""
    main = names.by_signing_name(signing_name)
    if main not in names.services():
        return []
    return [main, *_SAME_SIGNATURE.get(main, ())]


# Services whose requests are signed with another service's name.
_SAME_SIGNATURE = {
    "apigateway": ("apigatewayv2",),
    "dynamodb": ("dynamodbstreams",),
    "elbv2": ("elb",),
    "rds": ("neptune",),
    "s3": ("s3control",),
    "ses": ("sesv2",),
}


def _protocol(service: str | None, request: MotoRequest) -> str:
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return wire.CBOR
    content_type = request.content_type or ""
    if service in names.services():
        try:
            return str(determine_request_protocol(names.model(service), content_type))
        except NotImplementedError:
            pass  # the content type belongs to none of the service's protocols
    if content_type.startswith(_FORM):
        return "query"
    return "rest-xml" if service == "s3" else "json"


@cache
def backend_of(host: str) -> str | None:
    """The name of moto's backend for a host, or None if moto has no such backend."""
    if host in moto.backends.list_of_moto_modules():
        return host
    patterns = moto.backend_index.backend_url_patterns
    return next((name for name, each in patterns if each.match(f"http://{host}")), None)


@cache
def has_region(backend: str, region: str) -> bool:
    """Whether the service exists in the Region. A global service exists in every Region."""
    found = moto.backends.get_backend(backend)[DEFAULT_ACCOUNT_ID]
    if "aws" in found:
        found = moto.backends.get_backend("ec2")[DEFAULT_ACCOUNT_ID]
    return region in found
