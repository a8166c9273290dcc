"""moto tells the world's time: creation dates, expirations and log events are virtual too."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING
from unittest.mock import patch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.world import World


@contextmanager
def virtual_time(world: World) -> Iterator[None]:
    """Let moto's `utcnow`, on which all its times rest, be the world's."""

    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
            return dt.datetime.fromtimestamp(world.now, tz)

        @classmethod
        def utcnow(cls) -> dt.datetime:  # type: ignore[override]
            return world.datetime().replace(tzinfo=None)

    names = {name: getattr(dt, name) for name in dt.__all__}
    module = SimpleNamespace(**{**names, "datetime": Clock})
    with patch("moto.core.utils.datetime", module):
        yield
