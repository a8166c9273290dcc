"""Sends the invocation records of asynchronous invocations to destinations.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.awslambda.errors import FunctionNotFound
from codepipeline_sandbox.kernel.protocols import AccessDenied

if TYPE_CHECKING:
    from codepipeline_sandbox.awslambda.asynchronous import Event
    from codepipeline_sandbox.awslambda.function import Function
    from codepipeline_sandbox.kernel.here import Cloud
    from codepipeline_sandbox.kernel.world import World

_logger = logging.getLogger(__name__)


def record(event: Event, function: Function, condition: str, world: World) -> dict[str, Any]:
    """Build the invocation record for an event's last attempt."""
    now = datetime.fromtimestamp(world.now, UTC).isoformat(timespec="milliseconds")
    document: dict[str, Any] = {
        "version": "1.0",
        "timestamp": now.replace("+00:00", "Z"),
        "requestContext": {
            "requestId": event.request_id,
            "functionArn": f"{function.function_arn}:{function.version}",
            "condition": condition,
            "approximateInvokeCount": event.attempts,
        },
        "requestPayload": json.loads(event.payload),
    }
    if event.last is not None:
        invocation = event.last.invocation
        response = {"statusCode": 200, "executedVersion": str(function.version)}
        if invocation.error is not None:
            response["functionError"] = invocation.error
        document["responseContext"] = response
        document["responsePayload"] = json.loads(invocation.payload)
    return document


def deliver(cloud: Cloud, function: Function, destination: str, document: dict[str, Any]) -> bool:
    """Invoke the destination with the record, using the function's role. Returns False on failure.

    AWS reports a failure only in the metric DestinationDeliveryFailures. The sandbox also logs a
    warning.
    """
    try:
        cloud.access.require(function.role, "lambda:InvokeFunction", destination)
        cloud.functions.invoke_async(destination, json.dumps(document))
    except (AccessDenied, FunctionNotFound) as error:
        _logger.warning("%s: destination not reached: %s", function.function_name, error)
        return False
    return True
