"""Rows for a target that cannot be read, built from the run's polls.

A poll shows which actions are in progress, and when the one that began last did so. All other times
lie between two polls.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from codepipeline_orchestrator.model.outcome import UNFINISHED, Outcome
from codepipeline_orchestrator.model.report import UNREADABLE
from codepipeline_orchestrator.model.snapshot import Snapshot
from pipeline_run.output import utc_clock_time as clock_time
from pipeline_run.runs import Run
from pipeline_run.timeline.model import Bar, Links, Row, RowKind, known, linked
from pipeline_run.timeline.steps import RunStep

# A stage and one of its actions, or None for the whole stage.
_Key = tuple[str, str | None]


class _Poll(NamedTuple):
    """The stage and actions that were in progress at a moment between `after` and `by`."""

    after: datetime
    by: datetime
    stage: str | None  # None if no stage was in progress
    actions: Sequence[str]
    since: Mapping[str, datetime]  # known starts of actions, among them the last one

    @property
    def keys(self) -> list[_Key]:
        """The stage and the actions that were in progress."""
        return [(self.stage, each) for each in (None, *self.actions)] if self.stage else []


class _Followed(NamedTuple):
    """The polls of one execution, its earliest possible start, and its end if that is known."""

    polls: Sequence[_Poll]
    begin: datetime
    end: datetime | None
    page: Links


def rows_from_polls(steps: Sequence[RunStep], run: Run) -> list[Row]:
    """A row for each stage and action that the polls found, in order of start.

    Each bar spans the longest possible time. A failure that happened between two polls gets a bar
    that spans them.
    """
    every = list(_followed(steps, run))
    bars: dict[_Key, list[Bar]] = {}
    for followed in every:
        for key in dict.fromkeys(key for poll in followed.polls for key in poll.keys):
            bars.setdefault(key, []).extend(_bars(key, followed))
    last = next((poll.stage for each in every[-1:] for poll in each.polls[::-1] if poll.stage), "")
    if run.failure and every:
        last = str(run.failure["stage"])
        for key in ((last, None), (last, run.failure.get("action"))):
            bars.setdefault(key, [_unpolled(key, every[-1], run)])
    starts = {key: each[0].start for key, each in bars.items()}
    order = sorted(bars, key=lambda key: (starts[key[0], None], key[1] is not None, starts[key]))
    return [_row(key, bars[key], _status(key, last, run)) for key in order]


def _followed(steps: Sequence[RunStep], run: Run) -> Iterator[_Followed]:
    """The executions that the run followed, one after another."""
    polled = [(step, step.snapshot) for step in steps if step.snapshot]
    grouped = groupby(polled, lambda pair: pair[1].pipeline_execution_id)
    executions = [(each, list(pairs)) for each, pairs in grouped if each]
    begins = dict(_begins(steps))
    for number, (execution_id, pairs) in enumerate(executions, start=1):
        polls, end = list(_polls(pairs)), None
        if executions[number:]:
            newer, _ = executions[number][1][0]
            polls.append(_Poll(newer.entered, newer.left or newer.entered, None, (), {}))
        elif "endTime" in run.result and run.outcome != Outcome.TIMED_OUT:
            end = datetime.fromisoformat(run.result["endTime"])
        begin = begins.get(execution_id, run.started)
        yield _Followed(polls, begin, end, linked(("The execution", pairs[-1][1].link)))


def _begins(steps: Sequence[RunStep]) -> Iterator[tuple[str, datetime]]:
    """The earliest possible start of each execution. Its recorded start may be a little late."""
    for step in steps:
        execution = step.changes.get("execution") or {}
        if execution.get("startTime"):
            start = datetime.fromisoformat(execution["startTime"])
            yield execution["pipelineExecutionId"], min(start, step.entered)


def _polls(steps: Sequence[tuple[RunStep, Snapshot]]) -> Iterator[_Poll]:
    """The polls that show what is in progress. Polls that repeat earlier progress do not."""
    read_at: datetime | None = None
    for step, snapshot in steps:
        progress, by = snapshot.progress, step.left or step.entered
        if snapshot.status not in UNFINISHED:
            if snapshot.status != UNREADABLE:
                yield _Poll(step.entered, by, None, (), {})
        elif progress and (progress.read_at is None or progress.read_at != read_at):
            read_at = progress.read_at
            stage = None if progress.actions is None else progress.stage
            begun = [each for each in (progress.latest, progress.approval) if each]
            since = {each.action: each.since for each in begun if each.since}
            yield _Poll(step.entered, by, stage, progress.actions or (), since)


def _bars(key: _Key, followed: _Followed) -> Iterator[Bar]:
    """A bar for each time that the stage or action was in progress in polls without a gap."""
    polls = followed.polls
    shown = [number for number, poll in enumerate(polls) if key in poll.keys]
    for _, numbers in groupby(enumerate(shown), lambda pair: pair[1] - pair[0]):
        first, *others = [number for _, number in numbers]
        after = ([first, *others])[-1] + 1
        bar = _begun(key, polls[first:after], polls[first - 1].after if first else followed.begin)
        bar = replace(bar, links=followed.page)
        yield _ended(bar, key[0], polls[after], followed.end) if polls[after:] else bar


def _begun(key: _Key, polls: Sequence[_Poll], earliest: datetime) -> Bar:
    stage, action = key
    starts = [poll.since[action] for poll in polls if action and action in poll.since]
    first, last = polls[0], polls[-1]
    # No action began later than the last one.
    started_by = min(first.by, max(first.since.values(), default=first.by))
    return Bar(
        action or stage,
        starts[0] if starts else min(earliest, started_by),
        None,
        started_by=None if starts else started_by,
        as_of=last.after,
    )


def _ended(bar: Bar, stage: str, following: _Poll, target_end: datetime | None) -> Bar:
    """The bar, which ended before the following poll, and before any later stage began."""
    after = max(bar.start, bar.as_of or bar.start)
    ends = [following.by]
    if following.stage is None:
        ends += [target_end] if target_end else []
    elif following.stage != stage:
        ends += following.since.values()
    return replace(bar, end=max(after, min(ends)), ended_after=after, as_of=None)


def _unpolled(key: _Key, followed: _Followed, run: Run) -> Bar:
    """The bar of a failure between the last poll of a running stage and the end."""
    start, end = followed.begin, followed.end or run.stopped or followed.begin
    for poll in followed.polls:
        start = poll.after if poll.stage else start
    ends = [poll.by for poll in followed.polls if not poll.stage and poll.after >= start]
    end = max(start, min([end, *ends]))
    return Bar(key[1] or key[0], start, end, started_by=end, ended_after=start, links=followed.page)


def _row(key: _Key, bars: Sequence[Bar], status: str) -> Row:
    stage, action = key
    *earlier, last = [
        replace(bar, details=known(stage=stage, times=f"from the run's polls: {_times(bar)}"))
        for bar in bars
    ]
    kind = RowKind.ACTION if action else RowKind.STAGE
    return Row(kind, action or stage, (*earlier, replace(last, status=status)))


def _times(bar: Bar) -> str:
    if bar.end and bar.end == bar.started_by:
        return f"started and failed between {clock_time(bar.start)} and {clock_time(bar.end)}"
    parts = [f"started at {clock_time(bar.start)}"]
    if bar.started_by:
        parts = [f"started between {clock_time(bar.start)} and {clock_time(bar.started_by)}"]
    if bar.ended_after and bar.end:
        parts.append(f"ended between {clock_time(bar.ended_after)} and {clock_time(bar.end)}")
    if bar.as_of:
        parts.append(f"last seen in progress at {clock_time(bar.as_of)}")
    return ", ".join(parts)


def _status(key: _Key, last: str, run: Run) -> str:
    """The status, if it is certain: the run reports what failed, and earlier stages succeeded."""
    stage, action = key
    if run.failure.get("stage") == stage and action in {None, run.failure.get("action")}:
        return "Failed"
    return "Succeeded" if stage != last or run.outcome == "Succeeded" else ""
