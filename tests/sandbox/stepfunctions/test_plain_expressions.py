"""Plain expressions have the same results with and without the JSONata library."""

import pytest
from jsonata.jexception import JException
from jsonata.jsonata import Jsonata

from codepipeline_sandbox.stepfunctions.language.jsonata import (
    Bindings,
    Expression,
    evaluate,
    to_jsonata,
)
from codepipeline_sandbox.stepfunctions.language.plain_expressions import UNDEFINED, NotPlain, plain

VALUES = [None, True, False, "", "x", "y", 0, 1, 1.0, 1.5, {}, {"b": 1}, [], ["x"], [{"b": "x"}]]
EXPRESSIONS = [
    "$a",
    "$a.b",
    "$a.b.c",
    "$a.b = null",
    "$a.b != null",
    "$a.b = 'x'",
    "$a.b != $c",
    "$a.b = $c",
    "$a.b < $c",
    "$a.b >= $c",
    "$a.b and $c",
    "$a.b or ($c = true)",
    "$exists($a.b)",
    "$exists($a.b) ? $a.b : 60",
    "$a.b ? $c : 'otherwise'",
]


def by_library(text, values):
    program = Jsonata(text)
    program.set_output_convert_nulls(False)
    try:
        result = program.evaluate(None, {name: to_jsonata(value) for name, value in values.items()})
    except JException:
        return NotPlain
    return UNDEFINED if result is None else result


def by_reading(text, values):
    try:
        result = plain(text, Jsonata(text).ast)(values)
    except NotPlain:
        return NotPlain
    return UNDEFINED if result is UNDEFINED else to_jsonata(result)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_plain_evaluation_returns_the_librarys_result(text):
    read = 0
    for inner in VALUES:
        for other in VALUES:
            for a in ({"b": inner}, {"b": {"c": inner}}, inner):
                # given
                values = {"a": a, "c": other}

                # when
                result = by_reading(text, values)

                # then
                if result is not NotPlain:
                    read += 1
                    assert (result, type(result)) == (
                        by_library(text, values),
                        type(by_library(text, values)),
                    ), values
    assert read >= 9  # 3 x 3 pairs of strings, because only strings have an order


@pytest.mark.parametrize(
    "text",
    [
        "$a[0]",
        "$a.*",
        "$a.b[]",
        "[$a]",
        "{'x': $a}",
        "$a & 'x'",
        "$count($a)",
        "$a.(b)",
        "b",
        "1.5",
    ],
)
def test_more_complex_expressions_are_left_to_the_library(text):
    with pytest.raises(NotPlain):
        plain(text, Jsonata(text).ast)


@pytest.mark.parametrize("text", ["$string", "$a", "$a = 'x'", "$exists($a)"])
def test_expressions_with_functions_as_values_are_left_to_the_library(text):
    # given
    read = plain(text, Jsonata(text).ast)

    # when / then
    with pytest.raises(NotPlain):
        read({"a": Jsonata.JLambda(str), "exists": "x"})


def test_a_result_does_not_share_objects_with_its_variables():
    # given
    values = {"a": {"b": {"c": [1.0, None]}}}

    # when
    result = evaluate(Expression("$a.b", "Output"), Bindings(values))

    # then
    assert result == {"c": [1, None]}
    assert type(result["c"][0]) is int
    assert result is not values["a"]["b"]
