"""What makes the report on an ended execution useful.

None of it changes the outcome, so what is denied or throttled here is only missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from orchestrator import clock
from orchestrator.failure import Failure, first_failure
from orchestrator.outcome import Outcome
from orchestrator.telemetry import logger
from orchestrator.text import cut

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_codepipeline.type_defs import PipelineExecutionTypeDef

    from orchestrator.target import Target

_LONGEST = 2_000  # characters of what the target's account wrote; a message holds 5,000


def describe(
    target: Target,
    found: PipelineExecutionTypeDef,
    outcome: Outcome | None,
    codepipeline: CodePipelineClient,
) -> dict[str, Any]:
    """Variables, source revisions, times, and for a failure the action that failed."""
    revisions = [
        {"name": revision.get("name"), "revisionId": revision.get("revisionId")}
        for revision in found.get("artifactRevisions", [])
    ]
    details: dict[str, Any] = {
        "statusSummary": cut(found.get("statusSummary", ""), _LONGEST) or None,
        "variables": found.get("variables") or None,
        "sourceRevisions": revisions or None,
    }
    execution_id = found["pipelineExecutionId"]
    with _not_vital("times"):
        details |= _times(target, execution_id, outcome, codepipeline)
    if outcome is Outcome.FAILED:
        with _not_vital("failure"):
            failure = _failure(target, execution_id, codepipeline)
            details["failure"] = failure.to_document() if failure else None
    return details


@contextmanager
def _not_vital(what: str) -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        logger.warning("the report lacks details", lacks=what, error=str(error))


def _times(
    target: Target, execution_id: str, outcome: Outcome | None, codepipeline: CodePipelineClient
) -> dict[str, Any]:
    newest = codepipeline.list_pipeline_executions(pipelineName=target.pipelineName)
    for summary in newest["pipelineExecutionSummaries"]:
        if summary["pipelineExecutionId"] == execution_id:
            times = {"startTime": clock.iso(summary["startTime"])}
            if outcome is not None:
                times["endTime"] = clock.iso(summary["lastUpdateTime"])
            return times
    return {}


def _failure(target: Target, execution_id: str, codepipeline: CodePipelineClient) -> Failure | None:
    pages = codepipeline.get_paginator("list_action_executions").paginate(
        pipelineName=target.pipelineName, filter={"pipelineExecutionId": execution_id}
    )
    return first_failure(detail for page in pages for detail in page["actionExecutionDetails"])
