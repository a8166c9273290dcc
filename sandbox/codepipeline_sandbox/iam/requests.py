"""Determines which actions and resources a request to moto needs permission for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model

from codepipeline_sandbox.iam.named_resources import Grants, Place
from codepipeline_sandbox.iam.resources import grants

# An action's prefix is the service name in the request's signature, with one exception.
_ACTION_PREFIXES = {"monitoring": "cloudwatch"}


@dataclass(frozen=True)
class Asked:
    """A stand-in for moto's response object with only the attributes that `asked_for` reads."""

    boto3_service_name: str
    partition: str
    region: str


def asked_for(response: Any, request: Any, account: str) -> Grants:
    """The actions and resources that a request needs permission for.

    `response` is the moto response object that handles the request, or an `Asked`.
    """
    model = get_service_model(response.boto3_service_name)
    operation, uri_params = get_service_router(response.boto3_service_name).match(request)
    protocol = determine_request_protocol(model, request.content_type)
    parser = PROTOCOL_PARSERS[protocol](operation, map_type=dict)
    params = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": uri_params,
        }
    )
    prefix = _ACTION_PREFIXES.get(model.signing_name, model.signing_name)
    place = Place(response.partition, response.region, account)
    return grants(f"{prefix}:{operation.name}", {**params, **uri_params}, place)
