"""The clock of all functions."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

_source: Callable[[], float] = time.time


def now() -> datetime:
    """The current time in UTC."""
    return datetime.fromtimestamp(_source(), UTC)


def set_source(source: Callable[[], float]) -> None:
    """Replace the clock, for example with a sandbox world's. It has to return epoch seconds."""
    global _source  # noqa: PLW0603 - a process has only one clock
    _source = source
