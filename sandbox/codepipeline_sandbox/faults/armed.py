"""An active fault, with its own random stream and its own count of strikes."""

from __future__ import annotations

import random
from typing import Generic, TypeVar

from codepipeline_sandbox.faults.kinds import CallFault, DeliveryFault, InvocationFault, seconds_of

F = TypeVar("F", CallFault, DeliveryFault, InvocationFault)


class Armed(Generic[F]):
    """An active fault. Nothing else uses its random stream."""

    def __init__(self, fault: F, *, seed: str, began: float) -> None:
        self.fault: F = fault
        self._began = began
        self._chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._left = fault.times
        self.struck = 0

    def strikes(self, now: float) -> bool:
        """Decide whether a fault that applies also strikes this time."""
        if self._left == 0 or not self.fault.is_due(now, self._began):
            return False
        if self.fault.chance < 1 and self._chance.random() >= self.fault.chance:
            return False
        if self._left is not None:
            self._left -= 1
        self.struck += 1
        return True

    def seconds(self) -> float:
        """Choose the duration for this strike."""
        spread = self.fault.spread
        return seconds_of(self.fault) + (self._chance.uniform(0, spread) if spread else 0.0)

    def request_id(self) -> str:
        """Create a request ID for a response that does not come from a service."""
        digits = f"{self._chance.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
