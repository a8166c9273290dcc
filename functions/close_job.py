"""Answers jobs whose event was never handled or whose run died."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.aws.answers import InvocationRecord, StatusEvent, read_answer
from codepipeline_orchestrator.errors import BetweenStates, JobNotGenuine
from codepipeline_orchestrator.job.close_run import close_run
from codepipeline_orchestrator.job.job import Job
from codepipeline_orchestrator.job.table import JobsTable
from codepipeline_orchestrator.job.undelivered_job import close_undelivered
from codepipeline_orchestrator.telemetry import logged, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_PAUSE = 20  # seconds between attempts
_ATTEMPT = 30  # seconds for one attempt


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Answer the job in Lambda's on-failure record, or the job of a run that has ended.

    This is the last function that can answer the job, so each of Lambda's three attempts retries
    until it times out. Together, the attempts cover an outage of nearly 20 minutes, which is how
    long CodePipeline waits for an answer.
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
    """
    while True:
        try:
            return _close(event)
        except JobNotGenuine:
            return None
        except (BetweenStates, ClientError, BotoCoreError) as error:
            if context.get_remaining_time_in_millis() < (_PAUSE + _ATTEMPT) * 1_000:
                raise
            logger.warning("the job could not be answered; retrying", reason=str(error))
            time.sleep(_PAUSE)


def _close(event: Mapping[str, Any]) -> None:
    jobs = JobsTable(clients.required("JOBS_TABLE"), clients.dynamodb())
    if "detail" in event:
        close_run(
            read_answer(StatusEvent, event).detail,
            stop_function=clients.required("STOP_EXECUTION_FUNCTION"),
            jobs=jobs,
            stepfunctions=clients.stepfunctions(),
            codepipeline=clients.codepipeline(),
            connect_lambda=clients.aws_lambda,
        )
    else:
        record = read_answer(InvocationRecord, event).request_context
        close_undelivered(
            Job.of(event.get("requestPayload"), record.function_arn),
            why=record.condition or "it was not handled",
            state_machine_arn=clients.required("STATE_MACHINE_ARN"),
            jobs=jobs,
            stepfunctions=clients.stepfunctions(),
            codepipeline=clients.codepipeline(),
        )
