from __future__ import annotations

import pytest
from jsonata.jsonata import Jsonata

from tests.mutation import expressions


def _changed(text):
    return [change.applied(text) for change in expressions.of(text)]


@pytest.mark.parametrize(
    "text, changed",
    [
        ("$a = $b", ["$a != $b"]),
        ("$a < $b", ["$a <= $b", "$a > $b"]),
        ("$a and $b", ["$a or $b"]),
        ("$a + $b", ["$a - $b"]),
        ("$a / -$b", ["$a * -$b"]),
        ("$min([$a, $b])", ["$max([$a, $b])", "$min([ $b])", "$min([$a])"]),
        ("$a + 180000", ["$a - 180000", "$a + 1800000", "$a + 90000"]),
        ("$a > 0", ["$a >= 0", "$a < 0", "$a > 1"]),
        ("'stop'", ["'changed'"]),
        ("$a in ['x', 'y', 'z']", ["$a in [ 'y', 'z']", "$a in ['x', 'z']", "$a in ['x', 'y']"]),
        ("$sum([0, $a])", ["$sum([0])", "$sum([1, $a])"]),
        ("$not($a)", ["($a)"]),
        ("$a ? $b : $c", ["$a ? $c : $b"]),
        ("{'a': $b ? $c : $d, 'e': true}", None),
        ("$a ? ($b ? $c : $d) : $e", ["$a ? $e : ($b ? $c : $d)", "$a ? ($b ? $d : $c) : $e"]),
        ("$a ? $b : $c ? $d : $e", ["$a ? $c ? $d : $e : $b", "$a ? $b : $c ? $e : $d"]),
        ("[$a, $b > 1 ? $b, $c ? $d : $e]", None),
        ("$exists($a.b) or $c", ["$not($exists($a.b)) or $c", "$exists($a.b) and $c"]),
        ("$exists($a) ? $a : null", ["$exists($a) ? null : $a"]),
        ("$a[0]", ["$a[1]"]),
        (
            "$substring($a, 0, 9)",
            ["$substring($a, 1, 9)", "$substring($a, 0, 90)", "$substring($a, 0, 4)"],
        ),
    ],
)
def test_each_part_of_an_expression_is_changed(text, changed):
    assert changed is None or _changed(text) == changed
    for each in _changed(text):
        Jsonata(each)


def test_object_keys_are_changed_and_conditional_values_are_swapped():
    assert _changed("{'a': $b ? $c : $d, 'e': true}") == [
        "{'changed': $b ? $c : $d, 'e': true}",
        "{'a': $b ? $d : $c, 'e': true}",
        "{'a': $b ? $c : $d, 'changed': true}",
        "{'a': $b ? $c : $d, 'e': false}",
    ]


def test_a_name_shows_the_context_of_a_token_that_occurs_twice():
    shown = [change.shown for change in expressions.of("$a.b = 1 or $c.d = $e")]
    assert shown == [
        "= -> != at `$a.b = 1 or $c`",
        "1 -> 10",
        "1 -> 0",
        "or -> and",
        "= -> != at `$c.d = $e`",
    ]
