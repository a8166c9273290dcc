"""The operations of the Step Functions API that the sandbox supports."""

from __future__ import annotations

OPERATIONS = frozenset(
    {
        "CreateStateMachine",
        "DeleteStateMachine",
        "DescribeExecution",
        "DescribeStateMachine",
        "DescribeStateMachineForExecution",
        "GetExecutionHistory",
        "ListExecutions",
        "ListStateMachines",
        "ListTagsForResource",
        "RedriveExecution",
        "SendTaskFailure",
        "SendTaskHeartbeat",
        "SendTaskSuccess",
        "StartExecution",
        "StopExecution",
        "TagResource",
        "UntagResource",
        "UpdateStateMachine",
    }
)
