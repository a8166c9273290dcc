"""The CodePipeline permissions that a run needs from the target's role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from codepipeline_orchestrator.errors import TargetAccessDenied
from codepipeline_orchestrator.model.request import Request
from codepipeline_orchestrator.model.state import RunState

# Optional actions. Without them, a run cannot report progress, or the cause and time of a failure.
TELLING = ("ListPipelineExecutions", "ListActionExecutions", "GetPipelineState")


@contextmanager
def all_named(state: RunState) -> Iterator[None]:
    """Make TargetAccessDenied name every action that the run needs, not only the refused one."""
    try:
        yield
    except TargetAccessDenied as error:
        raise TargetAccessDenied(f"{error} {_needs(state.request)}{_left(state)}") from error


def needed(request: Request) -> list[str]:
    """The CodePipeline actions that the run's input requires."""
    given = request.pipeline_execution_id is not None
    searches = request.mode != "start" or request.if_running != "start" or request.has_token
    follows_another = "follow" in {request.on_superseded, request.on_restarted}
    reads_actions = request.max_stage_retries > 0 or bool(request.output_variables)
    wanted = {
        "StartPipelineExecution": request.mode == "start" and not given,
        "GetPipelineExecution": request.mode != "idle" and request.wait,
        "ListPipelineExecutions": searches or follows_another,
        "ListActionExecutions": reads_actions,
        "GetPipelineState": request.on_restarted == "follow",
        "StopPipelineExecution": request.on_timeout.stops or request.on_abort.stops,
        "RetryStageExecution": request.max_stage_retries > 0,
    }
    return [action for action, is_wanted in wanted.items() if is_wanted]


def _needs(request: Request) -> str:
    actions = needed(request)
    telling = [action for action in TELLING if action not in actions]
    also = (
        f" To show progress and why a target failed, the role also needs {_listed(telling)}."
        if telling
        else ""
    )
    return f"For this run, the role needs {_listed(actions)}.{also}"


def _listed(actions: list[str]) -> str:
    return ", ".join(f"codepipeline:{action}" for action in actions)


def _left(state: RunState) -> str:
    if state.execution is None:
        return ""
    return f" The execution {state.execution.pipeline_execution_id} was left unchanged."
