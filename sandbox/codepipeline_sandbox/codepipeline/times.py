"""Converts times to the formats of the API and of events, in milliseconds and UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def timestamp(seconds: float) -> datetime:
    """Convert an epoch time for an API response."""
    return datetime.fromtimestamp(round(seconds, 3), UTC)


def iso(seconds: float) -> str:
    """Convert an epoch time to the format in events, such as 2026-01-05T09:00:00.000Z."""
    text = timestamp(seconds).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
