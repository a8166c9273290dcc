"""Canned function answers for tests that run only the state machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from codepipeline_orchestrator.job.table import digest_of
from codepipeline_orchestrator.model.action_job import ActionJob
from codepipeline_orchestrator.model.documents import from_document, to_document
from codepipeline_orchestrator.model.listening import Listening
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.report import EndDetails, FailedAction, Report, RunEnd
from codepipeline_orchestrator.model.request import LeaveOrStop, Mode, Request
from codepipeline_orchestrator.model.state import NO_RENEWAL, Execution, Memory
from codepipeline_orchestrator.model.target import Target
from codepipeline_orchestrator.polling.take_snapshot import snapshot_before_start, snapshot_of
from codepipeline_orchestrator.result.document import build_result
from report_job_result import ending

RUN = "arn:aws:states:us-east-1:111122223333:execution:Machine:one"
JOB_ID = "11111111-abcd-1111-abcd-111111abcdef"
JOB = ActionJob(digest_of("secret"), renew_at=datetime(2099, 1, 5, tzinfo=UTC))
TARGET = Target(
    pipeline_name="deploy",
    account="222233334444",
    region="eu-west-1",
    partition="aws",
    role_arn="arn:aws:iam::222233334444:role/target",
    external_id=None,
    role_session_name="one",
)
REQUEST = Request(
    mode=Mode.START,
    wait=True,
    started_at=datetime(2026, 1, 5, 9, tzinfo=UTC),
    # moto's interpreter uses the real clock, so the deadline must be in the future.
    deadline=datetime(2099, 1, 5, tzinfo=UTC),
)
PASSED = replace(REQUEST, deadline=REQUEST.started_at - timedelta(hours=1))
STOPPING = replace(PASSED, on_timeout=LeaveOrStop.STOP)
EXECUTION = Execution("aaaaaaaa-1111-2222-3333-444444444444", REQUEST.started_at)


NEWER = Execution("bbbbbbbb-1111-2222-3333-444444444444", REQUEST.started_at)


class TargetUnavailable(Exception):
    """The functions raise a retryable error with this name."""


class TargetRoleNotAssumable(Exception):
    """The functions raise a final error with this name."""


def reachable(request: Request = REQUEST, job: ActionJob | None = None) -> dict[str, Any]:
    renew_before = to_document(request.deadline - NO_RENEWAL)
    changes = {
        "run": RUN,
        "target": to_document(TARGET),
        "request": {**to_document(request), "renewBefore": renew_before},
        "job": to_document(job),
        **dict.fromkeys(("execution", "memory", "listening", "turnUntil")),
        "abandoned": False,
        "pollAt": to_document(request.started_at),
    }
    return {"ended": False, "then": "StartExecution", "changes": changes}


def started(report: Mapping[str, Any] | None = None) -> dict[str, Any]:
    changes = {"execution": to_document(EXECUTION)}
    seen = {"changes": changes, "snapshot": _snapshot("InProgress")}
    return {**seen, "ended": report is not None, "report": report}


def changing(answer: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    return {**answer, "changes": {**answer["changes"], **changes}}


def listening(heard: int | None = None) -> dict[str, Any]:
    known = Listening.to(TARGET, EXECUTION.pipeline_execution_id)
    document: dict[str, Any] = to_document(replace(known, heard=heard))
    return document


def counted(heard: int) -> dict[str, Any]:
    """Return the run's item in the Waits table after this many events."""
    return {"execution": {"S": listening()["execution"]}, "heard": {"N": str(heard)}}


def confirmed() -> dict[str, Any]:
    """Return the answer from ConfirmAction or RenewJob if the action is still in progress."""
    return {"changes": {"job": to_document(JOB), "abandoned": False}}


def abandoned() -> dict[str, Any]:
    """Return the answer from ConfirmAction or RenewJob if the action has ended."""
    return {"changes": {"job": None, "abandoned": True}}


def not_idle() -> dict[str, Any]:
    """Return the answer from StartExecution if the target is busy and ifRunning is wait."""
    return {
        "ended": False,
        "waitSeconds": 30,
        "changes": {"execution": None, "memory": to_document(Memory(1))},
        "snapshot": to_document(
            snapshot_before_start(TARGET, "InProgress", [NEWER.pipeline_execution_id])
        ),
    }


def nothing_followed(outcome: str) -> dict[str, Any]:
    """Return an answer from StartExecution that ends the run without a target execution."""
    return {"ended": True, "changes": {"execution": None}, "report": {"outcome": outcome}}


def superseded() -> dict[str, Any]:
    """Return an answer from GetState that makes the run follow a newer execution."""
    memory = to_document(Memory(2, superseded=EXECUTION.pipeline_execution_id))
    return changing(going_on(), memory=memory, execution=to_document(NEWER))


def to_retry() -> dict[str, Any]:
    """Return the answer from GetState if the failed stage may be retried."""
    details = EndDetails(failures=(FailedAction("Deploy", "Rollout"),))
    return {**ended("Failed", details=details), "then": "RetryStage"}


def retried() -> dict[str, Any]:
    return changing(going_on(), memory=to_document(Memory(2, stage_retries=1)))


def to_stop() -> dict[str, Any]:
    """Return the answer from GetState if the deadline has passed and the target may be stopped."""
    return {**ended("TimedOut"), "then": "StopExecution"}


def going_on(polls: int = 1) -> dict[str, Any]:
    memory = to_document(Memory(polls, "InProgress"))
    seen = {"changes": {"memory": memory}, "snapshot": _snapshot("InProgress")}
    return {**seen, "ended": False, "waitSeconds": 30}


def ended(outcome: str, **more: Any) -> dict[str, Any]:
    changes = {"memory": to_document(Memory(2, outcome))}
    seen = {"changes": changes, "snapshot": _snapshot(outcome)}
    report = Report(
        Outcome(outcome),
        status=outcome,
        seen_at=datetime(2026, 1, 5, 10, tzinfo=UTC),
        **more,
    )
    return {**seen, "ended": True, "report": to_document(report)}


def reported(outcome: str, **more: Any) -> dict[str, Any]:
    report = from_document(Report, {**ended(outcome)["report"], **more})
    return ending(build_result(RunEnd(RUN, report, TARGET, REQUEST, EXECUTION)))


def _snapshot(status: str) -> dict[str, Any]:
    document: dict[str, Any] = to_document(
        snapshot_of(TARGET, EXECUTION, status, Memory(), REQUEST.started_at)
    )
    return document
