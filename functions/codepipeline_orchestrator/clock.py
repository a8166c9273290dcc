"""The clock of all functions."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

_source: Callable[[], float] = time.time


def now() -> datetime:
    """The current time in UTC."""
    return datetime.fromtimestamp(_source(), UTC)
