"""A timeline as a JSON document."""

from __future__ import annotations

from typing import Any

from pipeline_run.run_output import run_document
from pipeline_run.timeline.model import Bar, Row, Timeline


def timeline_document(timeline: Timeline) -> dict[str, Any]:
    """The run in the form that `show --json` prints, with its target and the chart's rows."""
    shown = {
        **run_document(timeline.run),
        "target": timeline.target,
        "pipelineExecutionId": timeline.execution_id,
        "begin": timeline.begin,
        "end": None if timeline.run.goes_on else timeline.end,
        "rows": [_row(row) for row in timeline.rows],
    }
    return {**shown, "note": timeline.note} if timeline.note else shown


def _row(row: Row) -> dict[str, Any]:
    return {"kind": row.kind.value, "name": row.name, "bars": [_bar(bar) for bar in row.bars]}


def _bar(bar: Bar) -> dict[str, Any]:
    bounds = {"startedBy": bar.started_by, "endedAfter": bar.ended_after, "asOf": bar.as_of}
    return {
        "name": bar.name,
        "status": bar.status or None,
        "start": bar.start,
        "end": bar.end,
        "details": dict(bar.details),
        "links": dict(bar.links),
        **{name: time for name, time in bounds.items() if time},
    }
