"""The progress of the target, as its run polled it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from codepipeline_orchestrator.messages.progress import progress_phrase
from codepipeline_orchestrator.model.snapshot import Snapshot
from pipeline_run.timeline.model import Bar, Links, Row, RowKind, known
from pipeline_run.timeline.steps import RunStep


def progress_row(steps: Iterable[RunStep], ended: datetime | None, page: Links) -> Row | None:
    """The progress of the target from poll to poll; None if the run never polled it."""
    bars: list[Bar] = []
    for step in steps:
        name = _progress(step)
        if name and (not bars or bars[-1].name != name):
            bars[-1:] = [replace(bar, end=step.entered) for bar in bars[-1:]]
            execution = step.snapshot.pipeline_execution_id if step.snapshot else None
            details = known(progress=polled_progress(step.snapshot), execution=execution)
            bars.append(Bar(name, step.entered, ended, "", details, page))
    return Row(RowKind.PROGRESS, "Progress", tuple(bars)) if bars else None


def _progress(step: RunStep) -> str:
    snapshot = step.snapshot
    if snapshot is None:
        return ""
    if snapshot.waits_for:
        return "waiting until nothing runs"
    return progress_phrase(snapshot.progress) or snapshot.status


def polled_progress(snapshot: Snapshot | None) -> str | None:
    """What a poll has read: the status of the target and its progress."""
    if snapshot is None:
        return None
    if snapshot.waits_for:
        return f"going on: {', '.join(snapshot.waits_for)}"
    parts = (snapshot.status, progress_phrase(snapshot.progress))
    return ", ".join(part for part in parts if part)
