"""Check that the target's role can be assumed, and what it allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from codepipeline_orchestrator.input.parsing import parse_input
from codepipeline_orchestrator.model.documents import from_document
from codepipeline_orchestrator.model.state import Execution
from codepipeline_orchestrator.model.target import Target
from pipeline_run.checkup.finding import CheckVerdict, Finding
from pipeline_run.checkup.prober import DENIED, FunctionAnswer, Prober
from pipeline_run.checkup.simulation import Simulate
from pipeline_run.deployment import Deployment
from pipeline_run.grants import WITHOUT, needed_by, statements
from pipeline_run.input_document import role_arn
from pipeline_run.target_role import trust

# These calls have effects, or the functions do not report whether they are denied.
_NOT_TRIED = ("StartPipelineExecution", "GetPipelineState", "RetryStageExecution")
_HOW_TO_TRY = (
    "cannot be tested from here. target-role.yaml grants it. To ask IAM, use "
    "--target-profile with a profile for the target's account that may call "
    "iam:SimulatePrincipalPolicy."
)
_MAY_NOT = "is not allowed to perform codepipeline:"


def check_target(
    prober: Prober,
    where: Deployment,
    document: Mapping[str, Any],
    now: datetime,
    *,
    is_listed: bool,
    simulate: Simulate,
    check_events: Callable[..., Iterator[Finding]],
) -> Iterator[Finding]:
    """Check the role and, if it can be assumed, its permissions and the target's events.

    `is_listed` is false if the deployment's parameters do not allow the role. `simulate` asks IAM
    about the permissions that cannot be tested. `check_events` receives the `target` and its
    `newest` execution, or the reason why the execution is unknown.
    """
    answer = _assumed(prober, document, now)
    if answer.error:
        add = _trust(answer, where, document) if is_listed else None
        yield Finding(CheckVerdict.BAD, "role", answer.message, add)
        yield from _external_id(prober, document, answer, now)
        return
    target = from_document(Target, answer.document["changes"]["target"])
    yield Finding(
        CheckVerdict.GOOD, "role", f"The deployment can assume {target.role_arn} for {target}."
    )
    needed, denied, newest = needed_by(parse_input(document)), [], FunctionAnswer({})
    for action, tried in _tried(prober, answer.document["changes"], now):
        if tried.error and tried.error != DENIED:
            yield Finding(CheckVerdict.BAD, "pipeline", tried.message)
            return
        denied += [action] if tried.error else []
        if action == "ListPipelineExecutions":
            newest = tried
        yield _granted(action, tried, is_needed=action in needed)
    for action, is_allowed in simulate(_NOT_TRIED, target).items():
        if is_allowed is not None:
            denied += [] if is_allowed else [action]
            tried = FunctionAnswer({}, "" if is_allowed else DENIED)
            yield _granted(action, tried, is_needed=action in needed)
        else:
            yield Finding(CheckVerdict.UNTRIED, f"codepipeline:{action}", _HOW_TO_TRY)
    if denied:
        yield _mending(denied, target, is_local=role_arn(document) is None)
    yield from check_events(target=target, newest=_newest(newest, target))


def _assumed(prober: Prober, document: Mapping[str, Any], now: datetime) -> FunctionAnswer:
    # The metrics count only attempt 0 as a run, so they do not count this check.
    return prober.ask("AssumeRole", {"input": document, "startTime": now.isoformat(), "attempt": 1})


def _external_id(
    prober: Prober, document: Mapping[str, Any], answer: FunctionAnswer, now: datetime
) -> Iterator[Finding]:
    """If the role can be assumed without the input's external ID, report that ID as wrong."""
    others = {name: value for name, value in document.items() if name != "externalId"}
    if answer.error != "TargetRoleNotAssumable" or others == document:
        return
    if not _assumed(prober, others, now).error:
        told = "is wrong. The role expects the deployment's external ID. Remove externalId."
        yield Finding(CheckVerdict.BAD, "externalId", told)


def _tried(
    prober: Prober, reached: Mapping[str, Any], now: datetime
) -> Iterator[tuple[str, FunctionAnswer]]:
    """Each action that can be tested, with the answer to a call that requires it."""
    yield "GetPipelineExecution", _but_not_found(prober.about("GetState", reached))
    latest = {
        "mode": "latest",
        "onNeverRun": "succeed",
        "wait": True,
        "startedAt": now.isoformat(),
        "deadline": (now + timedelta(minutes=1)).isoformat(),
    }
    listed = prober.about("StartExecution", {**reached, "request": latest}, execution=None)
    yield "ListPipelineExecutions", listed
    actions = prober.about("RetryStage", reached, report={"outcome": "Failed"})
    yield "ListActionExecutions", _but_not_found(actions)
    stopped = prober.about("StopExecution", reached, report={}, why="Check by doctor")
    reason = str(stopped.document.get("notStopped", ""))
    denied = FunctionAnswer({}, DENIED, reason) if _MAY_NOT in reason else stopped
    yield "StopPipelineExecution", denied


def _newest(answer: FunctionAnswer, target: Target) -> Execution | str:
    """The newest execution, or the reason why it is unknown."""
    if answer.error:
        return f"The role may not list the executions of {target}."
    found = answer.document.get("changes", {}).get("execution")
    return from_document(Execution, found) if found else f"{target} has never run."


def _but_not_found(answer: FunctionAnswer) -> FunctionAnswer:
    """Treat "execution not found" as success, because it shows that the call is allowed."""
    return FunctionAnswer({}) if answer.error == "PipelineExecutionNotFound" else answer


def _granted(action: str, answer: FunctionAnswer, *, is_needed: bool) -> Finding:
    about = f"codepipeline:{action}"
    if not answer.error:
        return Finding(CheckVerdict.GOOD, about, "is allowed.")
    verdict = CheckVerdict.BAD if is_needed else CheckVerdict.MISSING
    return Finding(verdict, about, f"is denied. It is needed for {WITHOUT[action]}.")


def _mending(denied: list[str], target: Target, *, is_local: bool) -> Finding:
    if is_local:
        told = f"add {target.pipeline_name} to the deployment's LocalPipelineNames."
        return Finding(CheckVerdict.MISSING, "to fix", told)
    told = f"add these statements to a policy of {target.role_arn}:"
    return Finding(CheckVerdict.MISSING, "to fix", told, statements(denied, [target.arn]))


def _trust(answer: FunctionAnswer, where: Deployment, document: Mapping[str, Any]) -> Any:
    """The statement that the role's trust policy needs, if the policy may be the problem."""
    role = where.outputs.get("TargetAccessRoleArn")
    if answer.error != "TargetRoleNotAssumable" or role is None:
        return None
    return [trust(role, document.get("externalId") or where.parameters.get("ExternalId", ""))]
