"""The permissions that runs need from a target role, and the purpose of each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from codepipeline_orchestrator.input.fields import RunInput
from codepipeline_orchestrator.input.to_request import request_of
from codepipeline_orchestrator.pipeline.permissions import TELLING, needed

WITHOUT = {
    "StartPipelineExecution": "mode start",
    "GetPipelineExecution": "following an execution",
    "ListPipelineExecutions": "the modes latest and idle, ifRunning, clientRequestToken, "
    "onSuperseded follow, onRestarted follow, and showing how long the target usually takes",
    "ListActionExecutions": "maxStageRetries, outputVariables, and reporting why the target failed "
    "and when its stages and actions ran",
    "GetPipelineState": "onRestarted follow, and showing the target's progress",
    "GetPipeline": "reporting a failure immediately if no automatic retry can follow",
    "StopPipelineExecution": "onTimeout and onAbort with stop or abandon",
    "RetryStageExecution": "maxStageRetries",
}
FEATURES = {
    "stop": "StopPipelineExecution",
    "retry": "RetryStageExecution",
    "early-failure": "GetPipeline",  # also reveals the actions' configuration
}
BASIC = ("StartPipelineExecution", "GetPipelineExecution", *TELLING)
_ON_STAGES = "RetryStageExecution"  # granted on stages, not on pipelines


def needed_by(run_input: RunInput) -> list[str]:
    """The actions that a run with this input requires."""
    whenever = datetime.fromtimestamp(0, UTC)
    return needed(request_of(run_input, started_at=whenever, hears=False, has_job=False))


def statements(actions: Iterable[str], pipelines: Iterable[Any]) -> list[dict[str, Any]]:
    """The policy statements that grant the actions on the pipelines with these ARNs.

    Each ARN is a string or an Fn::Sub.
    """
    known, arns = [each for each in WITHOUT if each in set(actions)], list(pipelines)
    on_pipelines = [f"codepipeline:{each}" for each in known if each != _ON_STAGES]
    found = []
    if on_pipelines:
        found.append(_statement("FollowPipelines", on_pipelines, arns))
    if _ON_STAGES in known:
        stages = [_stages_of(arn) for arn in arns]
        found.append(_statement("RetryStages", [f"codepipeline:{_ON_STAGES}"], stages))
    return found


def _statement(sid: str, actions: list[str], resources: list[Any]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}


def _stages_of(arn: Any) -> Any:
    return {"Fn::Sub": f"{arn['Fn::Sub']}/*"} if isinstance(arn, dict) else f"{arn}/*"
