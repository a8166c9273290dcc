"""The bounds of the waiting policy whatever is forecast, and its law where nothing binds it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepipeline_orchestrator.polling.forecast import Ending, Forecast, of_unknown
from codepipeline_orchestrator.polling.interval import LONGEST_WAIT, wait_seconds

DAY = 24 * 3600
AT_ONCE = Forecast(unknown=1.0)  # asks for a poll every 5 seconds, the most there are


class Steady:
    """An end that is as likely at any moment as at any other."""

    patience = 1.0

    def __init__(self, hazard):
        self.hazard = hazard

    def later_than(self, seconds):
        return math.exp(-self.hazard * seconds)


def wait(forecast: Any, *, age=0.0, remaining=10.0 * DAY, polls=1, poll_cost=0.3):
    return wait_seconds(forecast, age=age, remaining=remaining, polls=polls, poll_cost=poll_cost)


def polls(deadline, forecast, poll_cost=0.3):
    """The moments of all polls of a run whose target never ends; the first is at its start."""
    taken, age = [0], 0
    while age < deadline:
        age += wait(
            forecast, age=age, remaining=deadline - age, polls=len(taken), poll_cost=poll_cost
        )
        taken.append(age)
    return taken


@pytest.mark.parametrize("minutes", [1, 5, 60, 1_420, 1_440, 2_880, 10_080, 86_400, 525_000])
@pytest.mark.parametrize("forecast", [AT_ONCE, of_unknown(0)])
def test_the_history_has_room_for_all_polls_until_any_deadline(minutes, forecast):
    # when a run waits to its deadline, and always has reason to poll
    taken = polls(minutes * 60, forecast, poll_cost=0.01)

    # then there are at most 2,400 polls in all, 1,500 of them on the first day
    assert len(taken) <= 2_400
    assert sum(at < DAY for at in taken) <= 1_500


def test_the_first_polls_may_come_as_fast_as_they_want_and_then_one_a_minute():
    taken = polls(7_200, AT_ONCE)
    assert taken[:4] == [0, 5, 10, 15]
    assert [at for at in taken if at >= 6_900][1:] == [*range(6_976, 7_200, 64), 7_200]


@pytest.mark.parametrize("minutes", [1, 7, 1_420, 525_000])
def test_the_last_wait_ends_exactly_at_the_deadline(minutes):
    assert polls(minutes * 60, AT_ONCE)[-1] == minutes * 60


ENDINGS = st.lists(
    st.builds(Ending, st.floats(0, 0.03), st.floats(-(10**8), 10**8), st.floats(0.1, 10**7)),
    max_size=30,
)
FORECASTS = st.builds(
    Forecast,
    ENDINGS.map(tuple),
    st.floats(1, 10**9),
    st.floats(0.01, 1.0),
    st.sampled_from([1.0, 16.0]),
)


@given(
    FORECASTS,
    st.floats(-3_600, 400 * DAY),
    st.floats(0.001, 400 * DAY),
    st.integers(0, 2_500),
    st.floats(0.01, 60),
)
def test_a_wait_is_at_least_5_seconds_and_passes_the_deadline_by_less_than_one(
    forecast, age, remaining, polls, poll_cost
):
    taken = wait(forecast, age=age, remaining=remaining, polls=polls, poll_cost=poll_cost)
    assert 1 <= taken < remaining + 1
    assert taken >= min(5, remaining)


@given(st.lists(FORECASTS, min_size=1, max_size=5), st.floats(0.01, 1))
def test_whatever_is_forecast_a_day_has_1500_polls_at_most(forecasts, poll_cost):
    # given a run that is an hour away from its day, with all polls made that it may
    taken, age = 1 + 150 + 23 * 3_600 // 64, 23 * 3_600
    while age < DAY:
        forecast = forecasts[taken % len(forecasts)]
        age += wait(forecast, age=age, polls=taken, poll_cost=poll_cost)
        taken += 1
    assert taken <= 1_501  # the last one is over the day's end


def test_when_all_polls_are_used_up_the_last_one_is_at_the_deadline():
    assert wait(AT_ONCE, age=2 * DAY, remaining=5 * DAY, polls=2_400) == 5 * DAY
    assert wait(AT_ONCE, age=2 * DAY, remaining=5 * DAY, polls=9_999) == 5 * DAY


@pytest.mark.parametrize("age, least", [(DAY - 1, 5), (DAY, 600)])
def test_after_the_first_day_polls_are_ten_minutes_apart(age, least):
    assert wait(AT_ONCE, age=age, remaining=3_600) == least


@pytest.mark.parametrize("hazard", [1 / 100, 1 / 1_000, 1 / 10_000])
@pytest.mark.parametrize("poll_cost", [0.3, 1.2, 4.8])
def test_a_wait_follows_the_square_root_of_what_a_poll_costs_by_the_hazard(hazard, poll_cost):
    best = math.sqrt(2 * poll_cost / hazard)
    assert wait(Steady(hazard), poll_cost=poll_cost) == pytest.approx(max(5, best), rel=0.05, abs=1)


@pytest.mark.parametrize("age", [600, 3_600, 36_000])
def test_four_times_the_cost_is_about_twice_the_wait(age):
    # given a forecast that changes little meanwhile
    once, fourfold = (wait(of_unknown(age), poll_cost=cost) for cost in (0.3, 1.2))
    assert fourfold == pytest.approx(2 * once, rel=0.1)


def test_patience_counts_like_the_cost_of_a_poll():
    patient = Forecast(unknown=4_000.0, patience=16.0)
    assert wait(patient) == wait(Forecast(unknown=4_000.0), poll_cost=4.8)


@given(FORECASTS, st.floats(0.01, 10), st.floats(1, 6))
def test_the_more_a_poll_costs_the_longer_is_the_wait(forecast, cost, times):
    assert wait(forecast, poll_cost=cost * times) >= wait(forecast, poll_cost=cost)


def test_before_a_certain_end_there_is_no_poll_and_then_many():
    # given an end in 500 seconds, give or take 10
    made = Forecast((Ending(0.99, 500, 10),), 1_000.0, 1e-6)

    # then the next poll is shortly before it
    assert 465 <= wait(made) <= 485
    near = Forecast((Ending(0.99, 5, 10),), 1_000.0, 0.01)
    assert wait(near) == 5


def test_no_wait_is_longer_than_a_quarter_of_an_hour_unless_polls_are_few():
    assert wait(Steady(0.0)) == LONGEST_WAIT
    assert wait(Steady(1e-12)) == LONGEST_WAIT


def test_a_longer_time_of_the_unknown_makes_a_longer_wait():
    waits = [wait(of_unknown(age)) for age in (0, 60, 600, 3_600, 7_200, 36_000, 360_000)]
    assert waits == sorted(waits)
    assert waits[0] < 15
    assert waits[-1] > 300
