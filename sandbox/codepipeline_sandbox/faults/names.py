"""Names of services and operations. boto3's names are used wherever AWS has several."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING

import botocore.session
from botocore.utils import CLIENT_NAME_TO_HYPHENIZED_SERVICE_ID_OVERRIDES as _IDENTITIES

if TYPE_CHECKING:
    from botocore.model import ServiceModel

# signing names that differ from boto3's name
_SIGNING_NAMES = {
    "states": "stepfunctions",
    "monitoring": "cloudwatch",
    "email": "ses",
    "elasticloadbalancing": "elbv2",
    "elasticmapreduce": "emr",
    "tagging": "resourcegroupstaggingapi",
}
_BY_ID = {identity: name for name, identity in _IDENTITIES.items()}


def by_service_id(identity: str) -> str:
    """Convert a service name from botocore's events to boto3's: `sfn` is stepfunctions."""
    return _BY_ID.get(identity, identity)


def by_signing_name(name: str) -> str:
    """Convert a signing name to boto3's name: `states` is stepfunctions."""
    return _SIGNING_NAMES.get(name, name)


@cache
def services() -> list[str]:
    """List the services by boto3's names."""
    return list(botocore.session.get_session().get_available_services())


@cache
def model(service: str) -> ServiceModel:
    """Load the API model of a service."""
    return botocore.session.get_session().get_service_model(service)


def operations(service: str) -> list[str]:
    """List the names of a service's operations."""
    return list(model(service).operation_names)


def matches(pattern: str, name: str) -> bool:
    """Whether the pattern (with `*` and `?`) matches the name."""
    return fnmatchcase(name, pattern)


def matching(pattern: str, among: Iterable[str]) -> list[str]:
    """List the names that match the pattern."""
    return [name for name in among if matches(pattern, name)]
