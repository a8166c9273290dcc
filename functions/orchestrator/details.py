"""What makes the report on an ended execution useful.

None of it changes the outcome, so what is denied or throttled here is only missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from orchestrator import clock
from orchestrator.failure import first_failure
from orchestrator.listing import successor
from orchestrator.outcome import Outcome
from orchestrator.output_variables import asked_for
from orchestrator.telemetry import logger
from orchestrator.text import cut

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_codepipeline.type_defs import PipelineExecutionTypeDef

    from orchestrator.run_state import RunState
    from orchestrator.target import Target

_LONGEST = 2_000  # characters of what the target's account wrote; a message holds 5,000


def describe(
    state: RunState,
    found: PipelineExecutionTypeDef,
    outcome: Outcome | None,
    codepipeline: CodePipelineClient,
) -> dict[str, Any]:
    """Variables, revisions, times; what the actions tell: failure, output variables, who waits.

    `retrying` is true when an action still runs although the execution shows Failed: its stage is
    being retried.
    """
    revisions = [
        {"name": revision.get("name"), "revisionId": revision.get("revisionId")}
        for revision in found.get("artifactRevisions", [])
    ]
    details: dict[str, Any] = {
        "statusSummary": cut(found.get("statusSummary", ""), _LONGEST) or None,
        "variables": found.get("variables") or None,
        "sourceRevisions": revisions or None,
        "rollbackOf": found.get("rollbackMetadata", {}).get("rollbackTargetPipelineExecutionId"),
    }
    execution_id = found["pipelineExecutionId"]
    with _not_vital("times"):
        details |= _from_list(state.target, execution_id, outcome, codepipeline)
    if outcome is Outcome.FAILED or state.request.outputVariables:
        with _not_vital("actions"):
            details |= _from_actions(state, execution_id, outcome, codepipeline)
    return {name: value for name, value in details.items() if value is not None}


@contextmanager
def _not_vital(what: str) -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        logger.warning("the report lacks details", lacks=what, error=str(error))


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
            if reason := summary.get("stopTrigger", {}).get("reason"):
                found["stopReason"] = cut(reason, _LONGEST)
            if outcome is Outcome.SUPERSEDED and (newer := successor(summaries, execution_id)):
                found["supersededBy"] = newer["pipelineExecutionId"]
            return found
    return {}


def _from_actions(
    state: RunState, execution_id: str, outcome: Outcome | None, codepipeline: CodePipelineClient
) -> dict[str, Any]:
    pages = codepipeline.get_paginator("list_action_executions").paginate(
        pipelineName=state.target.pipelineName, filter={"pipelineExecutionId": execution_id}
    )
    actions = [detail for page in pages for detail in page["actionExecutionDetails"]]
    found: dict[str, Any] = {}
    if outcome is Outcome.FAILED:
        failure = first_failure(actions)
        found["failure"] = failure.to_document() if failure else None
        found["retrying"] = any(each.get("status") == "InProgress" for each in actions) or None
    if state.request.outputVariables:
        found["targetVariables"] = asked_for(state.request.outputVariables, actions)
    return found
