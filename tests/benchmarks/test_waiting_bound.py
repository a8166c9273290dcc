from __future__ import annotations

import itertools
from random import Random

import pytest

from benchmarks.waiting import bound, durations, worlds
from benchmarks.waiting.bound import Grid, best_looks, expected
from benchmarks.waiting.measured import Expected


def small_grid(random, size):
    times = [0.0, *sorted(float(each) for each in random.sample(range(1, 60), size))]
    return Grid(times, [*sorted(random.random() for _ in range(size)), 1.0])


def cost(grid, looks, price):
    means = expected(grid, looks)
    return means.delay + price * means.polls


@pytest.mark.parametrize("seed", range(20))
def test_no_schedule_of_polls_on_a_small_grid_is_better_than_the_bound(seed):
    random = Random(seed)  # noqa: S311 - repeatable on purpose
    grid = small_grid(random, size=random.randint(1, 7))
    *between, last = range(1, len(grid.times))

    for price in (0.1, 1, 5, 30):
        found = cost(grid, best_looks(grid, price), price)

        lists = (
            [*chosen, last]
            for many in range(len(between) + 1)
            for chosen in itertools.combinations(between, many)
        )
        assert found == pytest.approx(min(cost(grid, looks, price) for looks in lists))


def test_the_delay_of_a_single_final_poll_is_the_mean_remaining_time():
    # The end of the target is uniformly distributed over 10 seconds.
    grid = Grid([0.0, 5.0, 10.0], [0.0, 0.5, 1.0])

    assert expected(grid, [2]) == Expected(delay=5.0, polls=1.0)
    assert expected(grid, [1, 2]) == Expected(delay=2.5, polls=1.5)


@pytest.mark.parametrize("approval", [False, True])
def test_the_distribution_matches_the_executions_that_the_worlds_draw(approval):
    pipeline = worlds.Pipeline((60.0, 200.0, 90.0, 300.0), approval)
    random = Random(7)  # noqa: S311 - repeatable on purpose
    drawn = sorted(worlds.passage(random, pipeline).duration for _ in range(2_000))

    cdf = durations.distribution(pipeline)

    # Kolmogorov-Smirnov test: a larger difference has a probability of 1 in 1,000.
    apart = max(abs(cdf(each) - (rank + 0.5) / 2_000) for rank, each in enumerate(drawn))
    assert apart < 1.95 / 2_000**0.5
    assert cdf(durations.longest(pipeline)) == pytest.approx(1)


def short_waits():
    random = Random(1)  # noqa: S311 - repeatable on purpose
    for number in range(12):
        pipeline = worlds.Pipeline((10.0, 20.0, 30.0, random.uniform(20, 200)), approval=False)
        yield worlds.Wait(number, pipeline, (), worlds.passage(random, pipeline))


def test_more_expensive_polls_mean_fewer_polls_and_a_later_end():
    waits = list(short_waits())

    cheap, dear = (bound.at_price(waits, price) for price in (0.5, 8))

    assert polls(cheap) > 2 * polls(dear)
    assert delay(cheap) < delay(dear)


def test_the_bound_makes_as_many_polls_as_allowed():
    waits = list(short_waits())

    found = bound.with_polls(waits, 5)

    assert found.expected is not None
    assert found.expected.polls == pytest.approx(5, abs=0.1)
    assert sum(found.calls.values()) == pytest.approx(5 * len(waits), abs=1)


def test_the_bound_on_a_sample_matches_its_expectation():
    random = Random(3)  # noqa: S311 - repeatable on purpose
    pipeline = worlds.Pipeline((10.0, 20.0, 30.0, 60.0), approval=False)
    targets = [worlds.passage(random, pipeline) for _ in range(1_500)]

    answers = bound.at_price([worlds.Wait(0, pipeline, (), each) for each in targets], 2.0)

    assert answers.expected is not None
    assert delay(answers) / 1_500 == pytest.approx(answers.expected.delay, rel=0.1)
    assert polls(answers) / 1_500 == pytest.approx(answers.expected.polls, rel=0.05)


def polls(measured):
    return sum(answer.polls for answer in measured.answers)


def delay(measured):
    return sum(answer.delay for answer in measured.answers)
