from __future__ import annotations

from dataclasses import fields

import pytest

from tests.model.bounds import SMALL, all_missing
from tests.model.safeguards import JobRules, WaitRules
from tests.model.search import Graph, Step, find, search


@pytest.mark.parametrize("bounds", SMALL)
def test_no_promise_is_broken_within_small_bounds(bounds):
    found = search(SMALL[bounds])

    assert found.violation is None, str(found)
    assert found.complete


@pytest.mark.parametrize("missing", list(all_missing()), ids=str)
def test_without_a_safeguard_a_promise_is_broken(missing):
    found = missing.search()

    assert found.violation is not None
    assert str(found).count("\n") == len(found.trace)


def test_each_safeguard_is_switched_off_in_one_search():
    names = [field.name for rules in (JobRules, WaitRules) for field in fields(rules)]

    assert [str(missing) for missing in all_missing()] == names


class Doors:
    """A model with two doors that open one after the other, and a way around them."""

    def initial(self):
        return 0

    def steps(self, state):
        ways = {0: [("first", 1), ("around", 3)], 1: [("second", 2)], 2: [("out", 3)], 3: []}
        return [(Step("door", what), after) for what, after in ways[state]]

    def violation(self, _, *, at_rest):
        return "outside" if at_rest else None


def test_a_violation_comes_with_its_shortest_trace():
    found = search(Doors())

    assert str(found) == "VIOLATION: outside\n   1. door: around"


def test_the_traces_of_a_graph_take_every_step():
    traces = [[step.what for step, _ in trace] for trace in Graph(Doors()).traces()]

    assert traces == [["first", "second", "out"], ["around"]]


def test_a_trace_with_the_wanted_steps_continues_to_an_end():
    trace = find(
        Doors(), lambda _, step, __: step.what == "first", lambda before, _, __: before == 1
    )

    assert [step.what for step, _ in trace] == ["first", "second", "out"]


def test_find_fails_if_no_trace_has_the_wanted_step():
    with pytest.raises(LookupError):
        find(Doors(), lambda _, step, __: step.what == "third")


def test_a_search_that_reaches_its_limit_is_incomplete():
    found = search(SMALL["waits: two runs"], limit=10)

    assert not found.complete
    assert str(found) == "no violation so far"
