"""Calculates how many times a task is attempted, and how long all attempts take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def attempts(task: Mapping[str, Any]) -> tuple[int, float]:
    """Return the maximum number of attempts, and the sum of the seconds between them."""
    waits = pauses(task)
    return 1 + len(waits), sum(waits)


def pauses(task: Mapping[str, Any]) -> list[float]:
    """Return the maximum number of seconds before each retry."""
    return [
        min(
            each["IntervalSeconds"] * each.get("BackoffRate", 2) ** attempt,
            each.get("MaxDelaySeconds", float("inf")),
        )
        for each in task.get("Retry", [])
        for attempt in range(each["MaxAttempts"])
    ]


def longest(task: Mapping[str, Any]) -> float:
    """Return the maximum number of seconds that a task takes, including all retries."""
    count, waits = attempts(task)
    return float(count * task["TimeoutSeconds"] + waits)
