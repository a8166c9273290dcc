"""The one place where the functions ask for the time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_source: Callable[[], float] = time.time


def now() -> datetime:
    """The current time, UTC."""
    return datetime.fromtimestamp(_source(), UTC)


def whole_second(moment: datetime) -> datetime:
    """The moment, rounded up to a whole second."""
    floor = moment.replace(microsecond=0)
    return floor if floor == moment else floor + timedelta(seconds=1)


def set_source(source: Callable[[], float]) -> None:
    """Take the time (epoch seconds) from somewhere else from now on: a world with its own clock."""
    global _source  # noqa: PLW0603 - one clock for the process is the point
    _source = source
