from __future__ import annotations

import pytest

from tests.model.bounds import REPLAYED
from tests.model.holding import NotAsInTheModel
from tests.model.job_world import Left
from tests.model.jobs import JobsModel
from tests.model.orders import JOB_ORDERS
from tests.model.safeguards import JobRules
from tests.model.search import Graph
from tests.model.stage import play
from tests.model.theater import Theater


@pytest.fixture(scope="module")
def theater(shared_company):
    return Theater(shared_company)


@pytest.mark.long
@pytest.mark.parametrize("bounds", REPLAYED)
def test_the_functions_take_every_step_of_the_small_model(theater, bounds):
    graph = Graph(JobsModel(REPLAYED[bounds]))

    for trace in graph.traces():
        play(theater, graph.first, trace)


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(each, id=str(each), marks=pytest.mark.interleaving(each.row))
        for each in JOB_ORDERS
    ],
)
def test_the_functions_handle_an_order_of_events(theater, order):
    play(theater, order.model.initial(), order.trace)


def test_a_difference_is_reported_with_the_trace_up_to_the_first_differing_step(theater):
    model = JobsModel(Left(renewals=1), JobRules(next_number_by_run=False))
    renewed = [
        trace
        for trace in Graph(model).traces()
        if any("makes j2" in step.what for step, _ in trace)
    ]

    with pytest.raises(NotAsInTheModel, match=r"makes j2 with number 1: .*Job\(.*n=2\)") as caught:
        play(theater, model.initial(), renewed[0])

    lines = str(caught.value).splitlines()
    assert lines[1].startswith("   1. Lambda: delivers j1")
    assert lines[-1].endswith("CodePipeline: makes j2 with number 1")
