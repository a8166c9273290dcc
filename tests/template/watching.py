"""Finds the metrics in the dashboard and alarms, and the log fields in the queries."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

OURS = "CodePipelineOrchestrator"
# These words belong to the query language. All other words are field names.
_WORDS = {
    *(
        "fields",
        "filter",
        "sort",
        "desc",
        "asc",
        "limit",
        "stats",
        "display",
        "count",
        "avg",
        "max",
    ),
    *("by", "as", "bin", "ispresent", "and", "or", "not", "in"),
}
_MADE_HERE = r"\bas (\w+)"

Metric = tuple[str, str, tuple[tuple[str, str], ...]]  # namespace, name, dimensions


def metric(namespace: str, name: str, dimensions: Mapping[str, str]) -> Metric:
    return namespace, name, tuple(sorted(dimensions.items()))


def on_dashboard(body: str) -> list[Metric]:
    """Return the metrics that a dashboard shows.

    "." and "..." repeat parts of the previous metric.
    """
    found = []
    for widget in json.loads(body)["widgets"]:
        before: list[str] = []
        for written in widget["properties"].get("metrics", []):
            row = [each for each in written if isinstance(each, str)]
            if row[0] == "...":
                row = [*before[: len(before) - len(row) + 1], *row[1:]]
            row = [before[at] if each == "." else each for at, each in enumerate(row)]
            found.append(
                metric(row[0], row[1], dict(zip(row[2::2], row[3::2], strict=True))),
            )
            before = row
    return found


def in_alarm(alarm: Mapping[str, Any]) -> list[Metric]:
    asked = [each["MetricStat"]["Metric"] for each in alarm["Metrics"] if "MetricStat" in each]
    return [
        metric(
            each["Namespace"],
            each["MetricName"],
            {one["Name"]: one["Value"] for one in each["Dimensions"]},
        )
        for each in asked or [alarm]
    ]


def fields_of(query: str) -> set[str]:
    made = set(re.findall(_MADE_HERE, query))
    bare = re.sub(r"'[^']*'|\b\d\w*|@\w+|SOURCE", " ", query)
    return set(re.findall(r"[A-Za-z_]\w*", bare)) - _WORDS - made


def messages_of(query: str) -> Iterator[str]:
    yield from re.findall(r"message = '([^']*)'", query)
