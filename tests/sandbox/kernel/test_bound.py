"""A world that never comes to rest fails and shows what it was doing."""

from __future__ import annotations

import json

import pytest

from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.kernel.world import TooManyEvents, World

LOOP = {
    "QueryLanguage": "JSONata",
    "StartAt": "Poll",
    "States": {
        "Poll": {
            "Type": "Choice",
            "Choices": [{"Condition": False, "Next": "Done"}],
            "Default": "Pause",
        },
        "Pause": {"Type": "Wait", "Seconds": 60, "Next": "Poll"},
        "Done": {"Type": "Succeed"},
    },
}


def every_minute(world):
    times: list[float] = []

    def tick():
        times.append(world.now)
        world.after(60, tick)

    tick()
    return times


def newest(error):
    return str(error.value).splitlines()[1:]


def test_a_world_that_never_rests_fails_and_lists_its_newest_twenty_events():
    world = World(max_events=1_000)
    times = every_minute(world)

    with pytest.raises(TooManyEvents, match=r"1,000 events .* repeats forever") as error:
        world.run()

    assert len(times) == 1 + 1_000
    assert len(newest(error)) == 20
    assert newest(error)[0] == (
        "  2026-01-06T01:21:00.000+00:00 tests.sandbox.kernel.test_bound.every_minute.<locals>.tick"
    )
    assert newest(error)[-1].startswith("  2026-01-06T01:40:00.000+00:00 ")


@pytest.mark.parametrize(
    "go_on",
    [
        lambda world: world.run(until=world.now + 3600),
        lambda world: world.run_until(lambda: False),
        lambda world: world.sleep(3600),
    ],
    ids=["run", "run_until", "sleep"],
)
def test_a_world_that_has_failed_stays_failed(go_on):
    world = World(max_events=30)
    every_minute(world)
    with pytest.raises(TooManyEvents):
        world.run()

    with pytest.raises(TooManyEvents) as error:
        go_on(world)

    assert len(newest(error)) == 20


def test_a_world_may_reach_its_bound():
    world = World(max_events=3)
    for second in range(3):
        world.after(second, lambda: None)

    world.run()


def test_cancelled_events_do_not_count():
    world = World(max_events=1)
    for second in range(3):
        world.after(second, lambda: None).cancel()
    world.after(9, lambda: None)

    world.run()


def test_a_world_without_a_bound_keeps_running():
    world = World(max_events=None)
    times = every_minute(world)

    world.run(until=world.now + 60 * 5_000)

    assert len(times) == 1 + 5_000


def test_the_error_for_an_endless_loop_names_the_state_machine_and_its_states():
    with Cloud(seed=1, max_events=200) as cloud:
        states = cloud.session("111122223333", "eu-west-1").client("stepfunctions")
        machine = states.create_state_machine(
            name="Loop",
            definition=json.dumps(LOOP),
            roleArn="arn:aws:iam::111122223333:role/Machine",
        )
        states.start_execution(stateMachineArn=machine["stateMachineArn"], name="endless")

        with pytest.raises(TooManyEvents) as error:
            cloud.world.run()

    execution = "arn:aws:states:eu-west-1:111122223333:execution:Loop:endless"
    for state in ("Poll", "Pause"):
        assert any(line.endswith(f"{execution} at state {state}") for line in newest(error))
