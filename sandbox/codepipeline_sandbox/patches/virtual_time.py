"""Makes libraries use the world's time and randomness instead of the real ones."""

from __future__ import annotations

import datetime as dt
import uuid
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING

import botocore.endpoint
import botocore.handlers
import botocore.retries.standard
import botocore.retryhandler
import moto.core.utils
from botocore.retries.standard import ExponentialBackoff
from moto.moto_api._internal import mock_random

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.patches import Patches
    from codepipeline_sandbox.kernel.world import World


def install(patches: Patches, world: World, seed: int) -> None:
    """Make moto's times and ids and botocore's tokens and retry delays depend only on the world."""
    before = partial(mock_random.setstate, mock_random.getstate())
    mock_random.seed(seed)
    patches.change("moto.moto_api._internal.mock_random", before)
    patches.attribute(moto.core.utils, "datetime", datetime_module(world))
    chance = SimpleNamespace(uuid4=lambda: uuid.UUID(world.uuid()))
    patches.attribute(botocore.handlers, "uuid", chance)
    # The delay before a retry, including jitter, in the retry modes "standard" and "legacy".
    backoff = partial(ExponentialBackoff, random=world.random.random)
    patches.attribute(botocore.retries.standard, "ExponentialBackoff", backoff)
    patches.attribute(botocore.retryhandler, "random", world.random)
    patches.attribute(botocore.endpoint, "time", SimpleNamespace(sleep=world.sleep))


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
