"""The event history of an execution, as GetExecutionHistory tells it."""

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
    """25,000 events: the execution fails, and nothing in it can catch that."""

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
    """One event; `details` has no keys for what AWS leaves out."""

    id: int
    previous: int
    timestamp: datetime
    type: str
    details: Mapping[str, Any] | None

    def described(self, *, include_data: bool) -> dict[str, Any]:
        """The event as the API returns it."""
        told = {
            "id": self.id,
            "previousEventId": self.previous,
            "timestamp": self.timestamp,
            "type": self.type,
        }
        if self.details is not None:
            told[_details_name(self.type)] = {
                name: value
                for name, value in self.details.items()
                if include_data or name not in EXECUTION_DATA
            }
        return told


class History:
    """Grows by one event at a time; the execution's own events are always taken."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.events: list[HistoryEvent] = []
        self.predecessor = 0  # of the next event
        self._clock = clock

    def record(self, kind: str, details: Mapping[str, Any] | None = None) -> int:
        """Add an event after the latest one and return its id. HistoryFull at the limit."""
        own = kind.startswith("Execution")
        if not own and len(self.events) >= HARD_LIMIT - 1:
            raise HistoryFull
        number = len(self.events) + 1
        previous = 0 if kind in FROM_OUTSIDE else self.predecessor
        self.events.append(HistoryEvent(number, previous, self._clock(), kind, details))
        if not own:  # to AWS the first state has no predecessor either
            self.predecessor = number
        return number


def data(name: str, document: str) -> dict[str, Any]:
    """An input or output with its details, as events hold them: the same text only once."""
    return {name: sys.intern(document), f"{name}Details": {"truncated": False}}


def failure(error: str | None, cause: str | None) -> dict[str, Any]:
    """An error and cause as events hold them: left out when there is none."""
    return {name: text for name, text in (("error", error), ("cause", cause)) if text is not None}


def _details_name(kind: str) -> str:
    for ending, name in SHARED_DETAILS.items():
        if kind.endswith(ending):
            return name
    return f"{kind[0].lower()}{kind[1:]}EventDetails"
