"""What to do when a run has ended, with the exact command where there is one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.target import Place, Target

Report = Mapping[str, Any]

_RETRY_THE_WAITING = "retry the stage of the waiting pipeline (RetryStageExecution)"
# By what the run was asked to follow: only a new start helps somebody who retries without more.
_AGAIN = {
    "start": (
        f"When the cause is mended, {_RETRY_THE_WAITING}, or start another run: it starts the "
        "target anew."
    ),
    "latest": (
        "When the cause is mended, start the target or retry its stage; then "
        f"{_RETRY_THE_WAITING}, or start another run: it follows the target's latest execution."
    ),
    "given": (
        "When the cause is mended, retry the target's stage, or let pipelineExecutionId name "
        f"another execution; then {_RETRY_THE_WAITING}, or start another run."
    ),
}
_OR_THE_TARGET = (
    'With ifRunning "join" or mode "latest" it follows a retry of the target itself, which is, in '
    "the target's account:"
)
_THE_TARGET = "A retry of the target's stage is, in its account:"
_LATEST = "In the target's account, a new start is:"


def next_step(
    outcome: Outcome, *, target: Target | None, execution_id: str | None, run: str, report: Report
) -> str:
    """One to three sentences; a command comes last, so that it can be copied."""
    match outcome:
        case Outcome.TIMED_OUT:
            return f"Allow more timeoutMinutes. {_later(target, execution_id, run, report)}".strip()
        case Outcome.SUPERSEDED if not report.get("accepted"):
            hint = 'With onSuperseded "follow" the newer one is followed. '
            return f"{'' if report.get('newerUnknown') else hint}{_again(report)}"
        case Outcome.FAILED | Outcome.STOPPED | Outcome.CANCELLED:
            return f"{_again(report)} {_mend(outcome, target, execution_id, report)}".strip()
        case _:
            return ""


def _later(target: Target | None, execution_id: str | None, run: str, report: Report) -> str:
    """How to go on with what had not ended, or what kept the target from being started."""
    if report.get("stopped"):
        return _again(report)
    if target is None:
        return ""
    if execution_id is None:
        return f"In the target's account, this shows what runs: {_list(target)}"
    return f"To go on following it: {_follow(target, execution_id, run)}"


def _again(report: Report) -> str:
    return _AGAIN[report.get("followed", "start")]


def _mend(outcome: Outcome, target: Target | None, execution_id: str | None, report: Report) -> str:
    """How the target itself goes on, unless CodePipeline has just refused that."""
    followed = report.get("followed", "start")
    if target is None or execution_id is None:
        return ""
    if outcome is Outcome.FAILED and report.get("failure") and not report.get("retryRefused"):
        intro = _OR_THE_TARGET if followed == "start" else _THE_TARGET
        return f"{intro} {_retry(target, execution_id, report['failure']['stage'])}"
    if followed == "latest":
        return f"{_LATEST} {_start(target)}"
    return ""


def _follow(target: Target, execution_id: str, run: str) -> str:
    machine = run.replace(":execution:", ":stateMachine:").rpartition(":")[0]
    document = {
        "pipelineName": target.pipelineName,
        "roleArn": target.roleArn,
        **({"externalId": target.externalId} if target.externalId else {}),
        "region": target.region,
        "pipelineExecutionId": execution_id,
    }
    return (
        f"aws stepfunctions start-execution --region {Place.of(run).region} "
        f"--state-machine-arn {machine} --input '{json.dumps(document)}'"
    )


def _list(target: Target) -> str:
    return (
        f"aws codepipeline list-pipeline-executions --region {target.region} "
        f"--pipeline-name {target.pipelineName} --max-items 10"
    )


def _start(target: Target) -> str:
    return (
        f"aws codepipeline start-pipeline-execution --region {target.region} "
        f"--name {target.pipelineName}"
    )


def _retry(target: Target, execution_id: str, stage: str) -> str:
    return (
        f"aws codepipeline retry-stage-execution --region {target.region} "
        f"--pipeline-name {target.pipelineName} --stage-name {stage} "
        f"--pipeline-execution-id {execution_id} --retry-mode FAILED_ACTIONS"
    )
