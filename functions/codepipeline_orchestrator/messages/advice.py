"""Advice on what to do after a run, with the exact commands where they help.

The advice never suggests anything that AWS would refuse or that does not apply to the caller.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.report import RunEnd
from codepipeline_orchestrator.model.request import Mode, OnRestarted, OnSuperseded
from codepipeline_orchestrator.model.run_arn import state_machine_arn_of
from codepipeline_orchestrator.model.target import Place, Target

_LONGER = "To wait longer, increase timeoutMinutes."


@dataclass(frozen=True)
class Advice:
    """Sentences and commands. A line of text introduces each command."""

    text: str = ""
    commands: tuple[tuple[str, str], ...] = ()


def advice(end: RunEnd) -> Advice:
    """What to do next, and the command that shows the run."""
    found = _advice(end)
    return replace(found, commands=(*found.commands, show_command(end.run)))


def show_command(run: str) -> tuple[str, str]:
    """The command that shows a run, given its name or ARN."""
    return "To see the run:", f"pipeline-run show {run.rpartition(':')[2]}"


def _advice(end: RunEnd) -> Advice:
    match end.report.outcome:
        case Outcome.TIMED_OUT:
            return _after_the_deadline(end)
        case Outcome.SUPERSEDED if not end.report.accepted:
            return Advice(f"{_how_to_follow_next(end)}{_again(end)}")
        case Outcome.CANCELLED:
            return Advice(f"{_how_to_follow_next(end)}{_again(end)}")
        case Outcome.STOPPED:
            return Advice(_again(end))
        case Outcome.FAILED:
            return _after_a_failure(end)
        case _:
            return Advice()


def _how_to_follow_next(end: RunEnd) -> str:
    """How to follow the next execution. Empty if the run's input already requests it."""
    request = end.request
    if end.report.outcome is Outcome.SUPERSEDED:
        follows = request is not None and request.on_superseded is OnSuperseded.FOLLOW
        return "" if follows else "To follow the newer execution, set onSuperseded to 'follow'. "
    if request is not None and request.on_restarted is OnRestarted.FOLLOW:
        return ""
    return "To follow the execution that replaces it, set onRestarted to 'follow'. "


def _after_the_deadline(end: RunEnd) -> Advice:
    if end.report.stopped:
        return Advice(f"{_LONGER} {_again(end)}")
    if end.target is None:
        return Advice(_LONGER)
    if end.execution_id is None:
        return Advice(_LONGER, (("To list the target's executions:", _list(end.target)),))
    command = _follow(end.target, end.execution_id, end.run)
    return Advice(_LONGER, (("To start a run that follows the same execution:", command),))


def _after_a_failure(end: RunEnd) -> Advice:
    report, failure = end.report, end.report.details.failure
    fix = "" if report.details.has_decision else "Fix the cause. "
    text = f"{fix}{_again(end)}"
    if end.target is None or end.execution_id is None or failure is None:
        return Advice(text)
    # CodePipeline does not retry a stage that it has rolled back. If it has refused the run's own
    # retry, it would probably refuse another.
    if report.details.rolled_back_by or report.retry_refused:
        return Advice(text)
    aim = "request the approval again" if failure.approval else "retry the failed stage"
    command = _retry(end.target, end.execution_id, failure.stage)
    return Advice(text, ((f"To {aim}, in the target's account:", command),))


def _again(end: RunEnd) -> str:
    request = end.request
    has_job = request is not None and request.has_job
    retry = "retry the stage of the waiting pipeline or " if has_job else ""
    again = f"{retry}start another run"
    if request is None:
        return f"{_capitalized(again)}."
    if request.has_token:
        return (
            "Start another run with a different clientRequestToken. The same token always finds "
            "the same execution."
        )
    if request.pipeline_execution_id is not None:
        return f"Set pipelineExecutionId to another execution, then {again}."
    if request.mode is Mode.LATEST:
        return f"Start the target, then {again} to follow the latest execution."
    return f"To start the target again, {again}."


def _capitalized(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


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


def _retry(target: Target, execution_id: str, stage: str) -> str:
    return (
        f"aws codepipeline retry-stage-execution --region {target.region} "
        f"--pipeline-name {target.pipeline_name} --stage-name {stage} "
        f"--pipeline-execution-id {execution_id} --retry-mode FAILED_ACTIONS"
    )
