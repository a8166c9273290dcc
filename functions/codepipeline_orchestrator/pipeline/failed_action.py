"""Which action failed and why, and who approved, from a pipeline execution's action executions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from codepipeline_orchestrator.model.links import log_link
from codepipeline_orchestrator.model.report import Approval, FailedAction, Revision
from codepipeline_orchestrator.text import is_web_address, plain

_EPOCH = datetime.fromtimestamp(0, UTC)
_LONGEST = 2_000  # characters of what the target's account wrote; a message holds 5,000
_LONGEST_LINK = 2_048  # a limit of the CodePipeline API


def failed_action(detail: Mapping[str, Any]) -> FailedAction:
    """The failed action from an ActionExecutionDetail of ListActionExecutions."""
    result = detail.get("output", {}).get("executionResult", {})
    error = result.get("errorDetails", {})
    return FailedAction(
        stage=detail["stageName"],
        action=detail["actionName"],
        code=plain(error.get("code"), _LONGEST),
        message=plain(error.get("message") or result.get("externalExecutionSummary"), _LONGEST),
        approval=is_approval(detail),
        approver=plain(detail.get("updatedBy"), _LONGEST) if is_approval(detail) else None,
        link=_web_address(result.get("externalExecutionUrl")),
        log_link=log_link(result.get("logStreamARN")),
    )


def failed_rule(stage: str, condition: str, rule: Mapping[str, Any]) -> FailedAction:
    """The failed rule of a stage's condition from a RuleState of GetPipelineState."""
    latest = rule.get("latestExecution", {})
    error = latest.get("errorDetails", {})
    return FailedAction(
        stage=stage,
        code=plain(error.get("code"), _LONGEST),
        message=plain(error.get("message") or latest.get("summary"), _LONGEST),
        link=_web_address(latest.get("externalExecutionUrl")),
        condition=condition,
        rule=rule.get("ruleName"),
    )


def failed_actions(
    details: Iterable[Mapping[str, Any]], revisions: Sequence[Revision] = ()
) -> tuple[FailedAction, ...]:
    """The failed actions that ended the execution, given its action executions, newest first.

    The one that failed first comes first. `revisions` are those that the execution ran with.
    """
    newest = _newest_attempts(details)
    failed = [each for each in newest if each.get("status") == "Failed"]
    if not failed:
        return ()
    last_start = max(each.get("startTime", _EPOCH) for each in newest)
    # Nothing starts after a failure until the stage is retried. Retried with all its actions it
    # may fail earlier than before, and the older failure of a later action is still listed.
    last = [each for each in failed if each.get("lastUpdateTime", _EPOCH) >= last_start] or failed
    last.sort(key=lambda detail: detail.get("lastUpdateTime", _EPOCH))
    return tuple(replace(failed_action(each), revision=_revision(each, revisions)) for each in last)


def _revision(detail: Mapping[str, Any], revisions: Sequence[Revision]) -> str | None:
    """The source revision that an action had as input; None if it may be one of several."""
    inputs = {each.get("name") for each in detail.get("input", {}).get("inputArtifacts", [])}
    own = [each for each in revisions if each.name in inputs]
    known = own or revisions
    return known[0].revision_id if len(known) == 1 and known[0].revision_id else None


def approvals(details: Iterable[Mapping[str, Any]]) -> tuple[Approval, ...]:
    """The approvals that were given, in the order of the pipeline."""
    return tuple(
        _approval(each)
        for each in reversed(_newest_attempts(details))
        if is_approval(each) and each.get("status") == "Succeeded"
    )


def _approval(detail: Mapping[str, Any]) -> Approval:
    result = detail.get("output", {}).get("executionResult", {})
    return Approval(
        stage=detail["stageName"],
        action=detail["actionName"],
        by=plain(detail.get("updatedBy"), _LONGEST),
        summary=plain(result.get("externalExecutionSummary"), _LONGEST),
    )


def _newest_attempts(details: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The newest run of each action: a retried stage leaves older ones behind."""
    newest: dict[tuple[str, str], Mapping[str, Any]] = {}
    for detail in details:
        newest.setdefault((detail["stageName"], detail["actionName"]), detail)
    return list(newest.values())


def is_approval(detail: Mapping[str, Any]) -> bool:
    """Whether an ActionExecutionDetail is of an approval."""
    category: str | None = detail.get("input", {}).get("actionTypeId", {}).get("category")
    return category == "Approval"


def _web_address(url: str | None) -> str | None:
    """The address if a person may follow it."""
    address = plain(url, _LONGEST_LINK)
    return address if address and is_web_address(address) else None
