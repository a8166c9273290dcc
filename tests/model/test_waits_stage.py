from __future__ import annotations

import pytest

from tests.model.bounds import REPLAYED_WAITS
from tests.model.orders import WAIT_ORDERS
from tests.model.search import Graph
from tests.model.waits_stage import WaitsTheater


@pytest.fixture(scope="module")
def deployment():
    return {"LocalPipelineNames": "web"}


@pytest.fixture(scope="module")
def theater(shared_company):
    return WaitsTheater(shared_company)


@pytest.mark.long
@pytest.mark.parametrize("bounds", REPLAYED_WAITS)
def test_the_state_machine_and_wake_take_every_step_of_the_small_model(theater, bounds):
    graph = Graph(REPLAYED_WAITS[bounds])

    for trace in graph.traces():
        theater.play(graph.first, trace)


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(each, id=str(each), marks=pytest.mark.interleaving(each.row))
        for each in WAIT_ORDERS
    ],
)
def test_the_state_machine_and_wake_handle_an_order_of_events(theater, order):
    theater.play(order.model.initial(), order.trace)
