from __future__ import annotations

from datetime import datetime

import pytest

from tests.statemachine.one_visit import NOW, at, known, visited

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def _pause(*, failed, age=10 * MINUTE, left=HOUR, renewal=None, later=0.0):
    run = known(
        deadline=left,
        request={"startedAt": at(-age)},
        job=None if renewal is None else {"renewAt": at(renewal)},
    )
    assigned = visited("PollLater", {}, later=later, run=run, failedPolls=failed).assign["run"]
    assert {**assigned, "pollAt": None} == {**run, "pollAt": None}
    return (datetime.fromisoformat(assigned["pollAt"]) - NOW).total_seconds()


@pytest.mark.parametrize("failed, pause", [(1, 2), (2, 4), (3, 120), (4, 120), (0, 120)])
def test_a_failed_poll_is_repeated_twice_within_seconds_and_then_every_two_minutes(failed, pause):
    assert _pause(failed=failed) == pause


@pytest.mark.parametrize(
    "age, left, pause",
    [
        (HOUR, DAY, 2 * MINUTE),  # 1/30 of the run's age
        (2 * HOUR, 10 * DAY, 4 * MINUTE),
        (2 * DAY, 10 * DAY, 12 * 216),  # at most 1/400 of the run's timeout
        (8 * DAY, 4 * DAY, 12 * 216),
    ],
)
def test_the_pauses_in_an_outage_grow_with_the_age_of_the_run(age, left, pause):
    assert _pause(failed=9, age=age, left=left) == pause


@pytest.mark.parametrize(
    "failed, left, pause",
    [(3, 50, 50), (1, 1, 1), (3, 0.001, 1), (3, 0, 2), (3, -5, 2), (1, -5, 2)],
)
def test_the_last_poll_is_at_the_deadline_or_two_seconds_later(failed, left, pause):
    assert _pause(failed=failed, left=left) == pause


@pytest.mark.parametrize(
    "renewal, pause", [(90, 90), (1, 1), (0.001, 1), (0, 120), (-5, 120), (200, 120)]
)
def test_a_job_that_is_due_earlier_shortens_the_pause(renewal, pause):
    assert _pause(failed=3, renewal=renewal) == pause


@pytest.mark.parametrize("later, pause", [(0.001, 3), (0.5, 3), (0.999, 3), (1, 3)])
def test_a_pause_is_rounded_up_to_whole_seconds(later, pause):
    assert _pause(failed=1, later=later) == pause
