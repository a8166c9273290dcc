from __future__ import annotations

from functools import cache
from typing import Any

import boto3


@cache
def client_in(region: str) -> Any:
    """Return a cached client, because clients are slow to create and contain no test state."""
    session = boto3.Session(aws_access_key_id="A" * 20, aws_secret_access_key="secret")
    return session.client("codepipeline", region_name=region)
