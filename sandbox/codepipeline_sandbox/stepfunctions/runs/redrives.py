"""An execution's redrives: how many, the date of the latest, and whether another is possible.

https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.stepfunctions.language.documents import timestamp

if TYPE_CHECKING:
    from datetime import datetime

    from codepipeline_sandbox.stepfunctions.runs.execution import Execution

PERIOD = timedelta(days=14)  # the maximum from an execution's end to its redrive
LONGEST = timedelta(days=365)  # the maximum from an execution's start to its redrive
TOO_MANY_EVENTS = 24_999  # leaves room for ExecutionRedriven and one other event
TOKENS_KEPT = 10
TOKEN_VALID = timedelta(minutes=15)


def hindrance(execution: Execution) -> str | None:
    """Explain in AWS's words why the execution cannot be redriven now. None if it can."""
    if execution.stop_date is None or execution.status == "SUCCEEDED":
        return f"Execution is {execution.status} and cannot be redriven"
    if len(execution.history.events) >= TOO_MANY_EVENTS:
        return "Execution history event limit exceeded"
    now = execution.clock()
    if now - execution.start_date >= LONGEST:
        return "Execution has exceeded the max execution time"
    if now - execution.stop_date > PERIOD:
        return "Execution redrivable period exceeded"
    return None


class Redrives:
    """The redrives of one execution."""

    def __init__(self) -> None:
        self.count = 0
        self.date: datetime | None = None  # the time of the latest redrive
        self._tokens: dict[str, datetime] = {}

    def add(self, client_token: str, now: datetime) -> None:
        """Record a redrive and its client token."""
        self.count += 1
        self.date = now
        self._tokens.pop(client_token, None)
        newest = list(self._tokens.items())[1 - TOKENS_KEPT :]
        self._tokens = {**dict(newest), client_token: now}

    def by(self, client_token: str, now: datetime) -> datetime | None:
        """The time of an earlier redrive with this client token, or None."""
        when = self._tokens.get(client_token)
        return when if when is not None and now - when <= TOKEN_VALID else None

    @property
    def filter(self) -> str:
        """The redrive status that ListExecutions can filter by."""
        return "REDRIVEN" if self.count else "NOT_REDRIVEN"

    @property
    def context(self) -> dict[str, Any]:
        """The context object's members about redrives.

        RedriveTime is present only after a redrive.
        """
        if self.date is None:
            return {"RedriveCount": 0}
        return {"RedriveCount": self.count, "RedriveTime": timestamp(self.date)}
