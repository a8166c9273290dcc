"""The row with the target's progress, from the run's polls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from codepipeline_orchestrator.messages.progress import progress_phrase
from codepipeline_orchestrator.model.snapshot import Snapshot
from pipeline_run.timeline.model import Bar, Links, Row, RowKind, known
from pipeline_run.timeline.steps import RunStep


def progress_row(steps: Iterable[RunStep], ended: datetime | None, page: Links) -> Row | None:
    """The target's progress from poll to poll, or None if the run never polled it."""
    bars: list[Bar] = []
    for step in steps:
        name = _progress(step)
        if name and (not bars or bars[-1].name != name):
            bars[-1:] = [replace(bar, end=step.entered) for bar in bars[-1:]]
            execution = step.snapshot.pipeline_execution_id if step.snapshot else None
            details = known(
                progress=polled_progress(step.snapshot),
                times="from the run's polls",
                execution=execution,
            )
            bars.append(Bar(name, step.entered, ended, "", details, page))
    return Row(RowKind.PROGRESS, "Progress", tuple(bars)) if bars else None


def _progress(step: RunStep) -> str:
    snapshot = step.snapshot
    if snapshot is None:
        return ""
    if snapshot.waits_for:
        return "waiting for the target to become idle"
    return progress_phrase(snapshot.progress) or snapshot.status


def polled_progress(snapshot: Snapshot | None) -> str | None:
    """The status and progress of the target that a poll read."""
    if snapshot is None:
        return None
    if snapshot.waits_for:
        return f"in progress: {', '.join(snapshot.waits_for)}"
    parts = (snapshot.status, progress_phrase(snapshot.progress))
    return ", ".join(part for part in parts if part)
