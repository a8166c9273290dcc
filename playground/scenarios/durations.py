"""Reads and writes durations such as 90s, 2m, 1h30m or 7d. A plain number means seconds."""

from __future__ import annotations

import re

_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_NUMBER = r"\d+(?:\.\d+)?"
_PARTS = re.compile(rf"(?:({_NUMBER})d)?(?:({_NUMBER})h)?(?:({_NUMBER})m)?(?:({_NUMBER})s?)?")

EXAMPLES = "90s, 2m or 1h30m"
_LONGEST = 3_650 * _SECONDS["d"]  # A larger number could exceed the range of datetime.


def seconds(text: str) -> float | None:
    """Parse a duration into seconds.

    Returns None if the text is not a duration or the duration is too long.
    """
    total = _total(text)
    return total if total is None or total <= _LONGEST else None


def is_too_long(text: str) -> bool:
    """Whether the text is a duration of more than 3650 days."""
    return (_total(text) or 0.0) > _LONGEST


def _total(text: str) -> float | None:
    found = _PARTS.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        return None
    parts = zip(_SECONDS.values(), found.groups(), strict=True)
    return float(sum(unit * float(number) for unit, number in parts if number))


def shown(duration: float) -> str:
    """Write a duration such as 1h30m."""
    left, text = duration, ""
    for unit, size in _SECONDS.items():
        count, left = (left, 0) if unit == "s" else divmod(left, size)
        text += f"{count:g}{unit}" if count else ""
    return text or "0s"
