"""Check that the target's role can be assumed, and what it allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from codepipeline_orchestrator.input.parsing import parse_input
from codepipeline_orchestrator.model.documents import from_document
from codepipeline_orchestrator.model.state import Execution
from codepipeline_orchestrator.model.target import Place, Target
from pipeline_run.checkup.finding import CheckVerdict, Finding
from pipeline_run.checkup.pipeline_names import ListNames, not_found
from pipeline_run.checkup.prober import DENIED, FunctionAnswer, Prober
from pipeline_run.checkup.simulation import Simulate
from pipeline_run.deployment import Deployment
from pipeline_run.grants import BASIC, WITHOUT, needed_by, statements
from pipeline_run.input_document import role_arn
from pipeline_run.target_role import trust

# These calls have effects, or the functions do not report whether they are denied.
_NOT_TRIED = ("StartPipelineExecution", "GetPipelineState", "RetryStageExecution")
_HOW_TO_TRY = (
    "cannot be tested from here. target-role.yaml grants all of them. To ask IAM, use "
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
    simulate: Simulate,
    list_names: ListNames,
    check_events: Callable[..., Iterator[Finding]],
) -> Iterator[Finding]:
    """Check the role and, if it can be assumed, its permissions and the target's events.

    `simulate` asks IAM about the permissions that cannot be tested. `list_names` lists the
    pipelines of the target's account, to find out whether the name is wrong. `check_events`
    receives the `target` and its `newest` execution, or the reason why the execution is unknown.
    """
    answer, is_external_id_wrong = _assumed_somehow(prober, document, now)
    if is_external_id_wrong:
        told = "is wrong. The role expects the deployment's external ID. Remove externalId."
        yield Finding(CheckVerdict.BAD, "externalId", told)
    if answer.error:
        yield Finding(CheckVerdict.BAD, "role", answer.message, _trust(answer, where, document))
        return
    target = from_document(Target, answer.document["changes"]["target"])
    yield Finding(
        CheckVerdict.GOOD, "role", f"The deployment can assume {target.role_arn} for {target}."
    )
    tried: dict[str, FunctionAnswer] = {}
    for action, found in _tried(prober, answer.document["changes"], now):
        if found.error not in {"", DENIED}:
            yield _unusable(found, target, list_names)
            return
        tried[action] = found
    yield from _check_permissions(tried, target, document, simulate, list_names)
    if not _is_nothing_allowed(tried):
        newest = _newest(tried["ListPipelineExecutions"], target)
        yield from check_events(target=target, newest=newest)


def _check_permissions(
    tried: Mapping[str, FunctionAnswer],
    target: Target,
    document: Mapping[str, Any],
    simulate: Simulate,
    list_names: ListNames,
) -> Iterator[Finding]:
    """What the role allows, and the policy to add for what it denies."""
    needed, is_local = needed_by(parse_input(document)), role_arn(document) is None
    if _is_nothing_allowed(tried):
        names = list_names(target.region)
        if names and target.pipeline_name not in names:
            yield _missing(target, names)
        else:
            yield _nothing_allowed([*BASIC, *needed], target, is_local=is_local)
        return
    are_allowed = {action: not answer.error for action, answer in tried.items()}
    simulated = simulate(_NOT_TRIED, target)
    are_allowed |= {name: known for name, known in simulated.items() if known is not None}
    for action, is_allowed in are_allowed.items():
        yield _granted(action, is_allowed=is_allowed, is_needed=action in needed)
    unknown = [f"codepipeline:{action}" for action in simulated if action not in are_allowed]
    if unknown:
        yield Finding(CheckVerdict.UNTRIED, ", ".join(unknown), _HOW_TO_TRY)
    denied = [action for action, is_allowed in are_allowed.items() if not is_allowed]
    if denied:
        yield _mending(denied, target, is_local=is_local)


def _is_nothing_allowed(tried: Mapping[str, FunctionAnswer]) -> bool:
    """Whether every call was denied, as it is for a name that the role's policy does not list."""
    return all(answer.error for answer in tried.values())


def _unusable(answer: FunctionAnswer, target: Target, list_names: ListNames) -> Finding:
    if answer.error == "PipelineNotFound":
        return _missing(target, list_names(target.region))
    return Finding(CheckVerdict.BAD, "pipeline", answer.message)


def _missing(target: Target, names: Sequence[str] | None) -> Finding:
    told = not_found(target.pipeline_name, Place.of(target.arn), names)
    return Finding(CheckVerdict.BAD, "pipeline", told)


def _nothing_allowed(needed: list[str], target: Target, *, is_local: bool) -> Finding:
    fix = _mending(needed, target, is_local=is_local)
    told = f"{target.role_arn} is not allowed to use {target}. If the name is right, {fix.told}"
    return Finding(CheckVerdict.BAD, "pipeline", told, fix.add)


def _assumed(prober: Prober, document: Mapping[str, Any], now: datetime) -> FunctionAnswer:
    # The metrics count only attempt 0 as a run, so they do not count this check.
    return prober.ask("AssumeRole", {"input": document, "startTime": now.isoformat(), "attempt": 1})


def _assumed_somehow(
    prober: Prober, document: Mapping[str, Any], now: datetime
) -> tuple[FunctionAnswer, bool]:
    """The answer to assuming the role, and whether that works only without the external ID."""
    answer = _assumed(prober, document, now)
    others = {name: value for name, value in document.items() if name != "externalId"}
    if answer.error != "TargetRoleNotAssumable" or others == document:
        return answer, False
    again = _assumed(prober, others, now)
    return (answer, False) if again.error else (again, True)


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
        return "ListPipelineExecutions is denied: see above."
    found = answer.document.get("changes", {}).get("execution")
    return from_document(Execution, found) if found else f"{target} has never run."


def _but_not_found(answer: FunctionAnswer) -> FunctionAnswer:
    """Treat "execution not found" as success, because it shows that the call is allowed."""
    return FunctionAnswer({}) if answer.error == "PipelineExecutionNotFound" else answer


def _granted(action: str, *, is_allowed: bool, is_needed: bool) -> Finding:
    about = f"codepipeline:{action}"
    if is_allowed:
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
