"""What is read without the library is what the library says."""

import pytest
from jsonata.jexception import JException
from jsonata.jsonata import Jsonata

from sandbox.stepfunctions.language.jsonata import Bindings, Expression, evaluate, to_jsonata
from sandbox.stepfunctions.language.plain_expressions import UNDEFINED, NotPlain, plain

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
    """What the library makes of it; its errors are not read but by it."""
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
def test_what_is_read_is_what_the_library_says(text):
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
    assert read >= 9  # of the order, which only strings have here


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
def test_what_is_more_than_plain_is_left_to_the_library(text):
    with pytest.raises(NotPlain):
        plain(text, Jsonata(text).ast)


@pytest.mark.parametrize("text", ["$string", "$a", "$a = 'x'", "$exists($a)"])
def test_functions_and_what_stands_in_for_them_are_left_to_the_library(text):
    # given
    read = plain(text, Jsonata(text).ast)

    # when / then
    with pytest.raises(NotPlain):
        read({"a": Jsonata.JLambda(str), "exists": "x"})


def test_a_result_is_a_value_of_its_own():
    # given
    values = {"a": {"b": {"c": [1.0, None]}}}

    # when
    result = evaluate(Expression("$a.b", "Output"), Bindings(values))

    # then
    assert result == {"c": [1, None]}
    assert type(result["c"][0]) is int
    assert result is not values["a"]["b"]
