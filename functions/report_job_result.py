"""Answers the job that the run holds: that it goes on, or how it ended.

The end is told in the result document and the metrics too, whether there is a job or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.job.answer import answer_job, from_result
from codepipeline_orchestrator.model.documents import read
from codepipeline_orchestrator.model.state import Execution, Progress
from codepipeline_orchestrator.model.target import Target
from codepipeline_orchestrator.result.document import build_result, to_cause
from codepipeline_orchestrator.result.metrics import count_end, delay_of
from codepipeline_orchestrator.telemetry import bind_run, logged, logger, measure

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_codepipeline import CodePipelineClient


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any] | None:  # noqa: ARG001
    """Renew the job lease, or return how the run is to end, after having told the job it holds."""
    bind_run(event["run"])
    if "taskToken" in event:
        # Most ends need no renewal, nor what it knows of a target's standing.
        from codepipeline_orchestrator.job.renewal import renew  # noqa: PLC0415 - see above

        renew(event, codepipeline=clients.codepipeline())
        return None
    result = result_of(event)
    if event["heldJob"] is not None:
        tell(event["heldJob"]["id"], result, codepipeline=clients.codepipeline())
    delay = delay_of(result, started=event.get("startTime"))
    logger.info(
        "the run has ended",
        outcome=result["outcome"],
        error=result.get("error"),
        reason=result["message"],
        target=result.get("target", {}).get("arn"),
        targetSeconds=result.get("durationSeconds"),
        delaySeconds=delay,
    )
    unread = event["report"].get("status") == "unreadable"
    count_end(result["outcome"], result.get("error"), unread=unread)
    if delay is not None:
        measure("EndDelay", delay)
    return ending(result)


def ending(result: Mapping[str, Any]) -> dict[str, Any]:
    """How the state machine is to end the run: with the result, or with its error and cause."""
    succeeded = "error" not in result
    return {
        "succeeded": succeeded,
        "error": result.get("error"),
        "cause": None if succeeded else to_cause(result),
        "result": result if succeeded else None,
    }


def result_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """The result document from what the state machine hands over."""
    return build_result(
        run=event["run"],
        target=Target.of(event["target"]) if event["target"] else None,
        execution=read(Execution, event["execution"]) if event["execution"] else None,
        report=event["report"],
        progress=read(Progress, event.get("progress") or {}),
    )


def tell(job_id: str, result: Mapping[str, Any], *, codepipeline: CodePipelineClient) -> None:
    """Answer the job that the run holds with the result."""
    run_name = result["run"].rpartition(":")[2]
    answer_job(job_id, from_result(result, run=run_name), codepipeline=codepipeline)
