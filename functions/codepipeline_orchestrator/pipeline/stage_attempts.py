"""Groups a pipeline execution's action executions into attempts at its stages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.report import ActionAttempt, StageAttempt

if TYPE_CHECKING:
    from codepipeline_orchestrator.aws.answers import ActionDetail

# A run's state can hold 256 KB and a cause 32,768 characters. An attempt takes 100 to 300 bytes.
_MOST_STAGES = _MOST_ACTIONS = 100
_RUNNING, _SUCCEEDED = "InProgress", "Succeeded"
# With these outcomes, no stage ended before its last action.
_COMPLETE = {Outcome.SUCCEEDED, Outcome.SUPERSEDED}


def stage_attempts(
    details: Sequence[ActionDetail], outcome: Outcome | None
) -> tuple[StageAttempt, ...]:
    """The attempts at the stages of one pipeline execution, oldest first.

    `details` are its action executions, newest first.

    A stage is attempted again if actions start after one of its actions failed. If an execution is
    stopped between two actions, every action that ran in the last stage has succeeded, but the
    stage has not. Unless the `outcome` rules this out, the last stage has no status.
    """
    attempts: list[tuple[str, list[ActionAttempt]]] = []
    newest: dict[str, list[ActionAttempt]] = {}
    for stage, action in sorted(_begun(details), key=lambda begun: begun[1].start_time):
        if stage not in newest or _is_retry(action, newest[stage]):
            newest[stage] = []
            attempts.append((stage, newest[stage]))
        newest[stage].append(action)
    found = [_attempt(stage, actions) for stage, actions in attempts]
    if found and found[-1].status == _SUCCEEDED and outcome not in _COMPLETE:
        found[-1] = replace(found[-1], status=None)
    return tuple(found)


def newest_stages(stages: Sequence[StageAttempt]) -> tuple[StageAttempt, ...]:
    """The newest 100 attempts at stages, with at most 100 actions. Earlier ones have no actions."""
    kept, left = [], _MOST_ACTIONS
    for stage in reversed(stages[-_MOST_STAGES:]):
        left -= len(stage.actions)
        kept.append(stage if left >= 0 else replace(stage, actions=()))
    return tuple(reversed(kept))


def _begun(details: Sequence[ActionDetail]) -> Iterator[tuple[str, ActionAttempt]]:
    for each in reversed(details):
        if each.stage_name and each.action_name and each.start_time:
            end = None if each.status == _RUNNING else each.last_update_time
            yield (
                each.stage_name,
                ActionAttempt(each.action_name, each.start_time, end, each.status),
            )


def _is_retry(action: ActionAttempt, earlier: Sequence[ActionAttempt]) -> bool:
    ended = all(each.end_time and each.end_time <= action.start_time for each in earlier)
    return ended and any(each.status != _SUCCEEDED for each in earlier)


def _attempt(stage: str, actions: Sequence[ActionAttempt]) -> StageAttempt:
    ends = [each.end_time for each in actions if each.end_time]
    end = max(ends) if len(ends) == len(actions) else None
    return StageAttempt(stage, actions[0].start_time, end, _status(actions), tuple(actions))


def _status(actions: Iterable[ActionAttempt]) -> str | None:
    statuses = {each.status for each in actions}
    if _RUNNING in statuses:
        return _RUNNING
    if "Failed" in statuses:
        return "Failed"
    if "Abandoned" in statuses:
        return "Stopped"
    return _SUCCEEDED if statuses == {_SUCCEEDED} else None
