"""Where the target stood, as its run saw it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from codepipeline_orchestrator.messages.progress import progress_phrase
from codepipeline_orchestrator.pipeline.executions import UNFINISHED
from pipeline_run.timeline.model import Bar, Kind, Links, Row, known
from pipeline_run.timeline.steps import Step


def row(steps: Iterable[Step], ended: datetime | None, page: Links) -> Row | None:
    """Where the target stood from look to look, as the run saw it; None if it never looked."""
    bars: list[Bar] = []
    for step in steps:
        name = _place(step)
        if name and (not bars or bars[-1].name != name):
            bars[-1:] = [replace(bar, end=step.entered) for bar in bars[-1:]]
            execution = step.standing.get("pipelineExecutionId")
            told = known(seen=what_was_seen(step.standing), execution=execution)
            bars.append(Bar(name, step.entered, ended, "", told, page))
    return Row(Kind.PLACE, "Seen", tuple(bars)) if bars else None


def _place(step: Step) -> str:
    stands = step.standing
    if not stands:
        return ""
    if stands.get("waitsFor"):
        return "waiting until nothing runs"
    # What has ended is nowhere; where it was stays until the next look around.
    where = stands.get("where") if stands["status"] in UNFINISHED else None
    return progress_phrase(where or {}) or str(stands["status"])


def what_was_seen(standing: Mapping[str, Any]) -> str | None:
    """What a look has seen, or the last one before."""
    if not standing:
        return None
    if standing.get("waitsFor"):
        return f"going on: {', '.join(standing['waitsFor'])}"
    where = standing.get("where") if standing["status"] in UNFINISHED else None
    parts = (standing["status"], progress_phrase(where or {}))
    return ", ".join(part for part in parts if part)
