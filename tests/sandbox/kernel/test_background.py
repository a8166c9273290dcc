"""Background events do not keep the world busy."""

import pytest

from codepipeline_sandbox.kernel.world import NothingLeftToDo, World


def every_hour(world, seen):
    def happen():
        seen.append(world.now)
        world.at(world.now + 3600, happen, background=True)

    world.at(world.now + 3600, happen, background=True)


def test_the_world_comes_to_rest_when_only_background_events_are_left():
    world = World()
    seen: list[float] = []
    every_hour(world, seen)

    world.run()

    assert seen == []


def test_background_events_happen_while_something_else_is_going_on():
    world = World()
    seen: list[float] = []
    every_hour(world, seen)
    world.after(2.5 * 3600, lambda: None)

    world.run()

    assert len(seen) == 2


def test_background_events_happen_when_time_passes():
    world = World()
    seen: list[float] = []
    every_hour(world, seen)

    world.sleep(3 * 3600)

    assert len(seen) == 3


def test_events_started_by_a_background_event_count_as_foreground():
    world = World()
    seen: list[float] = []

    def start():
        world.after(5, lambda: seen.append(1))

    world.at(world.now + 10, start, background=True)
    world.after(10, lambda: None)

    world.run(until=world.now + 10)
    world.run()

    assert seen == [1]


def test_waiting_for_a_foreground_event_that_never_comes_is_an_error():
    world = World()
    every_hour(world, [])

    with pytest.raises(NothingLeftToDo):
        world.run_until(lambda: False)


def test_the_next_event_may_be_a_background_event():
    world = World()
    world.after(20, lambda: None)
    world.at(world.now + 10, lambda: None, background=True).cancel()
    assert world.next_time() == world.now + 20

    world.at(world.now + 15, lambda: None, background=True)
    assert world.next_time() == world.now + 15
