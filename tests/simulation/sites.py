"""The places where faults can strike: functions, their calls, and the state machine's calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from codepipeline_sandbox.faults.kinds import CALL_KINDS, INVOCATION_KINDS

MACHINE = "StateMachine"

# The operations that each function and the state machine call. Functions are named as in the
# template, without the suffix `Function`.
CALLS = {
    "CodePipelineJob": (
        "codepipeline:GetJobDetails",
        "codepipeline:PutJobFailureResult",
        "codepipeline:PutJobSuccessResult",
        "dynamodb:UpdateItem",
        "lambda:Invoke",
        "stepfunctions:DescribeExecution",
        "stepfunctions:StartExecution",
    ),
    "CloseJob": (
        "codepipeline:GetJobDetails",
        "codepipeline:PutJobFailureResult",
        "codepipeline:PutJobSuccessResult",
        "dynamodb:GetItem",
        "dynamodb:UpdateItem",
        "lambda:Invoke",
        "stepfunctions:DescribeExecution",
        "stepfunctions:GetExecutionHistory",
    ),
    "AssumeRole": ("sts:AssumeRole",),
    "StartExecution": (
        "codepipeline:GetPipelineExecution",
        "codepipeline:GetPipelineState",
        "codepipeline:ListActionExecutions",
        "codepipeline:ListPipelineExecutions",
        "codepipeline:StartPipelineExecution",
        "sts:AssumeRole",
    ),
    "GetState": (
        "codepipeline:GetPipeline",
        "codepipeline:GetPipelineExecution",
        "codepipeline:GetPipelineState",
        "codepipeline:ListActionExecutions",
        "codepipeline:ListPipelineExecutions",
        "sts:AssumeRole",
    ),
    "RetryStage": (
        "codepipeline:GetPipelineExecution",
        "codepipeline:ListActionExecutions",
        "codepipeline:RetryStageExecution",
        "sts:AssumeRole",
    ),
    "StopExecution": (
        "codepipeline:ListPipelineExecutions",
        "codepipeline:StopPipelineExecution",
        "sts:AssumeRole",
    ),
    "ReportJobResult": (
        "codepipeline:ListActionExecutions",
        "codepipeline:PutJobFailureResult",
        "codepipeline:PutJobSuccessResult",
        "dynamodb:GetItem",
        "dynamodb:UpdateItem",
    ),
    "Wake": (
        "dynamodb:UpdateItem",
        "stepfunctions:SendTaskSuccess",
    ),
    MACHINE: (
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
    ),
}
FUNCTIONS = tuple(name for name in CALLS if name != MACHINE)

# Lambda and EventBridge Scheduler deliver events at least once. Other services send events on a
# best-effort basis.
_DELIVERIES = {
    "event": ("delayed", "doubled", "dropped", "reordered"),
    "invocation": ("delayed", "doubled", "reordered"),
    "schedule": ("delayed", "doubled"),
    "target": ("delayed", "doubled", "dropped", "reordered"),
}

_RARE = {
    ("CodePipelineJob", "lambda:Invoke"),
    ("CodePipelineJob", "codepipeline:PutJobSuccessResult"),
    ("CloseJob", "dynamodb:GetItem"),
    (MACHINE, "dynamodb:PutItem"),
    *(("ReportJobResult", operation) for operation in CALLS["ReportJobResult"]),
    ("", "schedule"),
}


@dataclass(frozen=True, order=True)
class Point:
    what: Literal["call", "invocation", "delivery"]
    function: str  # empty for deliveries
    operation: str  # the operation of a call, or the kind of delivery
    kind: str

    def __str__(self) -> str:
        place = " ".join(part for part in (self.function, self.operation) if part)
        return f"{self.kind}: {place}"


def points() -> list[Point]:
    calls = [
        Point("call", function, operation, kind)
        for function, operations in CALLS.items()
        for operation in operations
        for kind in CALL_KINDS
        if function != MACHINE or not kind.startswith("killed")  # a state machine cannot be killed
    ]
    invocations = [
        Point("invocation", function, "", kind)
        for function in FUNCTIONS
        for kind in INVOCATION_KINDS
    ]
    deliveries = [
        Point("delivery", "", what, kind) for what, kinds in _DELIVERIES.items() for kind in kinds
    ]
    return calls + invocations + deliveries


def rare_points() -> list[Point]:
    """The points that are reached only in worlds with a job, a lost event or a schedule."""
    return [point for point in points() if (point.function, point.operation) in _RARE]
