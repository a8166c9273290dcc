"""A run's timeline: rows of bars, each with its details and links."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from codepipeline_orchestrator.model.links import run_link
from codepipeline_orchestrator.model.snapshot import Snapshot
from codepipeline_orchestrator.text import is_web_address
from pipeline_run.output import clock_time, duration
from pipeline_run.runs import Run
from pipeline_run.snapshots import TimedSnapshot

_BAD = {"Failed", "TimedOut", "Error"}
_STOPPED = {"Stopped", "Cancelled", "Abandoned", "Superseded", "Skipped"}
Commands = tuple[tuple[str, str], ...]  # a description, and the command
Links = tuple[tuple[str, str], ...]  # a name and its URL


class RowKind(StrEnum):
    """What a row shows."""

    STAGE = "stage"
    ACTION = "action"
    PROGRESS = "progress"  # the target's progress, according to the run's polls
    STEP = "step"
    POLL = "poll"
    WAIT = "wait"
    EVENT = "event"  # an event that ended a wait
    RENEWAL = "renewal"
    RETRY = "retry"


@dataclass(frozen=True)
class Bar:
    """Something that happened during a period of time.

    A period known only from polls spans the longest possible time: from the earliest start to the
    latest end.
    """

    name: str
    start: datetime
    end: datetime | None  # None if it has not ended
    status: str = ""
    details: tuple[tuple[str, str], ...] = ()
    links: Links = ()
    count: int = 1  # number of events, if bars were joined
    started_by: datetime | None = None  # the latest possible start; None if `start` is exact
    ended_after: datetime | None = None  # the earliest possible end; None if `end` is exact
    as_of: datetime | None = None  # when it was last seen in progress; None if that is still known

    @property
    def tone(self) -> str:
        """The color of the bar: `bad`, `stopped`, `going`, `good` or empty for neutral."""
        if self.status in _BAD:
            return "bad"
        if self.status in _STOPPED:
            return "stopped"
        if self.end is None:
            return "going"
        return "good" if self.status == "Succeeded" else ""

    def seconds(self, now: datetime) -> float:
        """How long the bar's period took, or has taken so far."""
        return ((self.end or self.as_of or now) - self.start).total_seconds()

    def length(self, now: datetime) -> str:
        """The duration as text: `42s`, or `<= 42s` if that is the longest possible one."""
        at_most = "<= " if self.started_by or self.ended_after else ""
        return f"{at_most}{duration(self.seconds(now))}"

    def took(self, now: datetime, clock: Callable[[datetime], str] = clock_time) -> str:
        """The duration of any bar: also `42s so far`, or `42s as of 10:31:05`."""
        if self.as_of:
            return f"{self.length(now)} as of {clock(self.as_of)}"
        return self.length(now) if self.end else f"{self.length(now)} so far"


@dataclass(frozen=True)
class Row:
    """Bars of one kind with a common name, oldest first."""

    kind: RowKind
    name: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Timeline:
    """Everything that is shown about a run."""

    run: Run
    now: datetime
    target: str
    execution: Snapshot | None  # the newest snapshot, which has the execution's ID and link
    snapshot: TimedSnapshot  # empty if the run has ended
    of_target: Sequence[Row]
    of_run: Sequence[Row]
    note: str = ""  # notes on what could not be read, and how to read it

    @property
    def execution_id(self) -> str | None:
        """The target execution's ID, if it is known."""
        return self.execution.pipeline_execution_id if self.execution else None

    @property
    def link(self) -> str | None:
        """The URL of the target execution's console page."""
        return self.execution.link if self.execution else None

    @property
    def rows(self) -> list[Row]:
        """The rows of the target, then those of the run."""
        return [*self.of_target, *self.of_run]

    @property
    def begin(self) -> datetime:
        """The start of the chart. The target may have started before the run."""
        return min([self.run.started, *(bar.start for row in self.rows for bar in row.bars)])

    @property
    def end(self) -> datetime:
        """The end of the chart. While the run continues, this is the current time."""
        last = self.run.stopped or self.now
        return max([last, *(bar.end or last for row in self.rows for bar in row.bars)])

    @property
    def told(self) -> str:
        """How the run ended and what to do, or the target's progress without the link."""
        if self.run.goes_on:
            told = self.snapshot.sentence().removesuffix(f": {self.link}")
            return f"{told}{self.snapshot.as_of()}"
        return str(self.run.result.get("message", ""))

    @property
    def advice(self) -> tuple[str, Commands]:
        """The message without the failure's own text, and the commands that follow the message."""
        first, *lines = self.told.split("\n")
        said = str(self.run.failure.get("message") or "")
        before, _, after = first.partition(said) if said else ("", "", "")
        seen = f"See {self.run.failure.get('link')}. "
        text = after.lstrip(". ").removeprefix(seen) if before and after else first
        return text, tuple(zip(lines[::2], lines[1::2], strict=False))

    @property
    def page_of_run(self) -> str | None:
        """The URL of the run's console page."""
        return run_link(self.run.arn)


def linked(*pairs: tuple[str, Any]) -> Links:
    """The links with a safe URL. Some URLs come from untrusted sources."""
    return tuple((name, url) for name, url in pairs if isinstance(url, str) and is_web_address(url))


def known(**details: Any) -> tuple[tuple[str, str], ...]:
    """The details that have a value. Underscores in names become spaces."""
    return tuple(
        (name.replace("_", " "), str(value))
        for name, value in details.items()
        if value not in {None, ""}
    )
