"""Cold-start figures as rows, as a printed table and as a JSON file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import machine

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.coldstart.cases import Case
    from benchmarks.coldstart.starting import Start

# The function that is invoked most often. Its bare handler is the row `baseline`.
_MAIN = "get_state"


@dataclass(frozen=True)
class Row:
    """Medians for a function and for the bare handler that makes the same calls."""

    function: str
    first_ms: float
    init_ms: float
    cpu_ms: float
    peak_mb: float
    baseline_ms: float
    baseline_cpu_ms: float
    times_baseline: float
    limit: float | None
    calls: Sequence[str]
    starts: int
    machine: str

    @property
    def verdict(self) -> str:
        """Whether the function is within its limit."""
        if self.limit is None:
            return ""
        return "ok" if self.times_baseline <= self.limit else "MISSED"


def rows(measured: Iterable[tuple[Case, Sequence[Start], Sequence[Start]]]) -> list[Row]:
    """Make one row for each case, and one for the main baseline."""
    found = []
    for case, ours, bare in measured:
        if case.name == _MAIN:
            found.append(_row("baseline", None, case, bare, bare))
        found.append(_row(case.name, case.limit, case, ours, bare))
    return found


def _row(
    name: str, limit: float | None, case: Case, starts: Sequence[Start], bare: Sequence[Start]
) -> Row:
    first = median(each.first_ms for each in starts)
    baseline = median(each.first_ms for each in bare)
    return Row(
        function=name,
        first_ms=round(first, 1),
        init_ms=round(median(each.init_ms for each in starts), 1),
        cpu_ms=round(median(each.cpu_ms for each in starts)),
        peak_mb=round(median(each.peak_mb for each in starts), 1),
        baseline_ms=round(baseline, 1),
        baseline_cpu_ms=round(median(each.cpu_ms for each in bare)),
        times_baseline=round(first / baseline, 3),
        limit=limit,
        calls=[f"{each.service}:{each.operation}" for each in case.delivery.exchanges],
        starts=len(starts),
        machine=machine.description(),
    )


def is_good(rows: Iterable[Row]) -> bool:
    """Whether every row is within its limit."""
    return all(row.verdict != "MISSED" for row in rows)


def table(rows: Sequence[Row]) -> str:
    """Format the rows for a terminal."""
    lines = [
        f"{'':30} {'first':>9} {'baseline':>9} {'times':>6} {'limit':>6} {'INIT':>9} {'peak':>7}"
    ]
    for row in rows:
        limit = "" if row.limit is None else f"{row.limit:g}"
        lines.append(
            f"{row.function:30} {row.first_ms:6.0f} ms {row.baseline_ms:6.0f} ms "
            f"{row.times_baseline:6.2f} {limit:>6} {row.init_ms:6.0f} ms {row.peak_mb:4.0f} MB  "
            f"{row.verdict}"
        )
    return "\n".join([*lines, f"medians of {rows[0].starts} starts; {rows[0].machine}", ""])


def write(rows: Sequence[Row], path: Path) -> None:
    """Write the rows to a JSON file."""
    text = json.dumps([asdict(row) for row in rows], indent=2)
    path.write_text(f"{text}\n", encoding="utf-8")
