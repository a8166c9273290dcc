"""How long the steps of a pipeline usually take, from its recent executions.

A step lasts from the start of an action to the start of the next one, the last step to the end: so
actions in a row, side by side, and stages need no model of their own.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, median
from typing import TYPE_CHECKING, Any, Self

from codepipeline_orchestrator.model.documents import from_document

if TYPE_CHECKING:
    from codepipeline_orchestrator.aws.answers import ActionDetail

_LIKELY_SPREAD = 0.2  # of the duration, before anything is known of it
_OUTLIER = 5.0  # times the usual distance from the median: an action that hung
_LEAST_DISTANCE = 1.0  # seconds; what always takes as long may take a little longer
_MOST_STEPS = 30  # more of them tell little, and all of it travels through the states


@dataclass(frozen=True)
class Step:
    """From the start of an action to the start of the next one."""

    stage: str
    action: str
    seconds: int  # it usually takes
    spread: int  # seconds; standard deviation, at least 1


@dataclass(frozen=True)
class Pace:
    """The steps of a pipeline in order, and how many of its executions fail."""

    steps: tuple[Step, ...]
    failing: float  # share

    @classmethod
    def of(cls, document: Mapping[str, Any] | None) -> Self | None:
        """The pace that a state handed on; None if it is not known."""
        if not document:
            return None
        return from_document(cls, document)

    @property
    def seconds(self) -> int:
        """How long an execution that succeeds usually takes."""
        return sum(step.seconds for step in self.steps)


@dataclass(frozen=True)
class _Ran:
    """A run of an action of which all is known that counts here."""

    status: str | None
    start: datetime
    last_update: datetime


_Key = tuple[str, str]


def pace_of(actions: Iterable[ActionDetail], *, but: str) -> Pace | None:
    """The pace of the executions that these actions belong to, without the execution `but`.

    None when none of them has succeeded, or when there are too many steps.
    """
    executions = [each for each in _executions(actions, but) if _has_ended(each)]
    succeeded = [each for each in executions if _has(each, "Succeeded")]
    if not succeeded:
        return None
    whole = max(succeeded, key=len)  # the newest of them; others were superseded on their way
    order = sorted(whole, key=lambda key: whole[key].start)
    if len(order) > _MOST_STEPS:
        return None
    begun = [each for each in executions if order[0] in each]  # else the page has cut it
    steps = tuple(_steps(order, begun))
    failed = sum(_has_failed(each) for each in begun)
    ended = failed + sum(each.keys() >= whole.keys() for each in begun if not _has_failed(each))
    return Pace(steps, round((failed + 0.5) / (ended + 5), 3))


def _executions(actions: Iterable[ActionDetail], but: str) -> list[dict[_Key, _Ran]]:
    """Each execution's actions, without those that ran an action more than once."""
    found: dict[str, list[tuple[_Key, _Ran]]] = defaultdict(list)
    for each in actions:
        execution_id = each.pipeline_execution_id
        if execution_id is None or execution_id == but or each.start_time is None:
            continue
        if each.stage_name is None or each.action_name is None or each.last_update_time is None:
            continue
        ran = _Ran(each.status, each.start_time, each.last_update_time)
        found[execution_id].append(((each.stage_name, each.action_name), ran))
    keyed = [(dict(of), len(of)) for of in found.values()]
    return [each for each, count in keyed if len(each) == count]


def _has_ended(execution: Mapping[_Key, _Ran]) -> bool:
    return all(action.status in {"Succeeded", "Failed"} for action in execution.values())


def _has(execution: Mapping[_Key, _Ran], status: str) -> bool:
    return all(action.status == status for action in execution.values())


def _has_failed(execution: Mapping[_Key, _Ran]) -> bool:
    return not _has(execution, "Succeeded")


def _steps(order: Sequence[_Key], executions: Sequence[Mapping[_Key, _Ran]]) -> Iterable[Step]:
    for key, following in itertools.pairwise([*order, None]):
        assert key is not None  # only the last of a pair is
        seconds, spread = _usual(list(_took(key, following, executions)))
        yield Step(*key, round(seconds), max(1, round(spread)))


def _took(
    key: _Key, following: _Key | None, executions: Sequence[Mapping[_Key, _Ran]]
) -> Iterable[float]:
    for execution in executions:
        if key not in execution or execution[key].status != "Succeeded":
            continue
        if following is None:
            end = max(action.last_update for action in execution.values())
        elif following in execution:
            end = execution[following].start
        else:
            continue
        yield max(0.0, (end - execution[key].start).total_seconds())


def _usual(seconds: Sequence[float]) -> tuple[float, float]:
    """Mean and standard deviation of what comes next, without what hung once."""
    middle = median(seconds)
    usual = median(abs(each - middle) for each in seconds)
    far = _OUTLIER * max(usual, _LEAST_DISTANCE)
    near = [each for each in seconds if abs(each - middle) <= far]
    mean, count = fmean(near), len(near)
    # As if one more had been seen, with the likely spread: few samples say little.
    squares = sum((each - mean) ** 2 for each in near) + (_LIKELY_SPREAD * mean) ** 2
    return mean, math.sqrt(squares / count * (1 + 1 / count))
