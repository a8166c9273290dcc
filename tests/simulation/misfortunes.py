"""Faults that make functions call operations that they would otherwise rarely call."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from codepipeline_sandbox.faults import CallFault, DeliveryFault, InvocationFault
from tests.simulation.sites import MACHINE

if TYPE_CHECKING:
    from codepipeline_sandbox.faults.faults import AnyFault
    from tests.simulation.sites import Point

_UNTIL_GIVEN_UP = 240.0  # seconds; Lambda's three attempts take 180 seconds


def leading_to(point: Point, random: Random) -> list[AnyFault]:
    """The faults without which this point would rarely or never be reached."""
    match point.function:
        case "CloseJob":
            return _of_close_job(point.operation, random)
        case "RetryStage":
            return _of_retry_stage(point.operation, random)
        case "CodePipelineJob":
            return _of_codepipeline_job(point.operation, random)
        case "ReportJobResult" if point.operation == "codepipeline:ListActionExecutions":
            return [_of("ReportJobResult", "lost", "codepipeline:PutJobSuccessResult")]
        case "StopExecution" if point.operation == "codepipeline:ListPipelineExecutions":
            # The run is stopped before it learns that its target has started.
            kind = random.choice(["killed-after", "slow"])
            return [_of("StartExecution", kind, "codepipeline:StartPipelineExecution")]
    return []


def _of_close_job(operation: str, random: Random) -> list[AnyFault]:
    """Faults that make codepipeline_job fail until close_job answers its jobs."""
    match operation:
        case "lambda:Invoke" | "stepfunctions:GetExecutionHistory":
            return []
        case "dynamodb:GetItem":  # the event arrives after the run has been redriven
            return [DeliveryFault("delayed", "event", source="aws.states", seconds=40.0)]
        case "codepipeline:PutJobSuccessResult":
            start, seconds = random.uniform(40, 120), 400.0  # after the runs have started
        case _:
            start, seconds = random.choice([0.0, 0.0, random.uniform(0, 200)]), _UNTIL_GIVEN_UP
    name = deployed("CodePipelineJob")
    return [InvocationFault("killed", name, seconds=0.0, start=start, end=start + seconds)]


def _of_codepipeline_job(operation: str, random: Random) -> list[AnyFault]:
    """Faults that make codepipeline_job invoke close_job or answer the job itself."""
    match operation:
        case "lambda:Invoke":
            return [DeliveryFault("dropped", "event", source="aws.states")]
        case "codepipeline:PutJobSuccessResult":  # after the runs have started
            name, start = deployed("CodePipelineJob"), random.uniform(25, 60)
            return [CallFault("unavailable", "dynamodb:UpdateItem", function=name, start=start)]
    return []


def _of_retry_stage(operation: str, random: Random) -> list[AnyFault]:
    """Faults that make retry_stage check whether the target has failed or has failed again."""
    match operation:
        case "codepipeline:GetPipelineExecution":
            kind = random.choice(["denied", "denied", "lost"])
        case "codepipeline:ListActionExecutions":
            kind = random.choice(["throttled", "unavailable", "lost"])
        case _:
            return []
    return [_of("RetryStage", kind, "codepipeline:RetryStageExecution")]


def _of(function: str, kind: str, operation: str) -> CallFault:
    return CallFault(kind, operation, function=deployed(function), times=4)


def deployed(function: str) -> str:
    """The name pattern for faults in this function or in the state machine."""
    if function == MACHINE:
        return "stateMachine:*"
    return f"orchestrator-{function}Function-*"
