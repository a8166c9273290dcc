"""Where and why a pipeline execution failed, from its action executions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self

_EPOCH = datetime.fromtimestamp(0, UTC)
_LONGEST = 2_000  # characters of what the target's account wrote; a message holds 5,000


@dataclass(frozen=True)
class Failure:
    """The action that failed, as CodePipeline shows it."""

    stage: str
    action: str
    code: str | None  # errorDetails.code, such as JobFailed
    message: str | None  # errorDetails.message, or the action's own summary where that is missing
    link: str | None  # where the action's provider shows more

    @classmethod
    def of(cls, detail: Mapping[str, Any]) -> Self:
        """The failure from an ActionExecutionDetail of ListActionExecutions."""
        result = detail.get("output", {}).get("executionResult", {})
        error = result.get("errorDetails", {})
        message = error.get("message") or result.get("externalExecutionSummary")
        return cls(
            stage=detail["stageName"],
            action=detail["actionName"],
            code=error.get("code"),
            message=message[:_LONGEST] if message else None,
            link=result.get("externalExecutionUrl"),
        )

    def to_document(self) -> dict[str, Any]:
        """The failure without what is unknown."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def first_failure(details: Iterable[Mapping[str, Any]]) -> Failure | None:
    """The failure that ended the execution, given its action executions, newest first.

    A retried stage leaves older failures behind, so only the newest attempt of each action
    counts; of several actions that failed side by side, the one that failed first.
    """
    newest: dict[tuple[str, str], Mapping[str, Any]] = {}
    for detail in details:
        newest.setdefault((detail["stageName"], detail["actionName"]), detail)
    failed = [detail for detail in newest.values() if detail.get("status") == "Failed"]
    if not failed:
        return None
    return Failure.of(min(failed, key=lambda detail: detail.get("lastUpdateTime", _EPOCH)))
