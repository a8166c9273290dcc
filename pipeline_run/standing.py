"""Where a run's target stands, read from the newest events of the run's history."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from codepipeline_orchestrator.messages.progress import progress_phrase
from codepipeline_orchestrator.messages.snapshot import describe
from codepipeline_orchestrator.pipeline.executions import UNFINISHED
from codepipeline_orchestrator.polling.typical_durations import Pace
from pipeline_run.connection import Connection
from pipeline_run.mistakes import aws_refusals

_NEWEST = 40  # events; a look at the target and the wait after it are 9
_PAGE = 1_000  # events; the most at once, a hundred looks
_ALMOST = 99  # percent; only the end is 100


@dataclass(frozen=True)
class Standing:
    """The latest that the run has told of its target; empty before its first look."""

    document: Mapping[str, Any] = field(default_factory=dict)
    typical_seconds: int | None = None  # of a success
    told: datetime | None = None

    def sentence(self) -> str:
        """What is waited for, and where that stands."""
        return describe(self.document) if self.document else "The run is beginning."

    def short(self) -> str:
        """The same without names and links: stage and actions, or the status."""
        return _where(self.document)

    def percent(self, now: datetime) -> int | None:
        """How far the target is, if it takes as long as usual; None if that is not known."""
        if not self.typical_seconds or self.document.get("percent") is None or self.told is None:
            return None
        since = (now - self.told).total_seconds()
        percent: float = self.document["percent"] + 100 * since / self.typical_seconds
        return min(_ALMOST, round(percent))


def _where(document: Mapping[str, Any]) -> str:
    if not document:
        return "beginning"
    found = progress_phrase(document.get("where") or {})
    if found:
        return found
    if document.get("waitsFor"):
        return f"waiting until nothing runs ({len(document['waitsFor'])} going on)"
    return str(document["status"])


def newest(connection: Connection, run: str) -> Standing:
    """The standing that the run told last."""
    with aws_refusals("read the run's history"):
        events = connection.stepfunctions.get_execution_history(
            executionArn=run, reverseOrder=True, maxResults=_NEWEST
        )["events"]
    return of_events(events)


def _without_the_past(standing: Mapping[str, Any]) -> Mapping[str, Any]:
    """A target that has ended is nowhere; the run keeps where it was at the last look around."""
    if standing.get("status") in UNFINISHED:
        return standing
    return {name: value for name, value in standing.items() if name != "where"}


def standings(connection: Connection, run: str) -> list[Mapping[str, Any]]:
    """The standings that the run has told, the oldest first, as far as a page of events goes."""
    with aws_refusals("read the run's history"):
        events = connection.stepfunctions.get_execution_history(
            executionArn=run, reverseOrder=True, maxResults=_PAGE
        )["events"]
    found = (of_events([event]).document for event in reversed(events))
    return [each for each in found if each]


def of_events(events: Iterable[Any]) -> Standing:
    """The first standing among the events, which come newest first."""
    for event in events:
        text = event.get("stateExitedEventDetails", {}).get("output")
        document = json.loads(text) if text else None
        if isinstance(document, dict) and "standing" in document:
            progress = document.get("progress") or {}
            return Standing(
                _without_the_past(document["standing"]),
                _usually(progress.get("pace")),
                told=event["timestamp"],
            )
    return Standing()


def _usually(pace: Mapping[str, Any] | None) -> int | None:
    known = Pace.of(pace)
    return known.seconds if known else None
