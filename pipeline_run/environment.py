"""The clock and the AWS sessions that a command uses. Tests replace them."""

from __future__ import annotations

import os
import sys
import time
import webbrowser
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import boto3

_THREADS = 8


def _now() -> datetime:
    return datetime.now(UTC)


def _session(profile: str | None, region: str | None) -> boto3.Session:
    import boto3  # noqa: PLC0415 - slow to import, and --help does not need it

    # The AWS CLI and the other SDKs read AWS_REGION, but boto3 reads only AWS_DEFAULT_REGION.
    region = region or os.environ.get("AWS_REGION")
    return boto3.Session(profile_name=profile, region_name=region)


def _browse(url: str) -> bool:
    has_display = any(os.environ.get(each) for each in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    if sys.platform == "linux" and not has_display:
        return False  # webbrowser would start a text browser in this terminal
    return webbrowser.open(url)


def _in_threads(function: Callable[[Any], Any], items: Iterable[Any]) -> Sequence[Any]:
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(function, items))


@dataclass(frozen=True)
class Environment:
    """A command's clock, AWS sessions and threads. By default, all are real."""

    now: Callable[[], datetime] = _now
    ticks: Callable[[], float] = time.monotonic  # seconds since any moment
    sleep: Callable[[float], None] = time.sleep  # seconds
    session: Callable[[str | None, str | None], boto3.Session] = _session  # profile, Region
    # Like `map`, for functions that call AWS.
    call_each: Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]] = _in_threads
    browse: Callable[[str], bool] = _browse  # returns whether a browser opened the URL


def environment() -> Environment:
    """The environment of the running command."""
    return click.get_current_context().ensure_object(Environment)
