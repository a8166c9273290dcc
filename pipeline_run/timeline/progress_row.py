"""Where the target stood, as its run saw it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from codepipeline_orchestrator.messages.progress import progress_phrase
from codepipeline_orchestrator.model.snapshot import Snapshot
from pipeline_run.timeline.model import Bar, Links, Row, RowKind, known
from pipeline_run.timeline.steps import RunStep


def progress_row(steps: Iterable[RunStep], ended: datetime | None, page: Links) -> Row | None:
    """Where the target stood from look to look, as the run saw it; None if it never looked."""
    bars: list[Bar] = []
    for step in steps:
        name = _place(step)
        if name and (not bars or bars[-1].name != name):
            bars[-1:] = [replace(bar, end=step.entered) for bar in bars[-1:]]
            execution = step.snapshot.pipeline_execution_id if step.snapshot else None
            told = known(seen=what_was_seen(step.snapshot), execution=execution)
            bars.append(Bar(name, step.entered, ended, "", told, page))
    return Row(RowKind.PLACE, "Seen", tuple(bars)) if bars else None


def _place(step: RunStep) -> str:
    snapshot = step.snapshot
    if snapshot is None:
        return ""
    if snapshot.waits_for:
        return "waiting until nothing runs"
    return progress_phrase(snapshot.progress) or snapshot.status


def what_was_seen(snapshot: Snapshot | None) -> str | None:
    """What a poll has read, or the last one before."""
    if snapshot is None:
        return None
    if snapshot.waits_for:
        return f"going on: {', '.join(snapshot.waits_for)}"
    parts = (snapshot.status, progress_phrase(snapshot.progress))
    return ", ".join(part for part in parts if part)
