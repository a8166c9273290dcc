"""Answers the job of a run's action, either with a continuation or with the outcome.

The outcome also appears in the result document and the metrics, even for a run without a job.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.job.answer import answer_job, from_result
from codepipeline_orchestrator.job.table import JobsTable, Refused
from codepipeline_orchestrator.model.documents import from_document, to_document
from codepipeline_orchestrator.model.report import UNREADABLE, RunEnd
from codepipeline_orchestrator.result.document import Result, build_result, to_cause
from codepipeline_orchestrator.result.metrics import count_end, delay_of
from codepipeline_orchestrator.telemetry import bind_run, logged, logger, measure

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_codepipeline import CodePipelineClient


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Confirm the action, renew its job, or report the run's end, depending on the state.

    For ConfirmAction and RenewJob, return the run's job, or None if the run continues without one.
    For ReportJobResult, return how the state machine should end the run.
    """
    bind_run(event["run"])
    if event["state"] == "ConfirmAction":
        # Imported late because most invocations do not need it.
        from codepipeline_orchestrator.job.confirmation import confirm  # noqa: PLC0415 - see above

        confirmed = confirm(
            event, jobs=_jobs(), codepipeline=clients.codepipeline(), now=clock.now()
        )
        return {"changes": confirmed.changes}
    if event["state"] == "RenewJob":
        from codepipeline_orchestrator.job.renewal import renew  # noqa: PLC0415 - see above

        renewed = renew(event, jobs=_jobs(), codepipeline=clients.codepipeline(), now=clock.now())
        poll_at = datetime.fromisoformat(event["pollAt"])
        if renewed.job is not None:
            poll_at = renewed.job.before_poll(poll_at, clock.now())
        return {"changes": {**renewed.changes, "pollAt": to_document(poll_at)}}
    end = end_of(event)
    result = build_result(end)
    if event.get("job") is not None:
        answer(end.run, event["job"]["digest"], result, _jobs(), clients.codepipeline())
    started = event.get("startTime")
    record(
        end,
        result,
        started=datetime.fromisoformat(started) if started else None,
        now=clock.now(),
    )
    return ending(result)


def _jobs() -> JobsTable:
    return JobsTable(clients.required("JOBS_TABLE"), clients.dynamodb())


def answer(
    run_arn: str, digest: str, result: Result, jobs: JobsTable, codepipeline: CodePipelineClient
) -> None:
    """Store the answer for the run's action, and answer its newest job with the stored answer.

    Raises JobsUnavailable and JobUnanswered if retrying helps.
    """
    run = run_arn.rpartition(":")[2]
    try:
        item = jobs.end(run, digest, from_result(result, run=run))
    except Refused:
        logger.warning("the run is not in the jobs table and answers no job")
        return
    if item.answer is not None:
        answer_job(item.job, item.answer, codepipeline=codepipeline)


def end_of(event: dict[str, Any]) -> RunEnd:
    """Read the end of the run from the state machine's payload."""
    known = {name: value for name, value in event.items() if value is not None}
    return from_document(RunEnd, known)


def record(end: RunEnd, result: Result, *, started: datetime | None, now: datetime) -> None:
    """Log the end and record its metrics."""
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
    """How the state machine should end the run: with the result, or with its error and cause."""
    succeeded = result.error is None
    return {
        "succeeded": succeeded,
        "error": result.error,
        "cause": None if succeeded else to_cause(result),
        "result": to_document(result) if succeeded else None,
    }
