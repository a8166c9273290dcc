"""What a run knows about the events of its target execution."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from codepipeline_orchestrator.model.target import Target

KEPT = timedelta(days=35)  # how long an item in the waits table is kept after an event
_MOST_WAKES = 200  # maximum per run, because its history can hold only 25,000 events
ANNOUNCED = (5, 10, 20, 40)  # seconds between polls until a poll shows an announced end


def waits_key(account: str, region: str, pipeline: str, execution_id: str) -> str:
    """The key of a target execution in the waits table."""
    return f"{account}/{region}/{pipeline}/{execution_id}"


@dataclass(frozen=True)
class Listening:
    """How a run listens for events, if the target's events can reach it.

    The state machine registers the run in the waits table only if the table's counter still equals
    `heard`, so no event is missed between a poll and the wait that follows it.
    """

    execution: str  # key of the target execution in the waits table
    heard: int | None = None  # the table's counter; None until an event has arrived
    refused: int = 0  # how many times the run could not read the counter or begin a wait
    end_announced: bool = False  # whether an event announced an end that no poll has shown yet
    polls: int = 0  # polls since the event that announced the end
    wakes: int = 0

    @classmethod
    def to(cls, target: Target, execution_id: str) -> Self:
        """Start listening for the events of this execution."""
        return cls(waits_key(target.account, target.region, target.pipeline_name, execution_id))

    @property
    def is_proven(self) -> bool:
        """Whether an event has arrived, which proves that the execution's events reach the run."""
        return self.heard is not None

    def after_poll(self) -> Listening | None:
        """The state after a poll that showed no end, or None if the run has used up its wakes."""
        if self.wakes >= _MOST_WAKES:
            return None
        if not self.end_announced or self.polls + 1 >= len(ANNOUNCED):
            return self.without_announced_end()
        return replace(self, polls=self.polls + 1, wakes=self.wakes + 1)

    def without_announced_end(self) -> Listening:
        """The state after the run has seen the announced end or stopped expecting it."""
        return replace(self, end_announced=False, polls=0)
