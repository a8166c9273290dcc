"""An execution's event history, as GetExecutionHistory returns it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.stepfunctions.language.errors import StateFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

HARD_LIMIT = 25_000  # events; the last one must be the end of the execution
FROM_OUTSIDE = frozenset({"ExecutionAborted", "ExecutionTimedOut", "ExecutionRedriven"})
EXECUTION_DATA = frozenset({"input", "output", "parameters", "assignedVariables"})
SHARED_DETAILS = {
    "StateEntered": "stateEnteredEventDetails",
    "StateExited": "stateExitedEventDetails",
}


class HistoryFull(StateFailed):
    """The history already contains 25,000 events, so the execution fails. Catch does not apply."""

    def __init__(self) -> None:
        super().__init__(
            "States.Runtime",
            f"The execution reached the maximum number of history events ({HARD_LIMIT}).",
        )


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One event. `details` omits the members that AWS omits."""

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
    """A history with a maximum length, which does not apply to starts, ends and redrives."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.events: list[HistoryEvent] = []
        self.predecessor = 0  # the event that the next one follows
        self._clock = clock

    def record(
        self, kind: str, details: Mapping[str, Any] | None = None, *, after: int | None = None
    ) -> int:
        """Add an event and return its id. Raises HistoryFull at the limit.

        The event's predecessor is the latest event unless `after` names another one.
        """
        own = kind.startswith("Execution")
        if not own and len(self.events) >= HARD_LIMIT - 1:
            raise HistoryFull
        number = len(self.events) + 1
        previous = self.predecessor if after is None else after
        previous = 0 if kind in FROM_OUTSIDE else previous
        self.events.append(HistoryEvent(number, previous, self._clock(), kind, details))
        if not own:  # the first state has no predecessor on AWS either
            self.predecessor = number
        return number


def data(name: str, document: str) -> dict[str, Any]:
    """The event members for an input or output, with its details. Equal texts are shared."""
    return {name: sys.intern(document), f"{name}Details": {"truncated": False}}


def failure(error: str | None, cause: str | None) -> dict[str, Any]:
    """The event members for an error and cause. A missing error or cause is omitted."""
    return {name: text for name, text in (("error", error), ("cause", cause)) if text is not None}


def _details_name(kind: str) -> str:
    for ending, name in SHARED_DETAILS.items():
        if kind.endswith(ending):
            return name
    return f"{kind[0].lower()}{kind[1:]}EventDetails"
