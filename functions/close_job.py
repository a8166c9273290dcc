"""Answers the job that nobody else will: of an event that failed for good, of a run that died."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orchestrator import clients
from orchestrator.closing import close
from orchestrator.job import Job
from orchestrator.run_death import close_run
from orchestrator.telemetry import logged

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> None:  # noqa: ARG001 - Lambda's
    """Close the job in an on-failure record of Lambda's, or the one that an ended run held.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
    """
    if "detail" in event:
        close_run(
            event["detail"],
            stop_function=clients.required("STOP_EXECUTION_FUNCTION"),
            stepfunctions=clients.stepfunctions(),
            codepipeline=clients.codepipeline(),
            connect_lambda=clients.aws_lambda,
        )
    else:
        close(
            Job.of(event["requestPayload"]),
            why=event["requestContext"]["condition"],
            state_machine_arn=clients.required("STATE_MACHINE_ARN"),
            stepfunctions=clients.stepfunctions(),
            codepipeline=clients.codepipeline(),
        )
