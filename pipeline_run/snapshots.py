"""Read a run's snapshots of its target from the run's history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from codepipeline_orchestrator.messages.progress import progress_phrase
from codepipeline_orchestrator.messages.wait import snapshot_sentence
from codepipeline_orchestrator.model.documents import from_document, json_object
from codepipeline_orchestrator.model.outcome import UNFINISHED
from codepipeline_orchestrator.model.progress import Progress
from codepipeline_orchestrator.model.snapshot import Snapshot
from codepipeline_orchestrator.polling.pace import Pace
from pipeline_run.connection import Connection
from pipeline_run.errors import aws_refusals
from pipeline_run.output import utc_moment

# Number of events. A poll and the wait after it produce 13 events, a renewal 7.
_NEWEST = 100
_PAGE = 1_000  # events; the API's maximum, about 75 polls
_ALMOST = 99  # percent; only a target that has ended is at 100


@dataclass(frozen=True)
class TimedSnapshot:
    """The run's latest snapshot of its target, and when it was taken.

    Empty before the first poll.
    """

    snapshot: Snapshot | None = None
    typical_seconds: int | None = None  # the usual duration of a successful execution
    taken: datetime | None = None
    stage_seconds: Mapping[str, int] = field(default_factory=dict)  # usual duration of each stage

    @property
    def execution_id(self) -> str | None:
        """The ID of the execution that the run follows, if it is known."""
        return self.snapshot.pipeline_execution_id if self.snapshot else None

    @property
    def progress(self) -> Progress | None:
        """The target's progress, if it is known."""
        return self.snapshot.progress if self.snapshot else None

    def sentence(self) -> str:
        """A sentence about what the run is waiting for."""
        return snapshot_sentence(self.snapshot) if self.snapshot else "The run is starting."

    def short(self) -> str:
        """The target's stage and actions, or its status, without names and links."""
        if self.snapshot is None:
            return "starting"
        progress = self.progress
        if progress and progress.approval:
            return f"{progress.stage}/{progress.approval.action}: waiting for approval"
        if phrase := progress_phrase(progress):
            return phrase
        if self.snapshot.waits_for:
            return f"waiting for the target to become idle ({len(self.snapshot.waits_for)} running)"
        return self.snapshot.status

    @property
    def read_at(self) -> datetime | None:
        """When the run read what the snapshot shows. A poll may repeat earlier progress."""
        return (self.progress and self.progress.read_at) or self.taken

    def as_of(self) -> str:
        """When the run read this: ` (as of 2026-01-05 10:31:05 UTC)`. Empty before that."""
        return f" (as of {utc_moment(self.read_at)})" if self.read_at else ""

    def percent(self, now: datetime) -> int | None:
        """The target's progress in percent if it takes as long as usual, or None if unknown."""
        percent = self.snapshot.percent if self.snapshot else None
        if not self.typical_seconds or percent is None or self.taken is None:
            return None
        since = max(0.0, (now - self.taken).total_seconds())  # clocks differ
        return min(_ALMOST, round(percent + 100 * since / self.typical_seconds))


def newest_snapshot(connection: Connection, run: str) -> TimedSnapshot:
    """The newest snapshot in the run's history."""
    return of_events(_newest_events(connection, run, _NEWEST))


def snapshots(connection: Connection, run: str) -> list[Snapshot]:
    """The snapshots in the newest page of the run's history, oldest first."""
    events = reversed(_newest_events(connection, run, _PAGE))
    return [each for event in events if (each := of_events([event]).snapshot)]


def _newest_events(connection: Connection, run: str, most: int) -> Sequence[Any]:
    with aws_refusals("read the run's history"):
        return connection.stepfunctions.get_execution_history(
            executionArn=run, reverseOrder=True, maxResults=most
        )["events"]


def of_events(events: Iterable[Any]) -> TimedSnapshot:
    """The newest snapshot among the events, which are ordered newest first."""
    for event in events:
        document = json_object(event.get("stateExitedEventDetails", {}).get("output"))
        if snapshot := snapshot_in(document):
            memory = document.get("changes", {}).get("memory") or {}
            pace = Pace.of(memory.get("pace"))
            taken = event["timestamp"]
            if pace is None:
                return TimedSnapshot(snapshot, taken=taken)
            return TimedSnapshot(snapshot, pace.seconds, taken, pace.stage_seconds)
    return TimedSnapshot()


def snapshot_in(output: Mapping[str, Any]) -> Snapshot | None:
    """The snapshot in a state's output, if there is one.

    A target that has ended has no progress, although the output still contains the last progress
    that was read.
    """
    if not output.get("snapshot"):
        return None
    snapshot = from_document(Snapshot, output["snapshot"])
    return snapshot if snapshot.status in UNFINISHED else replace(snapshot, progress=None)
