"""The event history of an execution, as GetExecutionHistory returns it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.stepfunctions.language.errors import StateFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

HARD_LIMIT = 25_000  # events; the last one can only be the end of the execution
FROM_OUTSIDE = frozenset({"ExecutionAborted", "ExecutionTimedOut", "ExecutionRedriven"})
EXECUTION_DATA = frozenset({"input", "output", "parameters", "assignedVariables"})
SHARED_DETAILS = {
    "StateEntered": "stateEnteredEventDetails",
    "StateExited": "stateExitedEventDetails",
}


class HistoryFull(StateFailed):
    """The history has 25,000 events, so the execution fails. No catcher can catch that."""

    def __init__(self) -> None:
        super().__init__(
            "States.Runtime",
            f"The execution reached the maximum number of history events ({HARD_LIMIT}).",
        )

    def matches(self, error_equals: tuple[str, ...]) -> bool:  # noqa: ARG002 - see StateFailed
        """Never."""
        return False


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One event. `details` has no keys for the members that AWS omits."""

    id: int
    previous: int
    timestamp: datetime
    type: str
    details: Mapping[str, Any] | None

    def described(self, *, include_data: bool) -> dict[str, Any]:
        """The event as the API returns it."""
        event = {
            "id": self.id,
            "previousEventId": self.previous,
            "timestamp": self.timestamp,
            "type": self.type,
        }
        if self.details is not None:
            event[_details_name(self.type)] = {
                name: value
                for name, value in self.details.items()
                if include_data or name not in EXECUTION_DATA
            }
        return event


class History:
    """The history, to which events are appended. The execution's own events are always accepted."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.events: list[HistoryEvent] = []
        self.predecessor = 0  # the predecessor of the next event
        self._clock = clock

    def record(self, kind: str, details: Mapping[str, Any] | None = None) -> int:
        """Add an event after the latest one and return its id. Raises HistoryFull at the limit."""
        own = kind.startswith("Execution")
        if not own and len(self.events) >= HARD_LIMIT - 1:
            raise HistoryFull
        number = len(self.events) + 1
        previous = 0 if kind in FROM_OUTSIDE else self.predecessor
        self.events.append(HistoryEvent(number, previous, self._clock(), kind, details))
        if not own:  # on AWS the first state has no predecessor either
            self.predecessor = number
        return number


def data(name: str, document: str) -> dict[str, Any]:
    """The members of an event for an input or output and its details, sharing equal texts."""
    return {name: sys.intern(document), f"{name}Details": {"truncated": False}}


def failure(error: str | None, cause: str | None) -> dict[str, Any]:
    """The members of an event for an error and cause, omitting those without a value."""
    return {name: text for name, text in (("error", error), ("cause", cause)) if text is not None}


def _details_name(kind: str) -> str:
    for ending, name in SHARED_DETAILS.items():
        if kind.endswith(ending):
            return name
    return f"{kind[0].lower()}{kind[1:]}EventDetails"
