"""The table of runs that `pipeline-run list` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.cells import cell_len

from pipeline_run.columns import columns
from pipeline_run.output import age, duration
from pipeline_run.runs import Run

_SHORTEST = 8  # characters of a run's name
_FLEXIBLE = {"OUTCOME": 0, "PIPELINE": 0, "CALLER": 0, "REASON": 8}


def run_table(rows: Sequence[Mapping[str, str]], names: Sequence[str], width: int) -> list[str]:
    """A header and a line for each run.

    If the lines are too long, the names of the runs are shortened, and then texts are cut.
    """
    lines = columns(rows, width, {})
    if max(map(cell_len, lines)) <= width:
        return lines
    short = [{**row, "RUN": beginning(row["RUN"], names)} for row in rows]
    return columns(short, width, _FLEXIBLE)


def beginning(name: str, names: Sequence[str]) -> str:
    """The beginning of the run's name, as long as needed to tell it from the other names."""
    others = [each for each in names if each != name]
    for length in range(_SHORTEST, len(name)):
        others = [each for each in others if each.startswith(name[:length])]
        if not others:
            return name[:length]
    return name


def run_row(run: Run, why: str, now: datetime) -> dict[str, str]:
    """What the list shows about a run."""
    return {
        "RUN": run.name,
        "OUTCOME": run.outcome,
        "PIPELINE": run.pipeline,
        "CALLER": (run.caller.name or "an action") if run.caller else "?",
        "TOOK": duration(((run.stopped or now) - run.started).total_seconds()),
        "AGE": age((now - run.started).total_seconds()),
        "REASON": why,
    }
