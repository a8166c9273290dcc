"""Which of CodePipeline's actions a run needs of the target's role, by what its input asks for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from codepipeline_orchestrator.errors import TargetAccessDenied
from codepipeline_orchestrator.model.request import Request
from codepipeline_orchestrator.model.state import RunState

# A run works without these, but cannot report progress, the cause of a failure, or its time.
TELLING = ("ListPipelineExecutions", "ListActionExecutions", "GetPipelineState")


@contextmanager
def all_named(state: RunState) -> Iterator[None]:
    """Let TargetAccessDenied name all that the run needs, not only what was refused first."""
    try:
        yield
    except TargetAccessDenied as error:
        raise TargetAccessDenied(f"{error} {_needs(state.request)}{_left(state)}") from error


def needed(request: Request) -> list[str]:
    """The actions without which the run cannot do what its input asks for."""
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
    return (
        f"For this run, the role needs {_listed(actions)}, and to show where the target is and why "
        f"it failed {_listed(telling)}."
    )


def _listed(actions: list[str]) -> str:
    return ", ".join(f"codepipeline:{action}" for action in actions)


def _left(state: RunState) -> str:
    if state.execution is None:
        return ""
    return f" The execution {state.execution.pipeline_execution_id} was left unchanged."
