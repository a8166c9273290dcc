"""Answers the job that nobody else will: of an event that failed for good, of a run that died."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.aws.answers import InvocationRecord, StatusEvent, read_answer
from codepipeline_orchestrator.errors import BetweenStates
from codepipeline_orchestrator.job.dead_run import close_run
from codepipeline_orchestrator.job.job import Job
from codepipeline_orchestrator.job.undelivered_job import close
from codepipeline_orchestrator.telemetry import logged, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_PAUSE = 20  # seconds
_ATTEMPT = 30  # seconds that one may take


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Close the job in an on-failure record of Lambda's, or the one that an ended run held.

    Nobody comes after this function. So it tries again for as long as it may run, and Lambda's
    other two attempts with it: CodePipeline may be unwell for nearly all of its 20 minutes.
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
    """
    while True:
        try:
            return _close(event)
        except (BetweenStates, ClientError, BotoCoreError) as error:
            if context.get_remaining_time_in_millis() < (_PAUSE + _ATTEMPT) * 1_000:
                raise
            logger.warning("tried again in a while", reason=str(error))
            time.sleep(_PAUSE)


def _close(event: Mapping[str, Any]) -> None:
    if "detail" in event:
        close_run(
            read_answer(StatusEvent, event).detail,
            stop_function=clients.required("STOP_EXECUTION_FUNCTION"),
            stepfunctions=clients.stepfunctions(),
            codepipeline=clients.codepipeline(),
            connect_lambda=clients.aws_lambda,
        )
    else:
        record = read_answer(InvocationRecord, event).request_context
        close(
            Job.of(event.get("requestPayload"), record.function_arn),
            why=record.condition or "it was not dealt with",
            state_machine_arn=clients.required("STATE_MACHINE_ARN"),
            stepfunctions=clients.stepfunctions(),
            codepipeline=clients.codepipeline(),
        )
