"""Chooses the bar that the page selects first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from pipeline_run.timeline.model import Bar, Row, RowKind, Timeline

_NEVER = datetime.max.replace(tzinfo=UTC)


def chosen_bar(timeline: Timeline) -> Bar | None:
    """The bar that best explains how the run ended, or where it is now. None without bars."""
    return next(_candidates(timeline), None)


def _candidates(timeline: Timeline) -> Iterator[Bar]:
    """Bars that explain the outcome, best first."""
    run, failure = timeline.run, timeline.run.failure
    if failure:
        for kind in (RowKind.ACTION, RowKind.STAGE):
            rows = _rows(timeline.of_target, kind, str(failure.get(kind.value)))
            yield from (bar for bar in _newest(rows) if _is_in(bar, failure["stage"]))
    if run.outcome == "Error" and run.result.get("error") != "RunAborted":
        yield from (bar for bar in _newest(timeline.of_run) if bar.tone == "bad")
    actions = _newest(_rows(timeline.of_target, RowKind.ACTION))
    if run.outcome != "Succeeded":
        yield from (bar for bar in actions if _was_cut_short(bar, run.stopped))
        progress = _newest(_rows(timeline.of_run, RowKind.PROGRESS))
        yield from (bar for bar in progress if ("progress", bar.name) not in bar.details)
    yield from actions
    yield from _newest(timeline.rows)


def _rows(rows: Iterable[Row], kind: RowKind, name: str | None = None) -> Iterator[Row]:
    return (row for row in rows if row.kind is kind and name in {None, row.name})


def _newest(rows: Iterable[Row]) -> list[Bar]:
    """The bars of the rows. Those that have not ended come first, then those that ended last."""
    bars = (bar for row in rows for bar in row.bars)
    return sorted(bars, key=lambda bar: (bar.end or _NEVER, bar.start), reverse=True)


def _is_in(bar: Bar, stage: str) -> bool:
    return dict(bar.details).get("stage", stage) == stage


def _was_cut_short(bar: Bar, stopped: datetime | None) -> bool:
    """Whether an action did not succeed before the run ended."""
    if bar.tone in {"bad", "stopped"} or bar.end is None:
        return True
    return stopped is not None and bar.end >= stopped
