"""Print text and JSON, and format times and durations."""

from __future__ import annotations

import codecs
import io
import json
import re
import sys
import unicodedata
from datetime import UTC, datetime
from typing import Any

import click

_CI_COMMAND = re.compile(r"##(?=\[|vso\[|teamcity\[)", re.IGNORECASE)
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# As wide as the symbols that they replace, so that columns stay aligned.
_REPLACEMENTS = dict(zip("━─┼▒■●○✓✗…·→", "=-+%#*o+x~.>", strict=True))


def one_line(text: str) -> str:
    """The text on one line, with line breaks and invisible characters escaped as in JSON.

    The line contains no command for GitHub Actions, Azure Pipelines or TeamCity, which read their
    commands from the output.
    """
    line = "".join(_escaped(each) for each in text)
    if line.lstrip().startswith("::"):
        line = line.replace(":", "\\u003a", 1)
    return _without_ci_commands(line)


def _escaped(character: str) -> str:
    is_hidden = unicodedata.category(character) in _HIDDEN
    return json.dumps(character)[1:-1] if is_hidden else character


def _without_ci_commands(text: str) -> str:
    return _CI_COMMAND.sub(r"\\u0023#", text)


def say(text: str = "") -> None:
    """Print exactly one line on standard output, whatever the text contains."""
    click.echo(one_line(text), file=sys.stdout)


def remark(text: str = "") -> None:
    """Print exactly one line on standard error, for text that is not part of the result."""
    click.echo(one_line(text), file=sys.stderr)


def say_json(document: Any, *, on_one_line: bool = False) -> None:
    """Print a JSON document on standard output, escaped to ASCII so that terminals stay safe."""
    text = json.dumps(document, indent=None if on_one_line else 2, default=_iso)
    click.echo(_without_ci_commands(text), file=sys.stdout)


def accept_every_character() -> None:
    """Replace or escape characters that the output's encoding lacks, instead of failing."""
    codecs.register_error("readable", _readable)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="readable")


def _readable(error: UnicodeError) -> tuple[str | bytes, int]:
    assert isinstance(error, UnicodeEncodeError)  # the streams only encode
    character = error.object[error.start]
    escaped = character.encode("ascii", "backslashreplace").decode()
    return _REPLACEMENTS.get(character, escaped), error.start + 1


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


def age(seconds: float) -> str:
    """A time that has passed, in the largest whole unit: `45s`, `3m`, `2h`, `2d`."""
    whole = max(0, int(seconds))
    for unit, length in (("d", _DAY), ("h", _HOUR), ("m", _MINUTE)):
        if whole >= length:
            return f"{whole // length}{unit}"
    return f"{whole}s"


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 input`, `2 inputs`."""
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"


def moment(time: datetime) -> str:
    """A local time to the second, with its zone: `2026-01-05 10:00:00 UTC+01:00`."""
    local = time.astimezone()
    return f"{local:%Y-%m-%d %H:%M:%S} {zone(local)}"


def clock_time(time: datetime) -> str:
    """The local time of day, to the second."""
    return f"{time.astimezone():%H:%M:%S}"


def zone(time: datetime) -> str:
    """The local time zone: `UTC` or `UTC+01:00`. Abbreviations such as CST are ambiguous."""
    offset = time.astimezone().isoformat()[-6:]
    return "UTC" if offset == "+00:00" else f"UTC{offset}"


def time_since(time: datetime, now: datetime) -> str:
    """A local time in the past: the time of day if it was today, and otherwise also the date."""
    local = time.astimezone()
    is_today = local.date() == now.astimezone().date()
    return clock_time(local) if is_today else f"{local:%Y-%m-%d %H:%M}"


def utc_moment(time: datetime) -> str:
    """A time in UTC, to the second, for documents that others read in another time zone."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def utc_clock_time(time: datetime) -> str:
    """The time of day in UTC, to the second."""
    return time.astimezone(UTC).strftime("%H:%M:%S")


def _iso(value: Any) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
