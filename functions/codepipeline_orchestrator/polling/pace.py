"""Uses a pipeline's recent executions to estimate how long it usually takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import TYPE_CHECKING, Any, Self

from codepipeline_orchestrator.model.documents import from_document

if TYPE_CHECKING:
    from codepipeline_orchestrator.aws.answers import ActionDetail

_MOST_STEPS = 30  # limited because states pass the entire pace to each other

_Key = tuple[str, str]  # stage and action


@dataclass(frozen=True)
class Step:
    """An action, and the usual time from its start to the end of the execution."""

    stage: str
    action: str
    seconds: int


@dataclass(frozen=True)
class Pace:
    """How long a pipeline usually takes. `steps` has at least one action, in order of start."""

    steps: tuple[Step, ...]

    @classmethod
    def of(cls, document: Mapping[str, Any] | None) -> Self | None:
        """The pace in the document, or None if the pace is unknown."""
        if not document:
            return None
        return from_document(cls, document)

    @property
    def seconds(self) -> int:
        """How long an execution usually takes."""
        return self.steps[0].seconds

    @property
    def stage_seconds(self) -> dict[str, int]:
        """How long each stage usually takes, from its start to the start of the next one."""
        rests: dict[str, int] = {}
        for step in self.steps:
            rests.setdefault(step.stage, step.seconds)
        ends = [*rests.values(), 0][1:]
        return {stage: rest - end for (stage, rest), end in zip(rests.items(), ends, strict=True)}

    def rest(self, stage: str, action: str) -> int | None:
        """The usual seconds from the action's start to the execution's end, if they are known."""
        steps = (step for step in self.steps if (step.stage, step.action) == (stage, action))
        return next((step.seconds for step in steps), None)


@dataclass(frozen=True)
class _Ran:
    succeeded: bool
    start: datetime
    end: datetime


def pace_of(actions: Iterable[ActionDetail], *, but: str) -> Pace | None:
    """The pace of all executions except `but`. `actions` are listed newest first.

    Returns None if no execution succeeded or the executions have too many actions.
    """
    executions = _executions(actions, but)
    succeeded = [each for each in executions if all(ran.succeeded for ran in each.values())]
    # Use the executions with the most actions. The others were superseded along the way, or the
    # page lacks some of their actions.
    whole: Mapping[_Key, _Ran] = max(succeeded, key=len, default={})
    if not 0 < len(whole) <= _MOST_STEPS:
        return None
    alike = [each for each in succeeded if each.keys() == whole.keys()]
    order = sorted(whole, key=lambda key: whole[key].start)
    return Pace(tuple(Step(*key, round(median(_rests(key, alike)))) for key in order))


def _executions(actions: Iterable[ActionDetail], but: str) -> list[dict[_Key, _Ran]]:
    found: dict[str, dict[_Key, _Ran]] = defaultdict(dict)
    for each in actions:
        execution_id = each.pipeline_execution_id
        if execution_id is None or execution_id == but or each.start_time is None:
            continue
        if each.stage_name is None or each.action_name is None or each.last_update_time is None:
            continue
        ran = _Ran(each.status == "Succeeded", each.start_time, each.last_update_time)
        found[execution_id].setdefault((each.stage_name, each.action_name), ran)
    return list(found.values())


def _rests(key: _Key, executions: Iterable[Mapping[_Key, _Ran]]) -> Iterable[float]:
    for execution in executions:
        end = max(ran.end for ran in execution.values())
        yield (end - execution[key].start).total_seconds()
