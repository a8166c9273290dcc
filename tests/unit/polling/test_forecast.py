"""When an execution may end, as far as its pipeline's history and its progress show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepipeline_orchestrator.model.documents import from_document
from codepipeline_orchestrator.model.progress import Progress
from codepipeline_orchestrator.polling.forecast import (
    Ending,
    Forecast,
    forecast,
    of_unknown,
    step_is_over,
)
from codepipeline_orchestrator.polling.pace import Pace, Step

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
PACE = Pace(
    (Step("Source", "Git", 10, 2), Step("Build", "Make", 100, 10), Step("Deploy", "Put", 300, 20)),
    0.15,
)
UNKNOWN = 600.0


def after(seconds):
    return START + timedelta(seconds=seconds)


def inside(stage, name, since, seen, **more):
    """Where it stands: in this action, begun and seen so many seconds after the start."""
    latest = {"action": name, "since": after(since).isoformat()}
    return {
        "stage": stage,
        "actions": [name],
        "latest": latest,
        "seen": after(seen).isoformat(),
    } | more


def progress(document):
    return from_document(Progress, document) if document else None


def expected(where, now, pace=PACE, started=0):
    start = None if started is None else after(started)
    return forecast(pace, progress(where), started=start, now=after(now))


def median_of(made):
    """When half of what is expected will have ended, to the second."""
    half = made.later_than(0) / 2
    return next(seconds for seconds in range(100_000) if made.later_than(seconds) <= half)


@pytest.mark.parametrize("where", [None, {}])
def test_before_it_is_seen_anywhere_all_steps_are_to_come(where):
    assert median_of(expected(where, 0)) == pytest.approx(410, abs=10)
    assert median_of(expected(where, 60)) == pytest.approx(350, abs=10)


def test_from_an_action_on_its_step_and_the_later_ones_are_to_come():
    made = expected(inside("Build", "Make", 500, 500), 520)
    assert median_of(made) == pytest.approx(380, abs=10)


def test_it_may_fail_at_the_end_of_each_step():
    # given a pipeline of which 15 % fail, in any of its three steps
    made = expected(inside("Build", "Make", 10, 10), 10)

    # then it may end with this one, and otherwise ends with the last
    assert [each.mean for each in made.endings] == [pytest.approx(100), pytest.approx(400)]
    assert made.endings[0].share == pytest.approx(0.05, abs=0.001)
    assert made.endings[1].share == pytest.approx(0.94, abs=0.001)


def test_the_later_an_end_is_the_less_exactly_it_is_known():
    made = expected(inside("Source", "Git", 0, 0), 0)
    spreads = [each.spread for each in made.endings]
    assert spreads == sorted(spreads)
    assert spreads[-1] == pytest.approx((2**2 + 10**2 + 20**2) ** 0.5, rel=0.01)


def test_a_step_that_still_runs_late_is_expected_to_end_soon():
    # given an action that usually takes 300 seconds, and was seen running after 320
    made = expected(inside("Deploy", "Put", 110, 430), 430)

    # then
    (end,) = made.endings
    assert 0 < end.mean < 20


def test_what_is_overdue_beyond_all_measure_is_not_known_any_more():
    made = expected(inside("Deploy", "Put", 110, 4_110), 4_110)
    assert sum(end.share for end in made.endings) < 1e-6
    assert made.unknown == 4_000 + 300


@pytest.mark.parametrize(
    "where",
    [
        {"stage": "Deploy", "actions": []},
        {"stage": "Deploy", "behind": "another"},
        {"stage": "Deploy", "waits": True},
        inside("Deploy", "Renamed", 110, 120),
        inside("Renamed", "Put", 110, 120),
    ],
)
def test_where_the_history_does_not_help_its_age_is_all_there_is(where):
    assert expected(where, 130) == of_unknown(130)


def test_without_a_history_its_age_is_all_there_is():
    assert expected(inside("Deploy", "Put", 110, 120), 130, pace=None) == of_unknown(130)
    assert expected(None, 130, pace=None, started=None) == of_unknown(0)
    assert expected(None, 130, started=None) == of_unknown(0)


def test_an_execution_whose_start_is_not_known_is_known_by_its_action():
    where = inside("Deploy", "Put", 110, 120)
    assert expected(where, 130, started=None) == expected(where, 130)


@pytest.mark.parametrize("pace", [PACE, None])
@pytest.mark.parametrize(
    "where, waited",
    [
        ({"stage": "S", "approval": {"action": "A", "since": START.isoformat()}}, 7_200),
        ({"stage": "S", "approval": {"action": "A"}}, 0),
        ({"stage": "S", "approval": {"action": "A", "since": after(9_000).isoformat()}}, 0),
        ({"stage": "S", "transition": {"since": "2020-01-01T00:00:00+00:00"}}, 0),
    ],
)
def test_who_waits_for_people_has_patience(where, waited, pace):
    made = expected(where, 7_200, pace=pace)
    assert made == Forecast(unknown=waited + UNKNOWN, patience=200.0)


def test_the_unknown_takes_the_longer_the_longer_it_has_taken():
    assert median_of(of_unknown(0)) < median_of(of_unknown(600)) < median_of(of_unknown(6_000))


def test_a_clock_that_is_ahead_gives_no_younger_age_than_none():
    assert of_unknown(-100_000) == of_unknown(0)


@pytest.mark.parametrize(
    "seconds, about", [(60, True), (80, True), (140, True), (59, False), (141, False)]
)
def test_near_the_end_is_within_two_spreads(seconds, about):
    made = Forecast((Ending(0.05, 10, 1), Ending(0.9, 100, 20)))
    assert made.ends_about(seconds) is about


def test_no_end_is_near_when_it_may_come_in_any_of_many_minutes():
    assert of_unknown(0).ends_about(0) is False
    assert Forecast((Ending(0.9, 4_000, 300),)).ends_about(4_000) is True
    assert Forecast((Ending(0.9, 4_000, 301),)).ends_about(4_000) is False


# --- whether a step is over ---


def over(now, since=0, seen=0, pace=PACE, **more):
    return step_is_over(pace, progress(inside("Build", "Make", since, seen, **more)), after(now))


@pytest.mark.parametrize("now, is_over", [(0, False), (100, False), (105, False), (106, True)])
def test_a_step_is_over_when_it_has_taken_longer_than_usual(now, is_over):
    assert over(now) is is_over


def test_what_is_overdue_is_asked_for_less_and_less_often():
    # given a step of usually 100 seconds that goes on for a day
    asked = [0]
    for now in range(0, 86_400, 30):
        if over(now, seen=asked[-1]):
            asked.append(now)

    # then
    between = [later - earlier for earlier, later in pairwise(asked)]
    assert all(later >= earlier - 30 for earlier, later in pairwise(between[1:]))
    assert between[-1] > 3_600
    assert len(asked) < 90


@pytest.mark.parametrize(
    "pace, where",
    [
        (None, inside("Build", "Make", 0, 0)),
        (PACE, None),
        (PACE, {}),
        (PACE, {"stage": "Build", "behind": "another"}),
        (PACE, inside("Build", "Renamed", 0, 0)),
        (PACE, inside("Build", "Make", 0, 0, approval={"action": "Make"})),
        (PACE, {"stage": "Build", "transition": {}}),
    ],
)
def test_of_people_and_what_is_not_known_it_cannot_be_told(pace, where):
    assert step_is_over(pace, progress(where), after(9_999)) is None


# --- whatever the figures ---

STEPS = st.lists(
    st.builds(
        Step, st.just("S"), st.sampled_from("ABC"), st.integers(0, 10**6), st.integers(1, 10**6)
    ),
    min_size=1,
    max_size=30,
)
PACES = st.none() | st.builds(Pace, STEPS.map(tuple), st.floats(0, 0.999))
YEAR = 366 * 86_400
MOMENTS = st.integers(-YEAR, YEAR)
PLACES = st.sampled_from([None, {}, {"stage": "S", "waits": True}]) | st.builds(
    inside, st.just("S"), st.sampled_from("ABCD"), MOMENTS, MOMENTS
)


@given(PACES, PLACES, MOMENTS, st.lists(st.floats(0, 10**7), min_size=1))
def test_a_forecast_is_one_whatever_the_figures(pace, where, now, seconds):
    # when clocks differ, steps take no time, or months have passed
    made = expected(where, now, pace=pace)

    # then the shares are shares, and what is left never grows and is never nothing
    assert all(0 <= each.share <= 1 and each.spread > 0 for each in made.endings)
    assert 0 < made.surprises + sum(each.share for each in made.endings) <= 1 + 1e-9
    later = [made.later_than(each) for each in sorted(seconds)]
    assert all(0 < after <= before * (1 + 1e-12) for before, after in pairwise(later))
    assert later[0] <= 1 + 1e-9


@given(PACES, PLACES, MOMENTS)
def test_whether_a_step_is_over_can_always_be_asked(pace, where, now):
    assert step_is_over(pace, progress(where), after(now)) in {True, False, None}
