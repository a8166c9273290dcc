"""Reads what makes the report on an ended execution useful.

None of it changes the outcome, so what is denied or throttled here is only missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from codepipeline_orchestrator.aws.refusals import target_refused
from codepipeline_orchestrator.errors import TargetAccessDenied
from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.report import EndDetails, FailedAction, Revision
from codepipeline_orchestrator.model.request import OnSuperseded
from codepipeline_orchestrator.pipeline.comparison import different_revisions, different_variables
from codepipeline_orchestrator.pipeline.executions import rollback_of, successor
from codepipeline_orchestrator.pipeline.failed_action import approvals, failed_actions
from codepipeline_orchestrator.pipeline.listing import action_executions, newest_executions
from codepipeline_orchestrator.pipeline.output_variables import asked_for
from codepipeline_orchestrator.pipeline.unmet_condition import unmet_condition
from codepipeline_orchestrator.telemetry import logger
from codepipeline_orchestrator.text import error_text, plain

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_codepipeline.type_defs import PipelineExecutionTypeDef

    from codepipeline_orchestrator.model.request import Request
    from codepipeline_orchestrator.model.target import Target

_Value = TypeVar("_Value")
_LONGEST = 2_000  # characters of what the target's account wrote; a message holds 5,000
_LONGEST_REVISION = 1_500  # characters; a limit of the CodePipeline API
# As JSON. The state machine hands on 256 KiB at most, and a result has more to say than these.
_MOST_BYTES = 20_000


@dataclass(frozen=True)
class _Ended:
    """The execution whose details are read, and who reads them."""

    target: Target
    request: Request
    execution_id: str
    outcome: Outcome | None
    connect: Callable[[], CodePipelineClient]
    is_another: bool  # than the execution that was started or found for the request


def read_end_details(
    target: Target,
    request: Request,
    found: PipelineExecutionTypeDef,
    outcome: Outcome | None,
    connect: Callable[[], CodePipelineClient],
    *,
    is_another: bool = False,
) -> tuple[EndDetails, bool]:
    """Variables, revisions, times; what the actions show: failure, approvals, output variables.

    Also whether an action still runs although the execution shows Failed: its stage is being
    retried then.
    """
    ended = _Ended(target, request, found["pipelineExecutionId"], outcome, connect, is_another)
    details, is_retried = EndDetails(), False
    with _not_vital("what it ran with"):
        details = _ran_with(found, ended)
    with _not_vital("times"):
        details = _with_times(details, ended)
    if outcome is not None:
        details, is_retried = _with_actions(details, ended, outcome)
    is_explained = details.failures or is_retried or details.actions_unread
    if outcome is Outcome.FAILED and not is_explained:
        with _not_vital("conditions"):
            details = replace(details, failures=_unmet_condition(ended))
    return details, is_retried


@contextmanager
def _not_vital(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, the outcome is known and stands
        _warn(what, error)


def _warn(what: str, error: Exception) -> None:
    logger.warning("the report lacks details", lacks=what, error=error_text(error))


def _ran_with(found: PipelineExecutionTypeDef, ended: _Ended) -> EndDetails:
    revisions = [
        Revision(each.get("name"), plain(each.get("revisionId"), _LONGEST_REVISION) or "")
        for each in found.get("artifactRevisions", [])
    ]
    variables: list[Mapping[str, Any]] = list(found.get("variables", []))
    return EndDetails(
        status_summary=plain(found.get("statusSummary"), _LONGEST),
        variables=_as_many(variables),
        differences=different_variables(ended.request, variables) if ended.is_another else (),
        source_revisions=_as_many(revisions),
        rollback_of=found.get("rollbackMetadata", {}).get("rollbackTargetPipelineExecutionId"),
    )


def _as_many(values: Sequence[_Value]) -> tuple[_Value, ...]:
    """The first of them, as many as there is room for."""
    kept: list[_Value] = []
    left = _MOST_BYTES
    for each in values:
        left -= len(json.dumps(to_document(each))) + 2  # what stands between them
        if left >= 0:
            kept.append(each)
    return tuple(kept)


def _with_times(details: EndDetails, ended: _Ended) -> EndDetails:
    """With times, the reason of a stop, and who superseded, which only the list has."""
    summaries = newest_executions(ended.target, codepipeline=ended.connect())
    for summary in summaries:
        if summary["pipelineExecutionId"] == ended.execution_id:
            superseded = ended.outcome is Outcome.SUPERSEDED
            newer = successor(summaries, ended.execution_id) if superseded else None
            failed = ended.outcome is Outcome.FAILED
            rollback = rollback_of(summaries, ended.execution_id) if failed else None
            revisions = summary.get("sourceRevisions", [])
            different = different_revisions(ended.request, revisions) if ended.is_another else ()
            return replace(
                details,
                start_time=summary["startTime"],
                end_time=summary["lastUpdateTime"] if ended.outcome is not None else None,
                stop_reason=plain(summary.get("stopTrigger", {}).get("reason"), _LONGEST),
                superseded_by=newer["pipelineExecutionId"] if newer else None,
                rolled_back_by=rollback["pipelineExecutionId"] if rollback else None,
                differences=(*details.differences, *different),
            )
    return details


def _with_actions(details: EndDetails, ended: _Ended, outcome: Outcome) -> tuple[EndDetails, bool]:
    """With what the actions show, or why it is missing: a person has to know."""
    wanted = _wanted(ended.request, outcome)
    try:
        with target_refused(ended.target, "ListActionExecutions"):
            actions = action_executions(
                ended.target, ended.execution_id, codepipeline=ended.connect()
            )
        return _from_actions(details, ended.request, outcome, actions)
    except Exception as error:  # noqa: BLE001 - whatever it is, the outcome is known and stands
        _warn("actions", error)
        role = ended.target.role_arn
        denied = f"the role {role} may not do codepipeline:ListActionExecutions"
        busy = "CodePipeline did not answer ListActionExecutions"
        unread = denied if isinstance(error, TargetAccessDenied) else busy
        return replace(details, actions_unread=unread, missing_variables=wanted), False


def _from_actions(
    details: EndDetails, request: Request, outcome: Outcome, actions: Sequence[Mapping[str, Any]]
) -> tuple[EndDetails, bool]:
    has_failed = outcome is Outcome.FAILED
    made = asked_for(request.output_variables, actions)
    missing = (name for name in _wanted(request, outcome) if name not in made)
    details = replace(
        details,
        approvals=_as_many(approvals(actions)),
        failures=failed_actions(actions, details.source_revisions) if has_failed else (),
        target_variables=made if request.output_variables else None,
        missing_variables=tuple(missing),
    )
    is_running = any(each.get("status") == "InProgress" for each in actions)
    return details, has_failed and is_running


def _wanted(request: Request, outcome: Outcome) -> tuple[str, ...]:
    """The output variables that the action hands back: one that fails hands back nothing."""
    accepts = request.on_superseded is OnSuperseded.SUCCEED
    is_accepted = accepts and outcome is Outcome.SUPERSEDED
    return request.output_variables if is_accepted or outcome is Outcome.SUCCEEDED else ()


def _unmet_condition(ended: _Ended) -> tuple[FailedAction, ...]:
    """The failed condition of an execution none of whose actions failed."""
    state = ended.connect().get_pipeline_state(name=ended.target.pipeline_name)
    found = unmet_condition(state["stageStates"], ended.execution_id)
    return (found,) if found else ()
