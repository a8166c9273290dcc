"""What to do when a run has ended, with the exact command where there is one."""

from __future__ import annotations

import json

from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.report import Report, RunEnd
from codepipeline_orchestrator.model.request import Followed
from codepipeline_orchestrator.model.run_arn import state_machine_arn_of
from codepipeline_orchestrator.model.target import Place, Target

_RETRY_THE_WAITING = "retry the stage of the waiting pipeline (RetryStageExecution)"
# By what the run was asked to follow: only a new start helps somebody who retries without more.
_AGAIN = {
    Followed.START: (
        f"When the cause is mended, {_RETRY_THE_WAITING}, or start another run: it starts the "
        "target anew."
    ),
    Followed.LATEST: (
        "When the cause is mended, start the target or retry its stage; then "
        f"{_RETRY_THE_WAITING}, or start another run: it follows the target's latest execution."
    ),
    Followed.GIVEN: (
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


def advice(end: RunEnd) -> str:
    """One to three sentences; a command comes last, so that it can be copied."""
    match end.report.outcome:
        case Outcome.TIMED_OUT:
            return f"Allow more timeoutMinutes. {_later(end)}".strip()
        case Outcome.SUPERSEDED if not end.report.accepted:
            hint = 'With onSuperseded "follow" the newer one is followed. '
            return f"{'' if end.report.newer_unknown else hint}{_again(end.report)}"
        case Outcome.FAILED | Outcome.STOPPED | Outcome.CANCELLED:
            return f"{_again(end.report)} {_the_target(end)}".strip()
        case _:
            return ""


def _later(end: RunEnd) -> str:
    """How to continue with what had not ended, or what kept the target from being started."""
    if end.report.stopped:
        return _again(end.report)
    if end.target is None:
        return ""
    if end.execution_id is None:
        return f"In the target's account, this shows what runs: {_list(end.target)}"
    return f"To go on following it: {_follow(end.target, end.execution_id, end.run)}"


def _again(report: Report) -> str:
    return _AGAIN[report.followed]


def _the_target(end: RunEnd) -> str:
    """How the target itself goes on, unless CodePipeline has just refused that."""
    report, failure = end.report, end.report.details.failure
    if end.target is None or end.execution_id is None:
        return ""
    if report.outcome is Outcome.FAILED and failure is not None and not report.retry_refused:
        intro = _OR_THE_TARGET if report.followed is Followed.START else _THE_TARGET
        return f"{intro} {_retry(end.target, end.execution_id, failure.stage)}"
    if report.followed is Followed.LATEST:
        return f"{_LATEST} {_start(end.target)}"
    return ""


def _follow(target: Target, execution_id: str, run: str) -> str:
    machine = state_machine_arn_of(run)
    document = {
        "pipelineName": target.pipeline_name,
        "roleArn": target.role_arn,
        **({"externalId": target.external_id} if target.external_id else {}),
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
        f"--pipeline-name {target.pipeline_name} --max-items 10"
    )


def _start(target: Target) -> str:
    return (
        f"aws codepipeline start-pipeline-execution --region {target.region} "
        f"--name {target.pipeline_name}"
    )


def _retry(target: Target, execution_id: str, stage: str) -> str:
    return (
        f"aws codepipeline retry-stage-execution --region {target.region} "
        f"--pipeline-name {target.pipeline_name} --stage-name {stage} "
        f"--pipeline-execution-id {execution_id} --retry-mode FAILED_ACTIONS"
    )
