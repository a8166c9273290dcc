"""Reads a pipeline's declaration, state, executions, and action executions.

Raises the errors of `target_refused`. Also raises TargetUnavailable if a response lacks the
requested data, because the next response may contain it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.aws.answers import (
    ActionDetail,
    ActionPage,
    DeclaredStage,
    ExecutionAnswer,
    ExecutionPage,
    ExecutionSummary,
    PipelineAnswer,
    PipelineExecution,
    PipelineState,
    read_answer,
)
from codepipeline_orchestrator.aws.refusals import target_refused
from codepipeline_orchestrator.errors import TargetUnavailable
from codepipeline_orchestrator.model.state import MOST_READ

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient

    from codepipeline_orchestrator.model.target import Target

_Page = TypeVar("_Page", ExecutionPage, ActionPage)
_PAGE = 100  # items per call; the API's maximum
_MOST_PAGES = 50  # maximum for a list of executions or action executions
# A longer search would leave the function no time to return the outcome.
_LONGEST_SEARCH = timedelta(seconds=8)
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Listed:
    """Executions, sorted by start time, newest first, and whether the pipeline has no others."""

    executions: tuple[ExecutionSummary, ...]
    is_whole: bool

    def execution(self, execution_id: str) -> ExecutionSummary | None:
        """The execution with this id, or None if the list does not have it."""
        of_this_id = (e for e in self.executions if e.pipeline_execution_id == execution_id)
        return next(of_this_id, None)


def newest_executions(
    target: Target, *, codepipeline: CodePipelineClient, since: datetime | None = None
) -> Listed:
    """The pipeline's newest 1,000 executions, if AWS lists the newest first.

    If `since` is given, reading continues back to that start time, but ends after 5,000 executions
    or 8 seconds.
    """
    deadline = clock.now() + _LONGEST_SEARCH

    def is_enough(found: list[ExecutionSummary]) -> bool:
        reaches_back = since is None or any(_start(each) < since for each in found)
        return len(found) >= MOST_READ and (reaches_back or clock.now() >= deadline)

    return _listed(_execution_pages(target, codepipeline), is_enough)


def executions_around(
    target: Target, execution_id: str, *, codepipeline: CodePipelineClient, alone: bool = False
) -> Listed:
    """The newest executions, and as many more as it takes to find the one with this id.

    If `alone` is true, reading ends as soon as that execution is found. The search ends after 5,000
    executions or 8 seconds, so the execution may be missing.
    """
    deadline = clock.now() + _LONGEST_SEARCH

    def is_enough(found: list[ExecutionSummary]) -> bool:
        is_there = any(each.pipeline_execution_id == execution_id for each in found)
        return (is_there and (alone or len(found) >= MOST_READ)) or clock.now() >= deadline

    return _listed(_execution_pages(target, codepipeline), is_enough)


def read_execution(
    target: Target, execution_id: str, *, codepipeline: CodePipelineClient
) -> PipelineExecution:
    """Read the execution with this id."""
    raw = _ask(
        target,
        "GetPipelineExecution",
        codepipeline.get_pipeline_execution,
        pipelineName=target.pipeline_name,
        pipelineExecutionId=execution_id,
    )
    return read_answer(ExecutionAnswer, raw).pipeline_execution


def read_status(target: Target, execution_id: str, *, codepipeline: CodePipelineClient) -> str:
    """Read the status of the execution with this id. The status may be an undocumented one."""
    found = read_execution(target, execution_id, codepipeline=codepipeline)
    if found.status is None:
        raise _lacks(target, "GetPipelineExecution", "a status")
    return found.status


def action_executions(
    target: Target, execution_id: str, *, codepipeline: CodePipelineClient
) -> list[ActionDetail]:
    """The action executions of a pipeline execution, newest first. At most 5,000."""
    chosen = {"filter": {"pipelineExecutionId": execution_id}}
    pages = list(_pages(target, "ListActionExecutions", ActionPage, codepipeline, chosen))
    found = [each for page in pages for each in page.action_execution_details or ()]
    return sorted(found, key=_start, reverse=True)


def recent_actions(target: Target, *, codepipeline: CodePipelineClient) -> list[ActionDetail]:
    """One page of action executions across all executions of the pipeline, newest first."""
    chosen = {"maxResults": _PAGE}
    page = next(_pages(target, "ListActionExecutions", ActionPage, codepipeline, chosen))
    return sorted(page.action_execution_details or (), key=_start, reverse=True)


def pipeline_state(target: Target, *, codepipeline: CodePipelineClient) -> PipelineState:
    """Read the pipeline's state with GetPipelineState."""
    call = codepipeline.get_pipeline_state
    return read_answer(
        PipelineState, _ask(target, "GetPipelineState", call, name=target.pipeline_name)
    )


def declared_stages(
    target: Target, version: int, *, codepipeline: CodePipelineClient
) -> tuple[DeclaredStage, ...]:
    """The stages of this version of the pipeline. AWS keeps the last ten versions."""
    call = codepipeline.get_pipeline
    raw = _ask(target, "GetPipeline", call, name=target.pipeline_name, version=version)
    return read_answer(PipelineAnswer, raw).pipeline.stages


def _execution_pages(target: Target, codepipeline: CodePipelineClient) -> Iterator[ExecutionPage]:
    chosen = {"maxResults": _PAGE}
    return _pages(target, "ListPipelineExecutions", ExecutionPage, codepipeline, chosen)


def _listed(
    pages: Iterable[ExecutionPage], is_enough: Callable[[list[ExecutionSummary]], bool]
) -> Listed:
    found: list[ExecutionSummary] = []
    is_whole = False
    for page in pages:
        found += page.pipeline_execution_summaries or ()
        is_whole = page.next_token is None
        if is_enough(found):
            break
    return Listed(tuple(sorted(found, key=_start, reverse=True)), is_whole)


def _start(item: ExecutionSummary | ActionDetail) -> datetime:
    """The sort key. An item without a start time counts as the oldest."""
    return item.start_time or _EPOCH


_CALLS = {
    "ListPipelineExecutions": "list_pipeline_executions",
    "ListActionExecutions": "list_action_executions",
}


def _pages(
    target: Target,
    action: str,
    shape: type[_Page],
    codepipeline: CodePipelineClient,
    chosen: Mapping[str, Any],
) -> Iterator[_Page]:
    """The pages of a list. Unlike botocore's paginators, it stops at a repeated token."""
    call, asked = getattr(codepipeline, _CALLS[action]), dict(chosen)
    tokens: set[str] = set()
    for _ in range(_MOST_PAGES):
        page = read_answer(
            shape, _ask(target, action, call, pipelineName=target.pipeline_name, **asked)
        )
        items = (
            page.pipeline_execution_summaries
            if isinstance(page, ExecutionPage)
            else page.action_execution_details
        )
        if items is None:
            raise _lacks(target, action, "a list")
        yield page
        if page.next_token is None or page.next_token in tokens:
            return
        tokens.add(page.next_token)
        asked["nextToken"] = page.next_token


def _ask(target: Target, action: str, call: Callable[..., Any], **asked: Any) -> Any:
    with target_refused(target, action):
        return call(**asked)


def _lacks(target: Target, action: str, what: str) -> TargetUnavailable:
    return TargetUnavailable(f"CodePipeline's response to {action} on {target} lacks {what}.")
