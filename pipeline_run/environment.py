"""The clock and the AWS sessions that a command uses. Tests replace them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import boto3


def _now() -> datetime:
    return datetime.now(UTC)


def _session(profile: str | None, region: str | None) -> boto3.Session:
    import boto3  # noqa: PLC0415 - slow to import, and --help does not need it

    # The AWS CLI and the other SDKs read AWS_REGION, but boto3 reads only AWS_DEFAULT_REGION.
    region = region or os.environ.get("AWS_REGION")
    return boto3.Session(profile_name=profile, region_name=region)


@dataclass(frozen=True)
class Environment:
    """A command's clock and AWS sessions. By default, both are real."""

    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep  # seconds
    session: Callable[[str | None, str | None], boto3.Session] = _session  # profile, Region


def environment() -> Environment:
    """The environment of the running command."""
    return click.get_current_context().ensure_object(Environment)
