"""The bounds of the waiting policy, whatever the deadline."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.waiting import wait_seconds

DAY = 24 * 3600


def waits(deadline: float) -> list[int]:
    """All waits of a run whose target never ends."""
    age = 0.0
    taken: list[int] = []
    while age < deadline:
        wait = wait_seconds(age=age, remaining=deadline - age, polls=len(taken))
        taken.append(wait)
        age += wait
    return taken


@pytest.mark.parametrize("minutes", [1, 5, 60, 1_420, 1_440, 2_880, 10_080, 86_400, 525_000])
def test_the_history_has_room_for_all_looks_until_any_deadline(minutes):
    # when a run waits to its deadline
    taken = waits(minutes * 60)

    # then there are at most 2,400 looks in all, 1,500 of them on the first day
    assert len(taken) <= 2_400
    first_day, age = 0, 0
    for wait in taken:
        age += wait
        first_day += age <= DAY
    assert first_day <= 1_500


@pytest.mark.parametrize("minutes", [1, 7, 1_420, 525_000])
def test_the_last_wait_ends_exactly_at_the_deadline(minutes):
    assert sum(waits(minutes * 60)) == minutes * 60


@given(
    age=st.floats(0, 400 * DAY), remaining=st.floats(0.001, 400 * DAY), polls=st.integers(0, 2_400)
)
def test_a_wait_is_at_least_10_seconds_and_passes_the_deadline_by_less_than_one(
    age, remaining, polls
):
    wait = wait_seconds(age=age, remaining=remaining, polls=polls)
    assert 1 <= wait < remaining + 1
    assert wait >= min(10, remaining)


@given(st.floats(0, DAY - 1), st.floats(0, 3_600))
def test_on_the_first_day_a_later_wait_is_never_shorter(age, later):
    far = 2 * DAY
    if age + later < DAY:
        assert wait_seconds(age=age + later, remaining=far, polls=0) >= wait_seconds(
            age=age, remaining=far, polls=0
        )


@pytest.mark.parametrize(
    "age, expected",
    [
        (0, 10),
        (100, 10),
        (300, 30),
        (600, 60),
        (3_600, 60),
        (5_400, 90),
        (7_200, 120),
        (80_000, 120),
        (DAY, 600),
    ],
)
def test_the_wait_grows_with_the_age(age, expected):
    assert wait_seconds(age=age, remaining=7 * DAY, polls=0) == expected
