"""The state of a wait that a peer plays."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from benchmarks.waiting.measured import Answered
from benchmarks.waiting.prices import Billed
from benchmarks.waiting.worlds import Wait

CALL = 0.02  # seconds that an AWS call takes, as in the sandbox
# The request units for items of up to 1 KB, with strongly consistent reads.
_UNITS = {
    "PutItem": Billed(writes=1),
    "UpdateItem": Billed(writes=1),
    "GetItem": Billed(reads=1),
}
_TASK_EVENTS, _OTHER_EVENTS = 5, 2  # history events of a task state, and of any other state
_FIRST_AND_LAST = 2  # history events for the start and the end of an execution
_MOST_EVENTS = 25_000  # An execution fails when its history has this many events.


@dataclass
class Played:
    """A wait in progress. Times are in seconds since the target started."""

    wait: Wait
    time: float = 0.0
    polls: int = 0
    transitions: int = 0
    events: int = 0
    right: bool = True
    invocations: int = 0
    calls: Counter[str] = field(default_factory=Counter)  # by operation
    billed: Billed = field(default_factory=Billed)
    ended: float | None = None  # set if more calls follow the end of the action

    @property
    def going_on(self) -> bool:
        """Whether the target is still in progress."""
        return self.time < self.wait.target.duration

    def invoke(self, *operations: str) -> None:
        """Charge a function's invocation and its calls, which are made one after another."""
        self.invocations += 1
        self.call(*operations)

    def call(self, *operations: str) -> None:
        """Charge these calls and advance the clock."""
        self.calls.update(operations)
        self.time += CALL * len(operations)
        for operation in operations:
            self.billed += _UNITS.get(operation, Billed())

    def enter(self, *, tasks: int = 0, others: int = 0) -> None:
        """Count the states that a state machine enters, which takes no time."""
        self.transitions += tasks + others
        self.events = self.events or _FIRST_AND_LAST
        self.events += _TASK_EVENTS * tasks + _OTHER_EVENTS * others

    def forward(self) -> None:
        """Charge an event that is forwarded to the policy's account."""
        self.billed += Billed(forwarded=1)

    def end_action(self) -> None:
        """End the action now, so that later calls do not delay it."""
        self.ended = self.time

    def answered(self) -> Answered:
        """Return the result of the wait after the action has ended."""
        ended = self.time if self.ended is None else self.ended
        return Answered(
            delay=ended - self.wait.target.duration,
            polls=self.polls,
            transitions=self.transitions,
            events=self.events,
            right=self.right and self.events <= _MOST_EVENTS,
            failed=self.wait.target.failed,
        )
