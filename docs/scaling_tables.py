"""Compute the tables in docs/scaling.md from the measured rates and AWS's quotas."""

from __future__ import annotations

import json
import math
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docs.generated import rewritten, table
from docs.quotas import QUOTAS, SECONDS_OF_AN_INVOCATION, Quota

if TYPE_CHECKING:
    from collections.abc import Mapping

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"
WAITS = (100, 1_000, 10_000, 100_000)
_TOTALS = ("aws_calls", "lambda_invocations", "state_transitions")


def with_scaling(page: str) -> str:
    """Compute the page's tables from the committed results and the quotas."""
    measured = rates()
    tables = {"rates": _rates, "use": _use, "limits": _limits}
    return rewritten(page, "(rates|use|limits)", lambda name: tables[name](measured))


def rates() -> dict[str, float]:
    """The highest measured rate of each AWS call and of each total, per waited hour."""
    scale = _result("scale.json")
    names = {name for row in scale for name in row["calls_per_hour"]}
    found = {name: max(row["calls_per_hour"].get(name, 0) for row in scale) for name in names}
    ours = {row["policy"] for row in scale}
    others = [
        row
        for row in _result("waiting.json")
        if row["policy"] in ours and row["world"] == "history"
    ]
    for name in _TOTALS:
        found[name] = max(row[f"{name}_per_hour"] for row in [*scale, *others])
    return found


def use(quota: Quota, measured: Mapping[str, float], waits: int) -> float:
    """How much of a quota this many concurrent waits use, in the quota's unit."""
    if quota.counts == ("waits",):
        return waits
    per_second = waits * sum(measured.get(name, 0) for name in quota.counts) / 3_600
    return per_second * SECONDS_OF_AN_INVOCATION if quota.unit == "concurrent" else per_second


def first_limit(measured: Mapping[str, float], waits: int) -> Quota | None:
    """The first quota that this many waits exceed, or None."""
    exceeded = [quota for quota in QUOTAS if use(quota, measured, waits) > quota.limit]
    return min(exceeded, key=lambda quota: most_waits(quota, measured), default=None)


def most_waits(quota: Quota, measured: Mapping[str, float]) -> float:
    """The number of concurrent waits that a quota allows."""
    used = use(quota, measured, 1)
    return quota.limit / used if used else math.inf


def _result(name: str) -> list[dict[str, Any]]:
    path = RESULTS / name
    rows: list[dict[str, Any]] = json.loads(path.read_text("utf-8")) if path.exists() else []
    return rows


def _rates(measured: Mapping[str, float]) -> str:
    scale = _result("scale.json")
    head = ("per waited hour", *(f"{row['policy']}, {row['runs']:,} runs" for row in scale))
    totals = [
        (
            name.replace("_", " ").replace("aws", "AWS").replace("lambda", "Lambda"),
            *(f"{row[f'{name}_per_hour']:,.1f}" for row in scale),
        )
        for name in _TOTALS
    ]
    calls = [
        (f"`{name}`", *(f"{row['calls_per_hour'].get(name, 0):,.1f}" for row in scale))
        for name in sorted(set(measured) - set(_TOTALS))
    ]
    return table(head, [*totals, *calls])


def _use(measured: Mapping[str, float]) -> str:
    head = ("quota", "limit", "allows", *(f"{waits:,} waits" for waits in WAITS))
    return table(head, [_used(quota, measured) for quota in QUOTAS])


def _used(quota: Quota, measured: Mapping[str, float]) -> tuple[str, ...]:
    enough = most_waits(quota, measured)
    name = f"[{quota.name}]({quota.source})"
    return (
        name,
        _limit(quota),
        f"{_two_digits(enough):,} waits" if math.isfinite(enough) else "any number",
        *(_cell(use(quota, measured, waits), quota) for waits in WAITS),
    )


def _limit(quota: Quota) -> str:
    larger = f" ({quota.larger:,})" if quota.larger else ""
    guess = "" if quota.published else ", not published"
    return f"{quota.limit:,}{larger} {quota.unit}{guess}".replace(" /s", "/s")


def _cell(used: float, quota: Quota) -> str:
    text = f"{used:,.1f}" if used < 10 else f"{used:,.0f}"  # noqa: PLR2004 - digits
    return f"**{text}**" if used > quota.limit else text


def _two_digits(number: float) -> int:
    return int(float(f"{number:.1e}"))


def _limits(measured: Mapping[str, float]) -> str:
    rows: list[tuple[str, ...]] = []
    for first, group in groupby(WAITS, lambda waits: first_limit(measured, waits)):
        same = list(group)
        range_ = f"{same[0]:,}" if len(same) == 1 else f"{same[0]:,} to {same[-1]:,}"
        rows.append((range_, first.name, first.remedy) if first else (range_, "none", "nothing"))
    return table(("concurrent waits", "first limit", "what to do"), rows)
