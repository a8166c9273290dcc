"""The world's clock, driven by a real clock that the tests control."""

from __future__ import annotations

import pytest

from codepipeline_sandbox.http.clock import Clock
from codepipeline_sandbox.kernel.world import World


class RealClock:
    """A clock that advances by `ticks` seconds each time it is read."""

    def __init__(self, ticks: float = 0.0) -> None:
        self.now = 1000.0
        self.ticks = ticks

    def __call__(self) -> float:
        self.now += self.ticks
        return self.now


@pytest.fixture
def bare_world() -> World:
    return World()


def test_the_worlds_time_passes_at_the_requested_speed(bare_world: World) -> None:
    real = RealClock()
    begun = bare_world.now
    happened: list[float] = []
    for seconds in (10, 20, 21):
        bare_world.after(seconds, lambda: happened.append(bare_world.now - begun))
    clock = Clock(bare_world, speed=10, real=real)

    real.now += 2
    clock.advance()

    assert happened == [10, 20]
    assert bare_world.now - begun == 20


def test_the_pause_ends_when_something_is_due(bare_world: World) -> None:
    clock = Clock(bare_world, speed=10, real=RealClock())
    bare_world.after(2, lambda: None)

    assert clock.advance() == pytest.approx(0.2)


def test_the_pause_is_short_even_when_nothing_is_due(bare_world: World) -> None:
    clock = Clock(bare_world, speed=1, real=RealClock())

    assert 0 < clock.advance() <= 1
    bare_world.after(3600, lambda: None)
    assert 0 < clock.advance() <= 1


def test_a_world_that_falls_behind_yields_between_events(bare_world: World) -> None:
    happened: list[float] = []

    def again() -> None:
        happened.append(bare_world.now)
        bare_world.after(1, again)

    bare_world.after(1, again)
    real = RealClock(ticks=0.01)
    clock = Clock(bare_world, speed=1_000_000, real=real)

    pause = clock.advance()

    assert pause == 0
    assert 0 < len(happened) < 20


def test_time_spent_answering_a_request_is_not_added_again(bare_world: World) -> None:
    real = RealClock()
    clock = Clock(bare_world, speed=1, real=real)
    begun = bare_world.now

    bare_world.run(until=begun + 300)  # for example, because a request waited for a function
    clock.advance()
    real.now += 5
    clock.advance()

    assert bare_world.now - begun == 305


def test_a_served_world_has_no_limit_on_events() -> None:
    real = RealClock()
    world = World(max_events=10)
    happened: list[float] = []
    for seconds in range(100):
        world.after(seconds, lambda: happened.append(world.now))
    clock = Clock(world, speed=100, real=real)

    real.now += 1
    clock.advance()

    assert len(happened) == 100
