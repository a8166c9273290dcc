"""Replaces the real time and randomness that libraries use with the world's."""

from __future__ import annotations

import datetime as dt
import uuid
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING
from unittest.mock import patch

from botocore.retries.standard import ExponentialBackoff
from moto.moto_api._internal import mock_random

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codepipeline_sandbox.kernel.world import World


@contextmanager
def time_and_chance(world: World, seed: int) -> Iterator[None]:
    """Make moto's times and ids and botocore's tokens and retry delays depend only on the world."""
    mock_random.seed(seed)
    backoff = partial(ExponentialBackoff, random=world.random.random)
    chance = SimpleNamespace(uuid4=lambda: uuid.UUID(world.uuid()))
    with (
        patch("moto.core.utils.datetime", datetime_module(world)),
        patch("botocore.handlers.uuid", chance),
        # The delay before a retry, including jitter, in the retry modes "standard" and "legacy".
        patch("botocore.retries.standard.ExponentialBackoff", backoff),
        patch("botocore.retryhandler.random", world.random),
        patch("botocore.endpoint.time", SimpleNamespace(sleep=world.sleep)),
    ):
        yield


def datetime_module(world: World) -> SimpleNamespace:
    """A copy of the datetime module whose clock shows the world's time."""

    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
            return dt.datetime.fromtimestamp(world.now, tz)

        @classmethod
        def utcnow(cls) -> dt.datetime:  # type: ignore[override]
            return world.datetime().replace(tzinfo=None)

    names = {name: getattr(dt, name) for name in dt.__all__}
    return SimpleNamespace(**{**names, "datetime": Clock})
