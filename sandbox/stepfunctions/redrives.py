"""Redriving executions: whether one may be, and how often and when it was.

https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.stepfunctions.language.documents import timestamp

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.stepfunctions.execution import Execution

PERIOD = timedelta(days=14)  # after the end of the execution
LONGEST = timedelta(days=365)  # that an execution may be open, since its start
TOO_MANY_EVENTS = 24_999  # ExecutionRedriven and one more event must find room
TOKENS_KEPT = 10
TOKEN_VALID = timedelta(minutes=15)


def hindrance(execution: Execution) -> str | None:
    """Why the execution cannot be redriven now, in AWS's words; None when it can."""
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
        self.date: datetime | None = None  # of the latest
        self._tokens: dict[str, datetime] = {}

    def add(self, client_token: str, now: datetime) -> None:
        """It has been redriven; the same request repeated is to change nothing."""
        self.count += 1
        self.date = now
        self._tokens.pop(client_token, None)
        newest = list(self._tokens.items())[1 - TOKENS_KEPT :]
        self._tokens = {**dict(newest), client_token: now}

    def by(self, client_token: str, now: datetime) -> datetime | None:
        """When a request with this token redrove it; None when it is a new request."""
        when = self._tokens.get(client_token)
        return when if when is not None and now - when <= TOKEN_VALID else None

    @property
    def filter(self) -> str:
        """What ListExecutions calls it."""
        return "REDRIVEN" if self.count else "NOT_REDRIVEN"

    @property
    def context(self) -> dict[str, Any]:
        """What the context object tells: RedriveTime only if there was one."""
        if self.date is None:
            return {"RedriveCount": 0}
        return {"RedriveCount": self.count, "RedriveTime": timestamp(self.date)}
