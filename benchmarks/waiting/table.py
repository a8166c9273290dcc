"""Format the figures as a table."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.waiting.figures import Figures

COLUMNS = {
    "policy": "policy",
    "mean_delay_s": "mean delay",
    "standard_error_s": "±",
    "p50_delay_s": "p50",
    "p99_delay_s": "p99",
    "mean_delay_of_failures_s": "failures",
    "polls_per_wait": "polls/wait",
    "aws_calls_per_hour": "calls/h",
    "lambda_invocations_per_hour": "functions/h",
    "state_transitions_per_hour": "states/h",
    "usd_per_1000_hours": "$/1,000 h",
    "max_history_events": "events",
    "wrong_outcomes": "wrong",
}


def cells(one: Figures) -> list[str]:
    """Format the row of a policy."""
    return [shown(one[name]) for name in COLUMNS]


def shown(value: object) -> str:
    """Format a figure."""
    return f"{value:,.2f}" if isinstance(value, float) else f"{value}"


def lines(rows: Sequence[Figures]) -> list[str]:
    """Format the table of a world, with aligned columns."""
    table = [list(COLUMNS.values()), *map(cells, rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in table
    ]
