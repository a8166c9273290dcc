from __future__ import annotations

import pytest

from benchmarks.waiting import cold
from benchmarks.waiting.prices import PRICES, Billed
from benchmarks.waiting.request_units import NotPriced, billed


@pytest.mark.parametrize(
    "operation, before, after, units",
    [
        ("PutItem", 0, 300, Billed(writes=1)),
        ("UpdateItem", 1_024, 1_024, Billed(writes=1)),
        ("UpdateItem", 2_000, 100, Billed(writes=2)),  # the larger of the two items
        ("UpdateItem", 100, 2_049, Billed(writes=3)),
        ("UpdateItem", 0, 0, Billed(writes=1)),  # a write whose condition was not met
        ("DeleteItem", 1_500, 0, Billed(writes=2)),
        ("GetItem", 4_096, 4_096, Billed(reads=1)),
        ("GetItem", 4_097, 4_097, Billed(reads=2)),
        ("GetItem", 0, 0, Billed(reads=1)),
    ],
)
def test_a_call_is_charged_by_the_size_of_its_item(operation, before, after, units):
    assert billed(operation, before=before, after=after, consistent=True) == units


def test_an_eventually_consistent_read_costs_half():
    assert billed("GetItem", before=9, after=9, consistent=False) == Billed(reads=0.5)


def test_a_call_without_a_price_is_an_error():
    with pytest.raises(NotPriced):
        billed("Scan", before=0, after=0, consistent=False)


def test_each_price_names_its_source():
    assert all(price.each > 0 and price.source.startswith("https://") for price in PRICES)


def test_the_delay_of_a_single_wait_includes_hops_and_cold_starts_and_calls():
    start = {"first_ms": 200.0, "calls": ["sts:AssumeRole", "codepipeline:GetPipelineExecution"]}
    measured = dict.fromkeys(("wake", "get_state_end", "report_job_result"), start)

    assert cold.seconds(measured) == pytest.approx(2 * 0.5 + 3 * 0.2 + 6 * 0.02)
