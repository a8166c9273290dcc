"""Print text and JSON, and format times and durations."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from datetime import UTC, datetime
from typing import Any, TextIO

import click

_CI_COMMAND = re.compile(r"##(?=\[|vso\[|teamcity\[)", re.IGNORECASE)
_KEPT = {"\n", "\t"}
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def clean(text: str) -> str:
    """The text without control characters. Some texts come from untrusted sources."""
    return "".join(
        each if each in _KEPT or unicodedata.category(each) not in {"Cc", "Cf", "Cs"} else " "
        for each in text
    )


def one_line(text: str) -> str:
    """The text on one line, with line breaks and invisible characters escaped as in JSON.

    The line contains no command for GitHub Actions, Azure Pipelines or TeamCity, which read their
    commands from the output.
    """
    line = "".join(_escaped(each) for each in text)
    if line.lstrip().startswith("::"):
        line = line.replace(":", "\\u003a", 1)
    return _CI_COMMAND.sub(r"\\u0023#", line)


def _escaped(character: str) -> str:
    is_hidden = unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    return json.dumps(character)[1:-1] if is_hidden else character


def say(text: str = "") -> None:
    """Print a line on standard output."""
    click.echo(_encodable(clean(text), sys.stdout))


def remark(text: str) -> None:
    """Print a line on standard error, for text that is not part of the result."""
    click.echo(_encodable(clean(text), sys.stderr), err=True)


def _encodable(text: str, stream: TextIO) -> str:
    """The text with escapes for characters that the stream cannot encode."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


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
