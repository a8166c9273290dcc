from __future__ import annotations

from collections import Counter

import pytest

from tests.simulation import coverage, safeguards, situations, weather
from tests.simulation.events import SETTINGS, Events
from tests.simulation.simulation import Report, simulate
from tests.simulation.sites import CALLS, Point, points, rare_points

# These seeds cover each situation and each setting of the events at least once.
WORLDS = [(seed, SETTINGS[seed % len(SETTINGS)]) for seed in range(7)]

# Worlds in which the simulation notices a missing safeguard, found with
# `make soak WITHOUT=...`.
NOTICED: dict[str, tuple[int, Events, str]] = {
    "adoption": (110, "half", "targets_start_once"),
    "second-poll": (60, "on", "a_failure_is_final"),
    "decisions": (0, "on", "no_decision_is_retried"),
    "comparison": (4, "reordered", "inputs_are_honored"),
    "replacement": (1, "off", "restarts_are_followed"),
    "short-list": (5, "late", "outcomes_are_true"),
    "one-attempt": (12, "on", "runs_keep_their_deadlines"),
    "ended-action": (3, "doubled", "only_requested_stops_happen"),
    "confirmation": (286, "reordered", "nothing_starts_for_an_ended_action"),
    "next-number": (1189, "off", "every_action_ends"),
    "if-not-exists": (8, "half", "every_action_ends"),
    "status-after-filing": (10, "reordered", "every_action_ends"),
    "announced": (1, "on", "announced_ends_are_reported_fast"),
    "turn": (29, "off", "one_run_starts_an_idle_target"),
    "event-age": (2306, "half", "nothing_begins_too_late"),
    "close-job": (7, "off", "every_action_ends"),
    "start-identity": (3, "doubled", "targets_start_once"),
    "secret-filter": (0, "on", "no_credential_is_written"),
}


@pytest.mark.parametrize("seed, events", WORLDS)
def test_no_promise_is_broken_whatever_goes_wrong(seed, events):
    report = simulate(seed, events=events)
    assert report.violations == [], report.replay()
    # Every call that the functions make is in the list of calls that faults can strike.
    assert report.reached <= {(name, call) for name, calls in CALLS.items() for call in calls}


@pytest.mark.parametrize("name", safeguards.NAMES)
def test_without_a_safeguard_a_promise_is_broken(name):
    seed, events, invariant = NOTICED[name]
    with safeguards.off(name):
        report = simulate(seed, events=events, prepare=safeguards.spoil(name))
    assert invariant in {violation.partition(":")[0] for violation in report.violations}


def test_the_same_seed_gives_the_same_world_with_a_readable_trace():
    first, second = (simulate(2, events="half", traced=True) for _ in range(2))
    assert first.trace == second.trace
    assert any("FAULT" in line for line in first.trace)
    assert any("began: " in line for line in first.trace)


def test_the_seeds_take_turns_aiming_at_every_point():
    # These are enough seeds for a few rounds. Each round aims at rare points twice.
    rounds = len(weather.aims(0))
    seeds = len(points()) + len(rare_points())
    turns = Counter(point for seed in range(seeds) for point in weather.aims(seed))
    assert set(turns) == set(points())
    assert all(turns[each] == rounds * (2 if each in rare_points() else 1) for each in points())


def test_each_situation_and_each_setting_of_the_events_is_played():
    assert {situations.of(seed) for seed, _ in WORLDS} == set(situations.SITUATIONS)
    assert {events for _, events in WORLDS} == set(SETTINGS)
    assert any(situations.faults(seed) for seed in range(30))


def test_a_report_shows_the_command_that_replays_its_world():
    report = Report(seed=7, events="late", violations=["x"], seconds=0.0)
    assert report.replay("close-job") == "make soak SEED=7 EVENTS=late WITHOUT=close-job"


def test_a_table_marks_points_that_were_struck_too_rarely():
    struck = Counter(dict.fromkeys(points(), 20))
    seldom = Point("call", "AssumeRole", "sts:AssumeRole", "lost")
    struck[seldom] = 19

    assert coverage.rare(struck, least=20) == [seldom]
    (line,) = (line for line in coverage.table(struck, least=20) if line.startswith("AssumeRole s"))
    assert line.split()[2:] == [*["20"] * 6, "19!", "20", "20", "20"]
