"""Reads the state machine definitions that templates refer to in S3."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

import yaml
from moto.core.exceptions import ServiceException
from moto.s3.models import s3_backends
from moto.utilities.utils import get_partition

from codepipeline_sandbox.stepfunctions.exceptions import InvalidDefinition

if TYPE_CHECKING:
    from collections.abc import Mapping


def read(location: Mapping[str, str], account_id: str, region: str) -> str:
    """Read a DefinitionS3Location and return the definition as JSON. Raises InvalidDefinition."""
    bucket, key, version = location["Bucket"], location["Key"], location.get("Version")
    backend = s3_backends[account_id][get_partition(region)]
    try:
        found = backend.get_object(bucket, key, version_id=version)
    except ServiceException as error:
        raise InvalidDefinition(f"s3://{bucket}/{key} cannot be read: {error.message}") from error
    if found is None:
        raise InvalidDefinition(f"s3://{bucket}/{key} cannot be read: it does not exist")
    return _as_json(found.value.decode())


@lru_cache(maxsize=64)  # Cached because many tests deploy the same definition.
def _as_json(text: str) -> str:
    """Convert a definition in YAML or JSON to JSON. Raises InvalidDefinition for YAML aliases.

    CloudFormation does not resolve aliases. The SAM CLI removes aliases from templates, but uploads
    definitions unchanged.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
    """
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1 if event.start_mark else "?"
                raise InvalidDefinition(
                    f"line {line}: CloudFormation does not resolve the YAML alias *{event.anchor}"
                )
        return json.dumps(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise InvalidDefinition(f"the definition is not well-formed: {error}") from error
