"""The target: that its role can be assumed, and what the role may."""

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

# They have effects, or are not told by the functions.
_NOT_TRIED = ("StartPipelineExecution", "GetPipelineState", "RetryStageExecution")
_HOW_TO_TRY = (
    "cannot be tried from here without effect. --target-profile names a profile of the target's "
    "account that may do iam:SimulatePrincipalPolicy; target-role.yaml grants it."
)
_MAY_NOT = "may not do codepipeline:"


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
    """The role first; what it may, and whether events arrive, only if it can be assumed.

    `is_listed` says whether the deployment may assume it, as far as that is known; `simulate`
    whether the role is allowed what cannot be tried; `check_events` whether events of `target`
    arrive, given its `newest` execution or why that is not known.
    """
    answer = _assumed(prober, document, now)
    if answer.error:
        add = _trust(answer, where, document) if is_listed else None
        yield Finding(CheckVerdict.BAD, "role", answer.message, add)
        yield from _external_id(prober, document, answer, now)
        return
    target = from_document(Target, answer.document["changes"]["target"])
    yield Finding(CheckVerdict.GOOD, "role", f"{target.role_arn} can be assumed for {target}.")
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
    # An attempt other than the first is not counted as a run.
    return prober.ask("AssumeRole", {"input": document, "startTime": now.isoformat(), "attempt": 1})


def _external_id(
    prober: Prober, document: Mapping[str, Any], answer: FunctionAnswer, now: datetime
) -> Iterator[Finding]:
    """Whether the input's external id is what is wrong: with the deployment's it would go."""
    others = {name: value for name, value in document.items() if name != "externalId"}
    if answer.error != "TargetRoleNotAssumable" or others == document:
        return
    if not _assumed(prober, others, now).error:
        told = "is wrong; the role trusts the deployment's own. Leave externalId out."
        yield Finding(CheckVerdict.BAD, "externalId", told)


def _tried(
    prober: Prober, reached: Mapping[str, Any], now: datetime
) -> Iterator[tuple[str, FunctionAnswer]]:
    """Each action that can be tried, and an answer with an error if something is wrong with it."""
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
    """The newest execution, or why it is not known."""
    if answer.error:
        return f"The role may not list the executions of {target}."
    found = answer.document.get("changes", {}).get("execution")
    return from_document(Execution, found) if found else f"{target} has never run."


def _but_not_found(answer: FunctionAnswer) -> FunctionAnswer:
    """That the execution does not exist says that one may ask."""
    return FunctionAnswer({}) if answer.error == "PipelineExecutionNotFound" else answer


def _granted(action: str, answer: FunctionAnswer, *, is_needed: bool) -> Finding:
    about = f"codepipeline:{action}"
    if not answer.error:
        return Finding(CheckVerdict.GOOD, about, "is granted.")
    verdict = CheckVerdict.BAD if is_needed else CheckVerdict.MISSING
    return Finding(verdict, about, f"is denied. It is for {WITHOUT[action]}.")


def _mending(denied: list[str], target: Target, *, is_local: bool) -> Finding:
    """What would grant all that is denied."""
    if is_local:
        told = f"let LocalPipelineNames of the deployment list {target.pipeline_name}."
        return Finding(CheckVerdict.MISSING, "to mend it", told)
    told = f"add to the role {target.role_arn}:"
    return Finding(CheckVerdict.MISSING, "to mend it", told, statements(denied, [target.arn]))


def _trust(answer: FunctionAnswer, where: Deployment, document: Mapping[str, Any]) -> Any:
    """What the role's trust policy must hold, if that may be what is wrong."""
    role = where.outputs.get("TargetAccessRoleArn")
    if answer.error != "TargetRoleNotAssumable" or role is None:
        return None
    return [trust(role, document.get("externalId") or where.parameters.get("ExternalId", ""))]
