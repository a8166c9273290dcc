"""What the functions answer to the state machine, in the shapes that they document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.messages.snapshot import standing, standing_before_start
from codepipeline_orchestrator.model.state import Execution, Progress, Request
from codepipeline_orchestrator.model.target import Target
from codepipeline_orchestrator.result.document import build_result
from report_job_result import ending

RUN = "arn:aws:states:us-east-1:111122223333:execution:Machine:one"
JOB_ID = "11111111-abcd-1111-abcd-111111abcdef"
HELD_JOB = {"id": JOB_ID, "action": "0" * 32, "renewAt": "2099-01-05T00:00:00+00:00"}
TARGET = Target(
    pipelineName="deploy",
    account="222233334444",
    region="eu-west-1",
    partition="aws",
    roleArn="arn:aws:iam::222233334444:role/target",
    externalId=None,
    roleSessionName="one",
)
REQUEST = Request(
    mode="start",
    wait=True,
    startedAt=clock.iso(datetime(2026, 1, 5, 9, tzinfo=UTC)),
    deadline=clock.iso(datetime(2099, 1, 5, tzinfo=UTC)),  # moto's clock is the machine's
)
PASSED = replace(REQUEST, deadline=REQUEST.startedAt)
STOPPING = replace(PASSED, onTimeout="stop")
EXECUTION = Execution("aaaaaaaa-1111-2222-3333-444444444444", REQUEST.startedAt)


NEWER = Execution("bbbbbbbb-1111-2222-3333-444444444444", REQUEST.startedAt)


class TargetUnavailable(Exception):
    """As the functions raise it, worth another attempt."""


class TargetRoleNotAssumable(Exception):
    """As the functions raise it, and final."""


def reachable(request: Request = REQUEST, held_job: dict[str, str] | None = None) -> dict[str, Any]:
    """An answer of AssumeRole."""
    documents = {"target": TARGET.to_document(), "request": request.to_document()}
    return {**documents, "heldJob": held_job}


def started(report: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """An answer of StartExecution."""
    seen = {"execution": EXECUTION.to_document(), "standing": _standing("InProgress")}
    return {**seen, "ended": report is not None, "report": report}


def not_idle() -> dict[str, Any]:
    """An answer of StartExecution, to a target that has to be idle and is not."""
    return {
        "ended": False,
        "waitSeconds": 30,
        "execution": None,
        "progress": Progress(1).to_document(),
        "standing": standing_before_start(TARGET, "InProgress", [NEWER.pipelineExecutionId]),
    }


def nothing_followed(outcome: str) -> dict[str, Any]:
    """An answer of StartExecution that ends the run, and follows nothing."""
    return {"ended": True, "execution": None, "report": {"outcome": outcome}}


def superseded() -> dict[str, Any]:
    """An answer of GetState, to a target whose newer execution is followed from now on."""
    progress = Progress(2, superseded=EXECUTION.pipelineExecutionId).to_document()
    return {**going_on(), "progress": progress, "execution": NEWER.to_document()}


def to_retry() -> dict[str, Any]:
    """An answer of GetState, to a target whose failed stage may be retried."""
    failure = {"stage": "Deploy", "action": "Rollout"}
    return {**ended("Failed", failure=failure), "then": "RetryStage"}


def retried() -> dict[str, Any]:
    """An answer of RetryStage, when the target goes on."""
    return {**going_on(), "progress": Progress(2, stageRetries=1).to_document()}


def to_stop() -> dict[str, Any]:
    """An answer of GetState, to a target that is late and may be stopped."""
    return {**ended("TimedOut"), "then": "StopExecution"}


def going_on(polls: int = 1) -> dict[str, Any]:
    """An answer of GetState, to a target that runs."""
    progress = Progress(polls, "InProgress").to_document()
    seen = {"progress": progress, "standing": _standing("InProgress")}
    return {**seen, "ended": False, "waitSeconds": 30}


def ended(outcome: str, **more: Any) -> dict[str, Any]:
    """An answer of GetState, to a target that has ended."""
    seen = {"progress": Progress(2, outcome).to_document(), "standing": _standing(outcome)}
    report = {
        "outcome": outcome,
        "status": outcome,
        "deadline": REQUEST.deadline,
        "endTime": clock.iso(datetime(2026, 1, 5, 10, tzinfo=UTC)),
    }
    return {**seen, "ended": True, "report": {**report, **more}}


def reported(outcome: str, **more: Any) -> dict[str, Any]:
    """An answer of ReportJobResult."""
    report = {**ended(outcome)["report"], **more}
    return ending(build_result(run=RUN, target=TARGET, execution=EXECUTION, report=report))


def _standing(status: str) -> dict[str, Any]:
    return standing(TARGET, EXECUTION.pipelineExecutionId, status, Progress())
