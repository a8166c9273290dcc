"""boto3's clients."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3


@cache
def client_in(region: str) -> Any:
    """A client; it holds nothing of a test, and takes long to make."""
    session = boto3.Session(aws_access_key_id="A" * 20, aws_secret_access_key="secret")
    return session.client("codepipeline", region_name=region)
