"""Reads the target's progress and its pipeline's pace.

Both determine when to poll again and help people follow the run. No outcome depends on either, so
data that AWS denies or throttles is omitted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.progress import Progress
from codepipeline_orchestrator.pipeline.find_progress import (
    progress_in_actions,
    progress_in_stages,
    shows_execution,
)
from codepipeline_orchestrator.pipeline.listing import (
    action_executions,
    pipeline_state,
    recent_actions,
)
from codepipeline_orchestrator.polling.pace import pace_of
from codepipeline_orchestrator.telemetry import logger
from codepipeline_orchestrator.text import error_text

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient

    from codepipeline_orchestrator.model.state import Memory
    from codepipeline_orchestrator.model.target import Target

# How many polls may try to read the pace. AWS throttles these reads if many runs begin together.
_TRIES = 8
# Every fourth poll differs from the others (see is_progress_due).
_EVERY = 4


def refreshed(
    memory: Memory,
    target: Target,
    execution_id: str,
    *,
    connect: Callable[[Target], CodePipelineClient],
) -> Memory:
    """The memory, updated with the target's progress and its pipeline's pace."""
    try:
        codepipeline = connect(target)
        progress = read_progress(target, execution_id, codepipeline=codepipeline)
    except Exception as error:  # noqa: BLE001 - the run follows the target without it
        logger.warning("the target's progress could not be read", error=error_text(error))
        tried: dict[str, Any] | None = {} if memory.polls >= _TRIES else None
        return replace(memory, progress=None, pace=memory.pace or tried)
    if memory.pace is None:
        memory = replace(memory, pace=_read_pace(target, execution_id, codepipeline))
    return replace(memory, progress=progress)


def read_progress(
    target: Target, execution_id: str, *, codepipeline: CodePipelineClient
) -> Progress | None:
    """The execution's progress, or None if it is unknown, for example between two stages.

    Raises the same errors as `listing`.
    """
    stages = pipeline_state(target, codepipeline=codepipeline).stage_states
    if shows_execution(stages, execution_id):
        return progress_in_stages(stages, execution_id)
    # The state of a PARALLEL pipeline does not show this execution (User Guide, execution-modes).
    details = action_executions(target, execution_id, codepipeline=codepipeline)
    return progress_in_actions(details)


@contextmanager
def suppress_unread(what: str) -> Iterator[None]:
    """Log errors from reading optional data instead of raising them."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the run continues without it
        logger.warning("not everything could be read", lacks=what, error=error_text(error))


def _read_pace(target: Target, but: str, codepipeline: CodePipelineClient) -> Mapping[str, Any]:
    """The pace of the pipeline's recent executions. Empty if it is unknown."""
    try:
        pace = pace_of(recent_actions(target, codepipeline=codepipeline), but=but)
    except Exception as error:  # noqa: BLE001 - as above
        logger.warning("the target's usual duration could not be read", error=error_text(error))
        return {}
    document: Mapping[str, Any] = to_document(pace) if pace else {}
    return document


def is_progress_due(memory: Memory) -> bool:
    """Whether this poll, which `memory` already counts, reads the progress.

    Three out of four polls do while an action is running. At other times, every poll does until the
    pace is known, and then every fourth.
    """
    if memory.progress is not None and memory.progress.runs:
        return memory.progress_polls < _EVERY - 1
    return memory.pace is None or memory.polls % _EVERY == 0
