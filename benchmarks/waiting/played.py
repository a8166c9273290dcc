"""One wait as a peer plays it: its clock, and what it has cost so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from benchmarks.waiting.measured import Answered
from benchmarks.waiting.prices import Billed
from benchmarks.waiting.worlds import Wait

CALL = 0.02  # seconds that an AWS call takes, as in the sandbox
# Of items of 1 KB at most; what is read is read consistently.
_UNITS = {
    "PutItem": Billed(writes=1),
    "UpdateItem": Billed(writes=1),
    "GetItem": Billed(reads=1),
}
_TASK_EVENTS, _OTHER_EVENTS = 5, 2  # in an execution's history, of a state that it goes through
_FIRST_AND_LAST = 2  # events of an execution
_MOST_EVENTS = 25_000  # with which an execution fails


@dataclass
class Played:
    """A wait in the making; time 0 is the target's start, in seconds."""

    wait: Wait
    time: float = 0.0
    polls: int = 0
    transitions: int = 0
    events: int = 0
    right: bool = True
    invocations: int = 0
    calls: Counter[str] = field(default_factory=Counter)  # by operation
    billed: Billed = field(default_factory=Billed)
    told: float | None = None  # when the action ended, if calls came after that

    @property
    def going_on(self) -> bool:
        """Whether the target has not ended."""
        return self.time < self.wait.target.duration

    def invoke(self, *operations: str) -> None:
        """A function makes these calls, one after the other."""
        self.invocations += 1
        self.call(*operations)

    def call(self, *operations: str) -> None:
        """Somebody makes these calls, one after the other."""
        self.calls.update(operations)
        self.time += CALL * len(operations)
        for operation in operations:
            self.billed += _UNITS.get(operation, Billed())

    def enter(self, *, tasks: int = 0, others: int = 0) -> None:
        """A state machine goes through these states, which takes no time of its own."""
        self.transitions += tasks + others
        self.events = self.events or _FIRST_AND_LAST
        self.events += _TASK_EVENTS * tasks + _OTHER_EVENTS * others

    def forward(self) -> None:
        """An event goes to the account of the policy."""
        self.billed += Billed(forwarded=1)

    def tell(self) -> None:
        """The action ends now, whatever is called afterwards."""
        self.told = self.time

    def answered(self) -> Answered:
        """The wait, now that its end is known and told."""
        told = self.time if self.told is None else self.told
        return Answered(
            delay=told - self.wait.target.duration,
            polls=self.polls,
            transitions=self.transitions,
            events=self.events,
            right=self.right and self.events <= _MOST_EVENTS,
            failed=self.wait.target.failed,
        )
