"""The rows of the target's stages and actions, from its action executions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from codepipeline_orchestrator.aws.answers import ActionDetail, read_answer
from codepipeline_orchestrator.model.links import execution_link
from codepipeline_orchestrator.model.report import FailedAction
from codepipeline_orchestrator.model.target import Target
from codepipeline_orchestrator.pipeline.failed_action import failed_action
from pipeline_run.timeline.model import Bar, Row, RowKind, known, linked

_GOING_ON = {"InProgress"}


def rows_from_actions(
    actions: Iterable[Mapping[str, Any]], target: Target | None, now: datetime
) -> list[Row]:
    """A row for each stage, followed by a row for each of its actions, in order of start."""
    begun = sorted(
        (each for each in actions if "startTime" in each), key=lambda each: each["startTime"]
    )
    by_stage: dict[str, dict[str, list[Bar]]] = {}
    for action in begun:
        stage = by_stage.setdefault(action["stageName"], {})
        stage.setdefault(action["actionName"], []).append(_bar(action, stage, target))
    found = []
    for name, stage in by_stage.items():
        bars = sorted((bar for each in stage.values() for bar in each), key=lambda bar: bar.start)
        found.append(Row(RowKind.STAGE, name, tuple(_attempts(name, bars, now))))
        found += [Row(RowKind.ACTION, action, tuple(each)) for action, each in stage.items()]
    return found


def _bar(
    action: Mapping[str, Any], stage: Mapping[str, Sequence[Bar]], target: Target | None
) -> Bar:
    shown = failed_action(read_answer(ActionDetail, action))
    told = shown or FailedAction(action["stageName"])
    status = str(action.get("status", ""))
    attempt = len(stage.get(action["actionName"], ())) + 1
    result = action.get("output", {}).get("executionResult", {})
    page = execution_link(target, action["pipelineExecutionId"]) if target else None
    kind = action.get("input", {}).get("actionTypeId", {})
    return Bar(
        name=f"{action['actionName']}{f', attempt {attempt}' if attempt > 1 else ''}",
        start=action["startTime"],
        end=None if status in _GOING_ON else action.get("lastUpdateTime"),
        status=status,
        details=known(
            stage=action["stageName"],
            provider=" ".join(kind[each] for each in ("category", "provider") if each in kind),
            code=told.code,
            message=told.message,
            answered_by=told.approver,
            execution=result.get("externalExecutionId"),
        ),
        links=linked(
            ("What the action ran", told.link), ("Its log", told.log_link), ("The execution", page)
        ),
    )


def _attempts(stage: str, bars: Sequence[Bar], now: datetime) -> list[Bar]:
    """The stage's bars. A new one starts when actions start again after a failure."""
    groups: list[list[Bar]] = []
    for bar in bars:
        if not groups or _is_over(groups[-1], bar):
            groups.append([])
        groups[-1].append(bar)
    return [_stage(stage, number, group, now) for number, group in enumerate(groups, start=1)]


def _is_over(group: Sequence[Bar], bar: Bar) -> bool:
    ended = all(each.end is not None and each.end <= bar.start for each in group)
    return ended and any(each.tone in {"bad", "stopped"} for each in group)


def _stage(stage: str, number: int, bars: Sequence[Bar], now: datetime) -> Bar:
    goes_on = any(bar.end is None for bar in bars)
    bad = [bar for bar in bars if bar.tone == "bad"]
    stopped = next((bar.status for bar in bars if bar.tone == "stopped"), "Succeeded")
    return Bar(
        name=f"{stage}{f', attempt {number}' if number > 1 else ''}",
        start=bars[0].start,
        end=None if goes_on else max(bar.end or now for bar in bars),
        status="InProgress" if goes_on else "Failed" if bad else stopped,
        details=known(actions=", ".join(bar.name for bar in bars), failed=_names(bad)),
        links=bars[-1].links[-1:],
    )


def _names(bars: Iterable[Bar]) -> str | None:
    return ", ".join(bar.name for bar in bars) or None
