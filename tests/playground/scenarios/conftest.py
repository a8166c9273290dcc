from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from playground.scenarios.loading import load
from playground.scenarios.play import cloud_for, play

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playground.scenarios.play import Play


@contextmanager
def playing(text: str, seed: int | None = None) -> Iterator[Play]:
    scenario = load(text, "mine.yaml")
    with cloud_for(scenario, seed) as cloud:
        yield play(scenario, cloud)


@contextmanager
def played(text: str, seed: int | None = None) -> Iterator[Play]:
    with playing(text, seed) as playing_now:
        playing_now.cloud.world.run()
        yield playing_now


@pytest.fixture(name="playing")
def _playing():
    return playing


@pytest.fixture(name="played")
def _played():
    return played
