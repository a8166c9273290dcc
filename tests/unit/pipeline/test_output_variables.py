from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepipeline_orchestrator.aws.answers import ActionDetail, read_answer
from codepipeline_orchestrator.pipeline.output_variables import (
    MOST_BYTES,
    as_many,
    asked_for,
    handed_back,
)


def made(namespace, **variables):
    document = {"input": {"namespace": namespace}, "output": {"outputVariables": variables}}
    return read_answer(ActionDetail, document)


def test_the_newest_action_of_a_namespace_wins():
    actions = [made("Build", VERSION="2"), made("Test", A="x"), made("Build", VERSION="1", OLD="y")]
    found = asked_for(["Build.VERSION", "Build.OLD", "Test.A", "No.A"], actions)
    assert found == {"Build.VERSION": "2", "Test.A": "x"}


def test_an_action_without_variables_does_not_hide_older_ones():
    actions = [made("Build"), ActionDetail(), made("Build", VERSION="1")]
    assert asked_for(["Build.VERSION"], actions) == {"Build.VERSION": "1"}


def test_a_variable_that_is_too_large_for_a_result_is_omitted_and_the_others_are_kept():
    actions = [made("A", SMALL="s", LARGE="x" * 49_990, LAST="z")]
    assert list(asked_for(["A.SMALL", "A.LARGE", "A.LAST"], actions)) == ["A.SMALL", "A.LAST"]


@pytest.mark.parametrize("more, names", [(0, ["A.B"]), (1, [])])
def test_requested_variables_may_take_50000_bytes_of_json(more, names):
    value = "x" * (50_000 - len('"A.B"') - len('""') + more)
    assert list(asked_for(["A.B"], [made("A", B=value)])) == names


def test_names_contain_no_dot_and_built_in_variables_take_precedence():
    assert handed_back({"outcome": "Succeeded", "a_b": "ours"}, {"a.b": "theirs", "x.y": "1"}) == {
        "outcome": "Succeeded",
        "a_b": "ours",
        "x_y": "1",
    }


def test_output_variables_stay_within_the_limit_of_an_action():
    exact = "x" * (MOST_BYTES - len("a") - len("b_c"))
    assert "b_c" in handed_back({"a": ""}, {"b.c": exact})
    assert "b_c" not in handed_back({"a": ""}, {"b.c": f"{exact}x"})
    assert MOST_BYTES == 122_880


@pytest.mark.parametrize("value", ["ä", "\ud800"])
def test_the_limit_counts_bytes_and_not_characters(value):
    size = 2 if value == "ä" else 1
    assert as_many({"n": value}, 1 + size) == {"n": value}
    assert as_many({"n": value}, size) == {}


@given(
    st.dictionaries(st.text(max_size=20), st.text(max_size=300), max_size=30), st.integers(0, 900)
)
def test_the_kept_variables_keep_their_order_and_stay_within_the_limit(variables, most):
    kept = as_many(variables, most)
    assert sum(len((name + value).encode()) for name, value in kept.items()) <= most
    assert list(kept.items()) == [item for item in variables.items() if item[0] in kept]


@given(st.lists(st.text(max_size=30_000), min_size=1, max_size=5))
def test_requested_variables_leave_room_in_a_result(values):
    actions = [made(f"N{n}", V=value) for n, value in enumerate(values)]
    found = asked_for([f"N{n}.V" for n in range(len(values))], actions)
    assert len(json.dumps(found)) <= 50_500
