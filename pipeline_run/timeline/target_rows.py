"""The rows of the target's stages and actions, with CodePipeline's own times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from codepipeline_orchestrator.aws.answers import ActionDetail, read_answer
from codepipeline_orchestrator.model.documents import from_document
from codepipeline_orchestrator.model.links import execution_link
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.report import ActionAttempt, FailedAction, StageAttempt
from codepipeline_orchestrator.model.target import Target
from codepipeline_orchestrator.pipeline.failed_action import failed_action
from codepipeline_orchestrator.pipeline.stage_attempts import stage_attempts
from pipeline_run.runs import Run
from pipeline_run.timeline.model import Bar, Links, Row, RowKind, known, linked

_Key = tuple[str, str | None, datetime | None]  # stage, action, and the action's start


@dataclass(frozen=True)
class _Shown:
    """What is known about an action besides its times."""

    details: tuple[tuple[str, str], ...] = ()
    links: Links = ()


@dataclass(frozen=True)
class _Execution:
    """The attempts at the stages of one execution of the target."""

    stages: Sequence[StageAttempt]
    shown: Mapping[_Key, _Shown]
    page: Links
    as_of: datetime | None = None  # when the attempts were read, unless they were read just now


def rows_from_actions(
    actions: Iterable[Mapping[str, Any]], target: Target | None, outcomes: Mapping[str, Outcome]
) -> list[Row]:
    """The rows from action executions, which are listed execution by execution.

    `outcomes` has the known outcomes of the executions.
    """
    found = []
    for execution_id, of_execution in groupby(actions, lambda raw: str(raw["pipelineExecutionId"])):
        listed = [(raw, read_answer(ActionDetail, raw)) for raw in of_execution]
        stages = stage_attempts([read for _, read in listed], outcomes.get(execution_id))
        shown = {
            (str(read.stage_name), read.action_name, read.start_time): _shown(raw, read)
            for raw, read in listed
        }
        found.append(_Execution(stages, shown, _page(target, execution_id)))
    return _rows(found)


def rows_from_result(run: Run, target: Target | None) -> list[Row]:
    """The rows from the stages in a run's result. Empty if the result has no stages."""
    result = run.result
    read_at = datetime.fromisoformat(result["endTime"]) if "endTime" in result else run.stopped
    stages = [from_document(StageAttempt, each) for each in result.get("stages", ())]
    newest = {
        (stage.name, action.name): action.start_time for stage in stages for action in stage.actions
    }
    failures = [run.failure, *result.get("alsoFailed", ())]
    told = [from_document(FailedAction, each) for each in failures if each]
    told += [
        FailedAction(each["stage"], each["action"], approver=each.get("by"))
        for each in result.get("approvals", ())
    ]
    shown = {
        (each.stage, each.action, newest.get((each.stage, str(each.action)))): _of_failure(each)
        for each in told
    }
    page = _page(target, str(result.get("pipelineExecutionId")))
    return _rows([_Execution(stages, shown, page, read_at)])


def _page(target: Target | None, execution_id: str) -> Links:
    return linked(("The execution", execution_link(target, execution_id) if target else None))


def _shown(raw: Mapping[str, Any], read: ActionDetail) -> _Shown:
    of_failure = _of_failure(failed_action(read) or FailedAction(str(read.stage_name)))
    kind = raw.get("input", {}).get("actionTypeId", {})
    result = raw.get("output", {}).get("executionResult", {})
    details = (
        *known(provider=" ".join(kind[each] for each in ("category", "provider") if each in kind)),
        *of_failure.details,
        *known(execution=result.get("externalExecutionId")),
    )
    return _Shown(details, of_failure.links)


def _of_failure(told: FailedAction) -> _Shown:
    """The details that a failed action shows. Other actions have some of them too."""
    details = known(code=told.code, message=told.message, answered_by=told.approver)
    return _Shown(details, linked(("What the action ran", told.link), ("Its log", told.log_link)))


def _rows(executions: Iterable[_Execution]) -> list[Row]:
    """A row for each stage, followed by a row for each of its actions, in order of start."""
    bars: dict[str, dict[str | None, list[Bar]]] = {}  # by stage and action; None is the stage
    for execution in executions:
        tries: Counter[tuple[str, str | None]] = Counter()
        for stage in execution.stages:
            for action in (None, *stage.actions):
                name = action.name if action else None
                tries[stage.name, name] += 1
                bar = _bar(execution, stage, action, tries[stage.name, name])
                bars.setdefault(stage.name, {}).setdefault(name, []).append(bar)
    return [
        Row(RowKind.ACTION if action else RowKind.STAGE, action or stage, tuple(each))
        for stage, of_stage in bars.items()
        for action, each in of_stage.items()
    ]


def _bar(
    execution: _Execution, stage: StageAttempt, action: ActionAttempt | None, attempt: int
) -> Bar:
    of = action or stage
    if action:
        shown = execution.shown.get((stage.name, action.name, action.start_time), _Shown())
        details = (*known(stage=stage.name), *shown.details)
        links = (*shown.links, *execution.page)
    else:
        details, links = _of_actions(stage), execution.page
    return Bar(
        name=f"{of.name}, attempt {attempt}" if attempt > 1 else of.name,
        start=of.start_time,
        end=of.end_time,
        status=of.status or "",
        details=details,
        links=links,
        as_of=None if of.end_time else execution.as_of,
    )


def _of_actions(stage: StageAttempt) -> tuple[tuple[str, str], ...]:
    failed = (each.name for each in stage.actions if each.status == "Failed")
    return known(actions=", ".join(each.name for each in stage.actions), failed=", ".join(failed))
