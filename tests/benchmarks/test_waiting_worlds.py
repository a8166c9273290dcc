from __future__ import annotations

import math
from statistics import mean, median, pstdev

import pytest

from benchmarks.waiting.worlds import PERSON_MOST, waits_of


def test_a_wait_does_not_depend_on_the_number_of_waits():
    twelve = waits_of("approvals", 12)

    assert waits_of("approvals", 3) == twelve[:3]
    assert waits_of("approvals", 12, first=3) == twelve[3:]


def test_without_history_the_targets_are_the_same():
    with_history, without = waits_of("history", 5), waits_of("no-history", 5)

    assert [wait.target for wait in without] == [wait.target for wait in with_history]
    assert {len(wait.earlier) for wait in with_history} == {20}
    assert {len(wait.earlier) for wait in without} == {0}


def test_the_median_pipeline_takes_12_minutes_and_one_in_seven_executions_fails():
    waits = waits_of("history")
    usual = [math.log(sum(wait.pipeline.means)) for wait in waits]
    passages = [passage for wait in waits for passage in (*wait.earlier, wait.target)]

    assert math.exp(median(usual)) == pytest.approx(12 * 60, rel=0.1)
    assert pstdev(usual) == pytest.approx(0.8, rel=0.1)
    assert mean(passage.failed for passage in passages) == pytest.approx(0.15, rel=0.1)


def test_an_approval_takes_hours_in_half_of_the_waits_and_never_a_day():
    waits = waits_of("approvals", 200)
    asked = [dict(wait.target.steps) for wait in waits if wait.pipeline.approval]
    taken = [steps["Approve"] for steps in asked if "Approve" in steps]

    assert len(asked) == 100
    assert median(taken) == pytest.approx(3 * 3600, rel=0.3)
    assert max(taken) < PERSON_MOST
