"""Reads templates, code and definitions from S3 for CloudFormation."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from moto.cloudformation.exceptions import ValidationError
from moto.core.exceptions import ServiceException
from moto.s3.models import s3_backends
from moto.utilities.utils import get_partition

_IN_HOST = re.compile(r"(?P<bucket>.+)\.s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?")
_MORE = (
    "For more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
)


def template_at(url: str, account_id: str, region: str) -> str:
    """Read a template from S3, by a URL of AWS or of the sandbox. Raises ValidationError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValidationError(message="TemplateURL must be a supported URL.")
    path = unquote(parts.path).lstrip("/")
    if match := _IN_HOST.fullmatch(parts.hostname):
        bucket, key = match["bucket"], path
    else:
        bucket, _, key = path.partition("/")
    return body_of(bucket, key, account_id, region).decode()


def body_of(bucket: str, key: str, account_id: str, region: str) -> bytes:
    """Read an object. Raises ValidationError with S3's error message if that fails."""
    try:
        found = s3_backends[account_id][get_partition(region)].get_object(bucket, key)
    except ServiceException as error:
        raise ValidationError(message=f"S3 error: {error.message}\n{_MORE}") from error
    if found is None:
        raise ValidationError(message=f"S3 error: The specified key does not exist.\n{_MORE}")
    body: bytes = found.value
    return body
