"""What makes the report on an ended execution useful.

None of it changes the outcome, so what is denied or throttled here is only missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.aws.refusals import target_refused
from codepipeline_orchestrator.errors import TargetAccessDenied
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.pipeline.executions import action_executions, successor
from codepipeline_orchestrator.pipeline.failed_action import approvals, first_failure
from codepipeline_orchestrator.pipeline.output_variables import asked_for
from codepipeline_orchestrator.pipeline.unmet_condition import failed_condition
from codepipeline_orchestrator.telemetry import logger
from codepipeline_orchestrator.text import plain

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_codepipeline.type_defs import PipelineExecutionTypeDef

    from codepipeline_orchestrator.model.state import RunState
    from codepipeline_orchestrator.model.target import Target

_LONGEST = 2_000  # characters of what the target's account wrote; a message holds 5,000
# With these there is no unmet condition to look for.
_SAY_ENOUGH = {"failure", "retrying", "actionsUnread"}
_LONGEST_REVISION = 1_500  # characters; a limit of the CodePipeline API
# As JSON. The state machine hands on 256 KiB at most, and a result has more to say than these.
_MOST_BYTES = 20_000


def describe(
    state: RunState,
    found: PipelineExecutionTypeDef,
    outcome: Outcome | None,
    connect: Callable[[], CodePipelineClient],
) -> dict[str, Any]:
    """Variables, revisions, times; what the actions tell: failure, approvals, output variables.

    `retrying` is true when an action still runs although the execution shows Failed: its stage is
    being retried.
    """
    details: dict[str, Any] = {}
    execution_id = found["pipelineExecutionId"]
    with _not_vital("what it ran with"):
        details |= _ran_with(found)
    with _not_vital("times"):
        details |= _from_list(state.target, execution_id, outcome, connect())
    if outcome is not None:
        details |= _told_by_actions(state, execution_id, outcome, connect)
    if outcome is Outcome.FAILED and not _SAY_ENOUGH & details.keys():
        with _not_vital("conditions"):
            details |= _from_conditions(state.target, execution_id, connect())
    return {name: value for name, value in details.items() if value is not None}


@contextmanager
def _not_vital(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, the outcome is known and stands
        _warn(what, error)


def _warn(what: str, error: Exception) -> None:
    logger.warning("the report lacks details", lacks=what, error=f"{type(error).__name__}: {error}")


def _ran_with(found: PipelineExecutionTypeDef) -> dict[str, Any]:
    revisions = [
        {
            "name": each.get("name"),
            "revisionId": plain(each.get("revisionId"), _LONGEST_REVISION) or "",
        }
        for each in found.get("artifactRevisions", [])
    ]
    return {
        "statusSummary": plain(found.get("statusSummary"), _LONGEST),
        "variables": _as_many(found.get("variables", [])),
        "sourceRevisions": _as_many(revisions),
        "rollbackOf": found.get("rollbackMetadata", {}).get("rollbackTargetPipelineExecutionId"),
    }


def _as_many(documents: Sequence[Any]) -> list[Any] | None:
    """The first of them, as many as there is room for."""
    kept: list[Any] = []
    left = _MOST_BYTES
    for each in documents:
        left -= len(json.dumps(each)) + 2  # what stands between them
        if left >= 0:
            kept.append(each)
    return kept or None


def _from_list(
    target: Target, execution_id: str, outcome: Outcome | None, codepipeline: CodePipelineClient
) -> dict[str, Any]:
    """Times, the reason of a stop, and who superseded: only the list of executions has that."""
    newest = codepipeline.list_pipeline_executions(pipelineName=target.pipelineName)
    summaries = newest["pipelineExecutionSummaries"]
    for summary in summaries:
        if summary["pipelineExecutionId"] == execution_id:
            found = {"startTime": clock.iso(summary["startTime"])}
            if outcome is not None:
                found["endTime"] = clock.iso(summary["lastUpdateTime"])
            if reason := plain(summary.get("stopTrigger", {}).get("reason"), _LONGEST):
                found["stopReason"] = reason
            if outcome is Outcome.SUPERSEDED and (newer := successor(summaries, execution_id)):
                found["supersededBy"] = newer["pipelineExecutionId"]
            return found
    return {}


def _told_by_actions(
    state: RunState, execution_id: str, outcome: Outcome, connect: Callable[[], CodePipelineClient]
) -> dict[str, Any]:
    """What the actions tell, or why they do not: a person has to know what is missing."""
    try:
        return _from_actions(state, execution_id, outcome, connect())
    except Exception as error:  # noqa: BLE001 - whatever it is, the outcome is known and stands
        _warn("actions", error)
        denied = f"the role {state.target.roleArn} may not do codepipeline:ListActionExecutions"
        busy = "CodePipeline did not answer ListActionExecutions"
        return {
            "actionsUnread": denied if isinstance(error, TargetAccessDenied) else busy,
            "missingVariables": _wanted(state, outcome) or None,
        }


def _from_actions(
    state: RunState, execution_id: str, outcome: Outcome, codepipeline: CodePipelineClient
) -> dict[str, Any]:
    with target_refused(state.target, "ListActionExecutions"):
        actions = action_executions(state.target, execution_id, codepipeline=codepipeline)
    found: dict[str, Any] = {"approvals": _as_many(approvals(actions))}
    if outcome is Outcome.FAILED:
        if failure := first_failure(actions):
            found["failure"] = failure.to_document()
        if any(each.get("status") == "InProgress" for each in actions):
            found["retrying"] = True
    if state.request.outputVariables:
        made = asked_for(state.request.outputVariables, actions)
        missing = [name for name in _wanted(state, outcome) if name not in made]
        found |= {"targetVariables": made, "missingVariables": missing or None}
    return found


def _wanted(state: RunState, outcome: Outcome) -> list[str]:
    """The output variables that the action hands back: one that fails hands back nothing."""
    accepted = outcome is Outcome.SUPERSEDED and state.request.onSuperseded == "succeed"
    is_good = outcome is Outcome.SUCCEEDED or accepted
    return (state.request.outputVariables or []) if is_good else []


def _from_conditions(
    target: Target, execution_id: str, codepipeline: CodePipelineClient
) -> dict[str, Any]:
    """The failure of an execution none of whose actions failed."""
    stages = codepipeline.get_pipeline_state(name=target.pipelineName)["stageStates"]
    failure = failed_condition(stages, execution_id)
    return {"failure": failure.to_document()} if failure else {}
