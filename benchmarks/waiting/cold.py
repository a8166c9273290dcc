"""Compute how late a run reports the end of its target when every container is cold.

The end event passes through two buses. Then `wake`, `get_state` and `report_job_result` run one
after another, each with the cold start that `make bench-coldstart` measured.
"""

from __future__ import annotations

import json
from typing import Any

from benchmarks.waiting.peers import EVENT
from benchmarks.waiting.played import CALL
from benchmarks.waiting.results import ROOT

COLDSTARTS = ROOT / "benchmarks" / "results" / "coldstart.json"
_WAY = ("wake", "get_state_end", "report_job_result")


def lone_wait() -> float:
    """Compute the seconds from the target's end to the answer, from the committed results."""
    rows: list[dict[str, Any]] = json.loads(COLDSTARTS.read_text("utf-8"))
    return seconds({row["function"]: row for row in rows})


def seconds(measured: dict[str, dict[str, Any]]) -> float:
    """Compute the seconds from the target's end to the answer, from these measurements."""
    starts = [measured[function] for function in _WAY]
    starting: float = sum(row["first_ms"] / 1_000 + CALL * len(row["calls"]) for row in starts)
    return EVENT + starting
