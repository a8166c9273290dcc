"""What a run knows of the events about its target execution."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from codepipeline_orchestrator.model.target import Target

KEPT = timedelta(days=35)  # after an event; no run is known to wait for longer than that
_MOST_WAKES = 200  # of one run: the history of a run holds 25,000 events
ANNOUNCED = (5, 10, 20, 40)  # seconds between polls, while an end that was told does not show


def waits_key(account: str, region: str, pipeline: str, execution_id: str) -> str:
    """The key of a target execution in the Waits table."""
    return f"{account}/{region}/{pipeline}/{execution_id}"


@dataclass(frozen=True)
class Listening:
    """A run listens where events can arrive.

    The state machine registers the run in the Waits table as long as the table's counter is what
    `heard` says, so that no event is missed between a poll and the wait after it.
    """

    execution: str  # key of the target execution in the Waits table
    heard: int | None = None  # the counter; None until an event has shown that they arrive
    refused: int = 0  # how many times there was no counter to read, or no wait was possible
    told: bool = False  # an event reported an end that no poll has shown yet
    polls: int = 0  # since then
    wakes: int = 0

    @classmethod
    def to(cls, target: Target, execution_id: str) -> Self:
        """For the events of this execution, none of which is known yet."""
        return cls(waits_key(target.account, target.region, target.pipeline_name, execution_id))

    @property
    def is_proven(self) -> bool:
        """Whether events about the execution are known to arrive."""
        return self.heard is not None

    def after_poll(self) -> Listening | None:
        """After a poll that showed no end; None when the run has been woken often enough."""
        if self.wakes >= _MOST_WAKES:
            return None
        if not self.told or self.polls + 1 >= len(ANNOUNCED):
            return self.untold()
        return replace(self, polls=self.polls + 1, wakes=self.wakes + 1)

    def untold(self) -> Listening:
        """After a reported end has shown, or will not."""
        return replace(self, told=False, polls=0)
