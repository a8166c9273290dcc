"""Where and why a pipeline execution failed, and who approved, from its action executions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self

from codepipeline_orchestrator.model.links import log_link
from codepipeline_orchestrator.text import plain

_EPOCH = datetime.fromtimestamp(0, UTC)
_LONGEST = 2_000  # characters of what the target's account wrote; a message holds 5,000
_LONGEST_LINK = 2_048  # a limit of the CodePipeline API


@dataclass(frozen=True)
class Failure:
    """The action that failed, or the rule that was not met, as CodePipeline shows it."""

    stage: str
    action: str | None = None
    code: str | None = None  # errorDetails.code, such as JobFailed
    message: str | None = None  # errorDetails.message, or the action's own summary without one
    approver: str | None = None  # the ARN of who rejected, if it was an approval
    link: str | None = None  # where the action's provider shows more
    logLink: str | None = None  # noqa: N815 - travels as JSON; the log of the action's compute
    condition: str | None = None  # BEFORE_ENTRY or ON_SUCCESS, if no action failed but a condition
    rule: str | None = None  # of that condition

    @classmethod
    def of(cls, detail: Mapping[str, Any]) -> Self:
        """The failure from an ActionExecutionDetail of ListActionExecutions."""
        result = detail.get("output", {}).get("executionResult", {})
        error = result.get("errorDetails", {})
        return cls(
            stage=detail["stageName"],
            action=detail["actionName"],
            code=plain(error.get("code"), _LONGEST),
            message=plain(error.get("message") or result.get("externalExecutionSummary"), _LONGEST),
            approver=plain(detail.get("updatedBy"), _LONGEST) if _is_approval(detail) else None,
            link=_web_address(result.get("externalExecutionUrl")),
            logLink=log_link(result.get("logStreamARN")),
        )

    @classmethod
    def of_rule(cls, stage: str, condition: str, rule: Mapping[str, Any]) -> Self:
        """The failure from a RuleState of GetPipelineState."""
        latest = rule.get("latestExecution", {})
        error = latest.get("errorDetails", {})
        return cls(
            stage=stage,
            code=plain(error.get("code"), _LONGEST),
            message=plain(error.get("message") or latest.get("summary"), _LONGEST),
            link=_web_address(latest.get("externalExecutionUrl")),
            condition=condition,
            rule=rule.get("ruleName"),
        )

    def to_document(self) -> dict[str, Any]:
        """The failure without what is unknown."""
        return _known(asdict(self))


def first_failure(details: Iterable[Mapping[str, Any]]) -> Failure | None:
    """The failure that ended the execution, given its action executions, newest first.

    Of several actions that failed side by side, the one that failed first.
    """
    newest = _newest_attempts(details)
    failed = [each for each in newest if each.get("status") == "Failed"]
    if not failed:
        return None
    last_start = max(each.get("startTime", _EPOCH) for each in newest)
    # Nothing starts after a failure until the stage is retried. Retried with all its actions it
    # may fail earlier than before, and the older failure of a later action is still listed.
    last = [each for each in failed if each.get("lastUpdateTime", _EPOCH) >= last_start] or failed
    return Failure.of(min(last, key=lambda detail: detail.get("lastUpdateTime", _EPOCH)))


def approvals(details: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Who approved, and what they wrote, in the order of the pipeline."""
    return [
        _known(
            {
                "stage": each["stageName"],
                "action": each["actionName"],
                "by": plain(each.get("updatedBy"), _LONGEST),
                "summary": plain(
                    each.get("output", {})
                    .get("executionResult", {})
                    .get("externalExecutionSummary"),
                    _LONGEST,
                ),
            }
        )
        for each in reversed(_newest_attempts(details))
        if _is_approval(each) and each.get("status") == "Succeeded"
    ]


def _newest_attempts(details: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The newest run of each action: a retried stage leaves older ones behind."""
    newest: dict[tuple[str, str], Mapping[str, Any]] = {}
    for detail in details:
        newest.setdefault((detail["stageName"], detail["actionName"]), detail)
    return list(newest.values())


def _is_approval(detail: Mapping[str, Any]) -> bool:
    category: str | None = detail.get("input", {}).get("actionTypeId", {}).get("category")
    return category == "Approval"


def _web_address(url: str | None) -> str | None:
    """The address if a person may follow it."""
    address = plain(url, _LONGEST_LINK)
    is_one = address and address.startswith(("https://", "http://")) and " " not in address
    return address if is_one else None


def _known(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}
