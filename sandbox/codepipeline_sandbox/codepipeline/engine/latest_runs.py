"""Selects the runs of actions or rules for a list request, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from codepipeline_sandbox.codepipeline.engine.executions import Execution
    from codepipeline_sandbox.codepipeline.engine.pipelines import Pipeline
    from codepipeline_sandbox.codepipeline.engine.stages import StageRun


class Run(Protocol):
    """A run of an action or rule."""

    number: int
    attempt: int

    @property
    def stage_run(self) -> StageRun:
        """The stage run that this run belongs to."""

    @property
    def execution(self) -> Execution:
        """The execution that this run belongs to."""


R = TypeVar("R", bound=Run)


def executions(pipeline: Pipeline, wanted: Mapping[str, Any]) -> list[Execution]:
    """The execution named in the filter, or all visible executions if there is no filter.

    Raises PipelineExecutionNotFoundException.
    """
    latest = wanted.get("latestInPipelineExecution", {})
    identity = latest.get("pipelineExecutionId", wanted.get("pipelineExecutionId"))
    if identity is not None:
        return [pipeline.execution(identity)]
    return [each for each in pipeline.executions.values() if each.visible]


def wanted(runs: Iterable[R], wanted: Mapping[str, Any], key: Callable[[R], Hashable]) -> list[R]:
    """Apply the filter `latestInPipelineExecution`, or return all runs if it is not set.

    The filter selects the newest run of each action or rule. Unless its startTimeRange is `All`,
    the filter also omits runs from earlier attempts.
    """
    newest_first = sorted(runs, key=lambda run: run.number, reverse=True)
    if "latestInPipelineExecution" not in wanted:
        return newest_first
    newest: dict[Hashable, R] = {}
    for run in newest_first:
        newest.setdefault((run.stage_run.name, key(run)), run)
    every = wanted["latestInPipelineExecution"]["startTimeRange"] == "All"
    return [run for run in newest.values() if every or run.attempt == run.execution.attempt]
