from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from docs import scaling_tables
from docs.generate import SCALING
from docs.quotas import QUOTAS
from docs.scaling_tables import first_limit, most_waits, rates, use, with_scaling

REQUESTS = next(quota for quota in QUOTAS if quota.unit == "/s" and quota.published)
ONE_EACH_MINUTE = dict.fromkeys(REQUESTS.counts, 60.0)


def test_the_tables_match_the_results_and_the_quotas():
    page = SCALING.read_text("utf-8")
    assert page.count("made by `make generate`") == 3
    assert with_scaling(page) == page, "run `make generate`"


def test_every_rate_that_a_quota_limits_is_measured():
    measured = rates()
    assert [quota.name for quota in QUOTAS if most_waits(quota, measured) == math.inf] == []


def test_requests_grow_in_proportion_to_the_waits():
    assert use(REQUESTS, ONE_EACH_MINUTE, 60) == pytest.approx(1)
    assert use(REQUESTS, ONE_EACH_MINUTE, 6_000) == pytest.approx(100)


def test_concurrency_depends_on_the_duration_of_invocations():
    concurrent = replace(REQUESTS, unit="concurrent", counts=("lambda_invocations",))
    assert use(concurrent, {"lambda_invocations": 3_600.0}, 1) == pytest.approx(0.5)


def test_a_quota_allows_as_many_waits_as_fit_into_it():
    assert most_waits(REQUESTS, ONE_EACH_MINUTE) == pytest.approx(REQUESTS.limit * 60)


def test_the_first_limit_is_the_one_that_is_reached_with_the_fewest_waits(monkeypatch):
    strict = replace(REQUESTS, name="strict", limit=1)
    monkeypatch.setattr(scaling_tables, "QUOTAS", (REQUESTS, strict))
    assert first_limit(ONE_EACH_MINUTE, 60) is None
    assert first_limit(ONE_EACH_MINUTE, 100_000) == strict


def test_the_largest_measured_rate_of_the_product_is_used(monkeypatch):
    more: dict[str, Any] = {
        "lambda_invocations_per_hour": 1,
        "state_transitions_per_hour": 1,
    }
    woken: dict[str, Any] = {
        "policy": "orchestrator",
        "calls_per_hour": {"a": 3.0},
        "aws_calls_per_hour": 5,
    }
    polling: dict[str, Any] = {
        "policy": "orchestrator-polls",
        "calls_per_hour": {"a": 2.0, "b": 1.0},
    }
    polling = {**polling, "aws_calls_per_hour": 7}
    waits: dict[str, Any] = {"policy": "orchestrator", "world": "history", "aws_calls_per_hour": 9}
    other = {**waits, "policy": "waiter", "aws_calls_per_hour": 99}
    results = {
        "scale.json": [woken | more, polling | more],
        "waiting.json": [other | more, waits | more],
    }
    monkeypatch.setattr(scaling_tables, "_result", results.__getitem__)
    assert rates() == {
        "a": 3.0,
        "b": 1.0,
        "aws_calls": 9,
        "lambda_invocations": 1,
        "state_transitions": 1,
    }
