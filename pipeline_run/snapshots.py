"""What a run shows of its target, read from the newest events of the run's history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from codepipeline_orchestrator.messages.progress import progress_phrase
from codepipeline_orchestrator.messages.wait import snapshot_sentence
from codepipeline_orchestrator.model.documents import from_document, json_object
from codepipeline_orchestrator.model.outcome import UNFINISHED
from codepipeline_orchestrator.model.snapshot import Snapshot
from codepipeline_orchestrator.polling.pace import Pace
from pipeline_run.connection import Connection
from pipeline_run.errors import aws_refusals

_NEWEST = 100  # events; a poll of the target and the wait after it are 13, a renewal 7
_PAGE = 1_000  # events; the most at once, some 75 polls
_ALMOST = 99  # percent; only the end is 100


@dataclass(frozen=True)
class TimedSnapshot:
    """The latest that the run has shown of its target; empty before its first poll."""

    snapshot: Snapshot | None = None
    typical_seconds: int | None = None  # of a success
    taken: datetime | None = None

    def sentence(self) -> str:
        """What is waited for, and where that is."""
        return snapshot_sentence(self.snapshot) if self.snapshot else "The run is beginning."

    def short(self) -> str:
        """The same without names and links: stage and actions, or the status."""
        if self.snapshot is None:
            return "beginning"
        if phrase := progress_phrase(self.snapshot.progress):
            return phrase
        if self.snapshot.waits_for:
            return f"waiting until nothing runs ({len(self.snapshot.waits_for)} going on)"
        return self.snapshot.status

    def percent(self, now: datetime) -> int | None:
        """How far the target is, if it takes as long as usual; None if that is not known."""
        percent = self.snapshot.percent if self.snapshot else None
        if not self.typical_seconds or percent is None or self.taken is None:
            return None
        since = (now - self.taken).total_seconds()
        return min(_ALMOST, round(percent + 100 * since / self.typical_seconds))


def newest_snapshot(connection: Connection, run: str) -> TimedSnapshot:
    """The newest snapshot in the run's history."""
    with aws_refusals("read the run's history"):
        events = connection.stepfunctions.get_execution_history(
            executionArn=run, reverseOrder=True, maxResults=_NEWEST
        )["events"]
    return of_events(events)


def snapshots(connection: Connection, run: str) -> list[Snapshot]:
    """The snapshots that the run took, the oldest first, as far as a page of events goes."""
    with aws_refusals("read the run's history"):
        events = connection.stepfunctions.get_execution_history(
            executionArn=run, reverseOrder=True, maxResults=_PAGE
        )["events"]
    found = (of_events([event]).snapshot for event in reversed(events))
    return [each for each in found if each]


def of_events(events: Iterable[Any]) -> TimedSnapshot:
    """The first snapshot among the events, which come newest first."""
    for event in events:
        document = json_object(event.get("stateExitedEventDetails", {}).get("output"))
        if snapshot := snapshot_in(document):
            memory = document.get("changes", {}).get("memory") or {}
            pace = Pace.of(memory.get("pace"))
            return TimedSnapshot(snapshot, pace.seconds if pace else None, event["timestamp"])
    return TimedSnapshot()


def snapshot_in(output: Mapping[str, Any]) -> Snapshot | None:
    """The snapshot in a state's output, if the state took one.

    A target that has ended is nowhere; the run keeps where it was when that was last read.
    """
    if not output.get("snapshot"):
        return None
    snapshot = from_document(Snapshot, output["snapshot"])
    return snapshot if snapshot.status in UNFINISHED else replace(snapshot, progress=None)
