"""The event that Step Functions puts on the bus whenever an execution's status changes.

https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html

If the machine has a customer managed key, the event contains no input, output, error or cause:
https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.stepfunctions.encryption import encrypted

if TYPE_CHECKING:
    from datetime import datetime

    from codepipeline_sandbox.stepfunctions.runs.execution import Execution

# The maximum size of input and output together, in bytes (248 KiB). Above it, both are omitted.
MAXIMUM_DATA = 253_952


def status_change(execution: Execution) -> dict[str, Any]:
    """Create the event. EventBridge adds the remaining fields."""
    return {
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "resources": [execution.arn],
        "detail": {
            "executionArn": execution.arn,
            "stateMachineArn": execution.state_machine_arn,
            "stateMachineVersionArn": None,
            "stateMachineAliasArn": None,
            "name": execution.name,
            "status": execution.status,
            "startDate": _milliseconds(execution.start_date),
            "stopDate": _milliseconds(execution.stop_date),
            "redriveCount": execution.redrives.count,
            "redriveDate": _milliseconds(execution.redrives.date),
            "redriveStatusReason": None,
            **execution.redrive_status,
            "error": None if encrypted(execution.encryption) else execution.error,
            "cause": None if encrypted(execution.encryption) else execution.cause,
            **_data(execution),
        },
    }


def _data(execution: Execution) -> dict[str, Any]:
    total = len(execution.input.encode()) + len((execution.output or "").encode())
    included = total <= MAXIMUM_DATA and not encrypted(execution.encryption)
    has_output = execution.output is not None
    return {
        "input": execution.input if included else None,
        "inputDetails": {"included": included},
        "output": execution.output if included else None,
        "outputDetails": {"included": included} if has_output else None,
    }


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)
