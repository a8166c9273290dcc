"""The stages of a target that may not be read, as its run has seen them from look to look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from codepipeline_orchestrator.model.outcome import UNFINISHED
from codepipeline_orchestrator.model.snapshot import Snapshot
from pipeline_run.timeline.model import Bar, Links, Row, RowKind, known, linked
from pipeline_run.timeline.steps import RunStep

_SEEN = "as the run saw it from look to look"
_UNSEEN = "somewhere between these two looks: it began and failed unseen"
# From when to when; to None while it goes on.
_Span = tuple[datetime, datetime | None]
# A stage; with an action of it, or as a whole.
_Key = tuple[str, str | None]


class _Poll(NamedTuple):
    """When the run polled its target, and what it saw."""

    entered: datetime
    snapshot: Snapshot


def rows_from_polls(
    steps: Sequence[RunStep], ended: datetime | None, result: Mapping[str, Any]
) -> list[Row]:
    """A row for each stage and action that was seen, from the first look at it to the last.

    What failed between two looks, and was never seen, has a bar from the one to the other.
    """
    looks = [_Poll(step.entered, step.snapshot) for step in steps if step.snapshot]
    spans = _spans(looks, ended)
    seen, failure = set(spans), result.get("failure") or {}
    if failure and looks:
        for action in (None, failure.get("action")):
            spans.setdefault((str(failure["stage"]), action), [_between(looks, ended)])
    by_stage = sorted(spans, key=lambda key: (spans[key[0], None][0][0], key[1] is not None))
    page = linked(("The execution", looks[-1].snapshot.link)) if looks else ()
    last = by_stage[-1][0] if by_stage else ""
    return [
        _row(
            *key,
            spans[key],
            status=_status(*key, last, result),
            times=_SEEN if key in seen else _UNSEEN,
            page=page,
        )
        for key in by_stage
    ]


def _spans(looks: Sequence[_Poll], ended: datetime | None) -> dict[_Key, list[_Span]]:
    found: dict[_Key, list[_Span]] = {}
    after = [*(each.entered for each in looks[1:]), ended]
    for look, until in zip(looks, after, strict=False):  # without looks there is one too many
        progress = look.snapshot.progress
        if progress:
            for action in (None, *(progress.actions or ())):
                found.setdefault((progress.stage, action), []).append((look.entered, until))
    return found


def _between(looks: Sequence[_Poll], ended: datetime | None) -> _Span:
    """From the last look that saw the target going on to the one that saw its end."""
    going = [each.entered for each in looks if each.snapshot.status in UNFINISHED]
    over = [each.entered for each in looks if each.snapshot.status not in UNFINISHED]
    last = going[-1] if going else looks[0].entered
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
    """What is certain: the run has told what failed, and what was passed by has succeeded."""
    failure = result.get("failure") or {}
    if failure.get("stage") == stage and action in {None, failure.get("action")}:
        return "Failed"
    return "Succeeded" if stage != last or result.get("outcome") == "Succeeded" else ""
