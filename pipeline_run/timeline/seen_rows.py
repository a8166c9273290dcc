"""The stages of a target that may not be read, as its run has seen them from look to look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from codepipeline_orchestrator.pipeline.executions import UNFINISHED
from pipeline_run.timeline.model import Bar, Kind, Links, Row, known, linked
from pipeline_run.timeline.steps import Step

_SEEN = "as the run saw it from look to look"
_UNSEEN = "somewhere between these two looks: it began and failed unseen"
# From when to when; to None while it goes on.
_Span = tuple[datetime, datetime | None]
# A stage; with an action of it, or as a whole.
_Key = tuple[str, str | None]


def rows(steps: Sequence[Step], ended: datetime | None, result: Mapping[str, Any]) -> list[Row]:
    """A row for each stage and action that was seen, from the first look at it to the last.

    What failed between two looks, and was never seen, has a bar from the one to the other.
    """
    looks = [step for step in steps if step.standing]
    spans = _spans(looks, ended)
    seen, failure = set(spans), result.get("failure") or {}
    if failure and looks:
        for action in (None, failure.get("action")):
            spans.setdefault((str(failure["stage"]), action), [_between(looks, ended)])
    by_stage = sorted(spans, key=lambda key: (spans[key[0], None][0][0], key[1] is not None))
    page = linked(("The execution", looks[-1].standing.get("link"))) if looks else ()
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


def _spans(looks: Sequence[Step], ended: datetime | None) -> dict[_Key, list[_Span]]:
    found: dict[_Key, list[_Span]] = {}
    after = [*(step.entered for step in looks[1:]), ended]
    for look, until in zip(looks, after, strict=False):  # without looks there is one too many
        # Of what has ended it is only known where it was before.
        where = look.standing.get("where") if look.standing["status"] in UNFINISHED else None
        if where:
            for action in (None, *where.get("actions", ())):
                found.setdefault((str(where["stage"]), action), []).append((look.entered, until))
    return found


def _between(looks: Sequence[Step], ended: datetime | None) -> _Span:
    """From the last look that saw the target going on to the one that saw its end."""
    going = [step.entered for step in looks if step.standing["status"] in UNFINISHED]
    over = [step.entered for step in looks if step.standing["status"] not in UNFINISHED]
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
    return Row(Kind.ACTION if action else Kind.STAGE, action or stage, tuple(bars))


def _status(stage: str, action: str | None, last: str, result: Mapping[str, Any]) -> str:
    """What is certain: the run has told what failed, and what was passed by has succeeded."""
    failure = result.get("failure") or {}
    if failure.get("stage") == stage and action in {None, failure.get("action")}:
        return "Failed"
    return "Succeeded" if stage != last or result.get("outcome") == "Succeeded" else ""
