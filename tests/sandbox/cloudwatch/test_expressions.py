"""Metric math: how expressions combine time series."""

from __future__ import annotations

import pytest

from codepipeline_sandbox.cloudwatch.expressions import NotCalculated, calculate

NAMED: dict[str, list[float | None]] = {
    "a": [1.0, None, 3.0],
    "b": [None, None, 4.0],
    "c": [2.0, 0.0, 1.0],
}


@pytest.mark.parametrize(
    "expression, result",
    [
        ("a", [1, None, 3]),
        ("a + b", [None, None, 7]),  # a missing value makes the result missing
        ("a - 1", [0, None, 2]),
        ("2 * c + 1", [5, 1, 3]),
        ("2 * (c + 1)", [6, 2, 4]),
        ("-c - 1 - 1", [-4, -2, -3]),
        ("12 / c / 2", [3, None, 6]),  # division by 0 makes the result missing
        ("FILL(a, 0)", [1, 0, 3]),
        ("FILL(b, -1.5)", [-1.5, -1.5, 4]),
        ("FILL(a, REPEAT)", [1, 1, 3]),
        ("FILL(b, REPEAT)", [None, None, 4]),
        ("FILL(a, 0) + FILL(b, 0)", [1, 0, 7]),
        ("FILL(a + b, 0)", [0, 0, 7]),
        ("c >= 1", [1, 0, 1]),
        ("c < 1", [0, 1, 0]),
        ("c == 0", [0, 1, 0]),
        ("c != 0", [1, 0, 1]),
        ("IF(c > 1, 10, 20)", [10, 20, 20]),
        ("IF(c > 1, a)", [1, None, None]),
        ("IF(c <= 1, FILL(a, 0), c)", [2, 0, 3]),
        ("100 * FILL(b, 0) / IF(c, c, 1)", [0, 0, 400]),
    ],
)
def test_an_expression_combines_time_series(expression, result):
    assert calculate(expression, NAMED) == result


@pytest.mark.parametrize(
    "expression, words",
    [
        ("SUM([a, b])", "does not support 'SUM'"),
        ("RATE(a)", "does not support 'RATE'"),
        ("METRICS()", "does not support 'METRICS'"),
        ("a && b", "does not support '&'"),
        ("[a, b]", r"does not support '\['"),
        ("a ^ 2", r"does not support '\^'"),
        ("d", "does not support 'd'"),
        ("a b", "does not support 'b'"),
        ("FILL", "does not support 'FILL'"),
        ("FILL(a, LINEAR)", "does not support 'LINEAR'"),
        ("FILL(1, 0)", "FILL takes a time series"),
        ("FILL(a, b)", "FILL takes a time series and a number"),
        ("FILL(a 0)", "'0' where ',' is expected"),
        ("IF(1, a, b)", "the condition of IF must be a time series"),
        ("a > 0", "compares a missing value"),
        ("a +", "ends too early"),
        ("(a", "ends too early"),
        ("1 + 2", "an alarm needs a time series"),
    ],
)
def test_unsupported_syntax_is_refused_by_name(expression, words):
    with pytest.raises(NotCalculated, match=words):
        calculate(expression, NAMED)
