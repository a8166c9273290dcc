"""Answers the job that the run holds: that it continues, or how it ended.

The end goes into the result document and the metrics too, whether there is a job or not.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.job.answer import answer_job, from_result
from codepipeline_orchestrator.model.documents import from_document, to_document
from codepipeline_orchestrator.model.report import UNREADABLE, RunEnd
from codepipeline_orchestrator.result.document import Result, build_result, to_cause
from codepipeline_orchestrator.result.metrics import count_end, delay_of
from codepipeline_orchestrator.telemetry import bind_run, logged, logger, measure

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any] | None:  # noqa: ARG001
    """Renew the job lease, or return how the run is to end, after answering the job it holds."""
    bind_run(event["run"])
    if "taskToken" in event:
        # Most ends need no renewal, nor what it knows of snapshots.
        from codepipeline_orchestrator.job.renewal import renew  # noqa: PLC0415 - see above

        renew(event, codepipeline=clients.codepipeline())
        return None
    end = end_of(event)
    result = build_result(end)
    if event["heldJob"] is not None:
        answer = from_result(result, run=end.run.rpartition(":")[2])
        answer_job(event["heldJob"]["id"], answer, codepipeline=clients.codepipeline())
    started = event.get("startTime")
    record(
        end,
        result,
        started=datetime.fromisoformat(started) if started else None,
        now=clock.now(),
    )
    return ending(result)


def end_of(event: dict[str, Any]) -> RunEnd:
    """The end of the run, from what the state machine hands over."""
    known = {name: value for name, value in event.items() if value is not None}
    return from_document(RunEnd, known)


def record(end: RunEnd, result: Result, *, started: datetime | None, now: datetime) -> None:
    """Log the end, and count and measure it."""
    delay = delay_of(result, started=started, now=now)
    logger.info(
        "the run has ended",
        outcome=result.outcome,
        error=result.error,
        reason=result.message,
        target=result.target.arn if result.target else None,
        targetSeconds=result.duration_seconds,
        delaySeconds=delay,
    )
    count_end(end.report.outcome, result.error, unread=end.report.status == UNREADABLE)
    if delay is not None:
        measure("EndDelay", delay)


def ending(result: Result) -> dict[str, Any]:
    """How the state machine is to end the run: with the result, or with its error and cause."""
    succeeded = result.error is None
    return {
        "succeeded": succeeded,
        "error": result.error,
        "cause": None if succeeded else to_cause(result),
        "result": to_document(result) if succeeded else None,
    }
