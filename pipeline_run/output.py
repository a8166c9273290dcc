"""Print text and JSON, and format times and durations."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime
from typing import Any

import click

_KEPT = {"\n", "\t"}
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def clean(text: str) -> str:
    """The text without control characters. Some texts come from untrusted sources."""
    return "".join(
        each if each in _KEPT or unicodedata.category(each) not in {"Cc", "Cf", "Cs"} else " "
        for each in text
    )


def say(text: str = "") -> None:
    """Print a line on standard output."""
    click.echo(clean(text))


def remark(text: str) -> None:
    """Print a line on standard error, for text that is not part of the result."""
    click.echo(clean(text), err=True)


def say_json(document: Any) -> None:
    """Print a JSON document on standard output, escaped to ASCII so that terminals stay safe."""
    click.echo(json.dumps(document, indent=2, default=_iso))


def duration(seconds: float) -> str:
    """A duration for people: `45s`, `3m 05s`, `2h 10m`, `3d 4h`."""
    whole = max(0, round(seconds))
    if whole < _MINUTE:
        return f"{whole}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}m {whole % _MINUTE:02}s"
    if whole < _DAY:
        return f"{whole // _HOUR}h {whole % _HOUR // _MINUTE:02}m"
    return f"{whole // _DAY}d {whole % _DAY // _HOUR}h"


def moment(time: datetime) -> str:
    """A time in UTC, to the second."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def clock_time(time: datetime) -> str:
    """The time of day in UTC, to the second."""
    return time.astimezone(UTC).strftime("%H:%M:%S")


def _iso(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
