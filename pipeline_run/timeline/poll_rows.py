"""Rows for a target that cannot be read, built from the run's polls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from codepipeline_orchestrator.model.outcome import UNFINISHED
from codepipeline_orchestrator.model.snapshot import Snapshot
from pipeline_run.timeline.model import Bar, Links, Row, RowKind, known, linked
from pipeline_run.timeline.steps import RunStep

_POLLED = "from the run's polls"
_UNPOLLED = "started and failed between these two polls"
# Start and end. The end is None if the span has not ended.
_Span = tuple[datetime, datetime | None]
# A stage and one of its actions, or None for the whole stage.
_Key = tuple[str, str | None]


class _Poll(NamedTuple):
    """When the run polled its target, and what it read."""

    entered: datetime
    snapshot: Snapshot


def rows_from_polls(
    steps: Sequence[RunStep], ended: datetime | None, result: Mapping[str, Any]
) -> list[Row]:
    """A row for each stage and action that the polls found, from its first poll to its last.

    A failure that happened between two polls gets a bar that spans them.
    """
    polls = [_Poll(step.entered, step.snapshot) for step in steps if step.snapshot]
    spans = _spans(polls, ended)
    polled, failure = set(spans), result.get("failure") or {}
    if failure and polls:
        for action in (None, failure.get("action")):
            spans.setdefault((str(failure["stage"]), action), [_between(polls, ended)])
    by_stage = sorted(spans, key=lambda key: (spans[key[0], None][0][0], key[1] is not None))
    page = linked(("The execution", polls[-1].snapshot.link)) if polls else ()
    last = by_stage[-1][0] if by_stage else ""
    return [
        _row(
            *key,
            spans[key],
            status=_status(*key, last, result),
            times=_POLLED if key in polled else _UNPOLLED,
            page=page,
        )
        for key in by_stage
    ]


def _spans(polls: Sequence[_Poll], ended: datetime | None) -> dict[_Key, list[_Span]]:
    found: dict[_Key, list[_Span]] = {}
    after = [*(each.entered for each in polls[1:]), ended]
    for poll, until in zip(polls, after, strict=False):  # `after` has one more item than the polls
        progress = poll.snapshot.progress
        if progress:
            for action in (None, *(progress.actions or ())):
                found.setdefault((progress.stage, action), []).append((poll.entered, until))
    return found


def _between(polls: Sequence[_Poll], ended: datetime | None) -> _Span:
    """The span from the last poll before the end to the first poll that read the end."""
    going = [each.entered for each in polls if each.snapshot.status in UNFINISHED]
    over = [each.entered for each in polls if each.snapshot.status not in UNFINISHED]
    last = going[-1] if going else polls[0].entered
    return last, next((each for each in over if each >= last), ended)


def _row(
    stage: str,
    action: str | None,
    spans: Sequence[_Span],
    *,
    status: str,
    times: str,
    page: Links,
) -> Row:
    details = known(stage=stage, times=times)
    bars: list[Bar] = []
    for start, end in spans:
        if bars and bars[-1].end == start:
            bars[-1] = replace(bars[-1], end=end)
        else:
            bars.append(Bar(action or stage, start, end, status, details, page))
    return Row(RowKind.ACTION if action else RowKind.STAGE, action or stage, tuple(bars))


def _status(stage: str, action: str | None, last: str, result: Mapping[str, Any]) -> str:
    """The status, if it is certain: the run reports what failed, and earlier stages succeeded."""
    failure = result.get("failure") or {}
    if failure.get("stage") == stage and action in {None, failure.get("action")}:
        return "Failed"
    return "Succeeded" if stage != last or result.get("outcome") == "Succeeded" else ""
