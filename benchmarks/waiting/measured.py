"""What a policy did on the waits of a world."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.waiting.prices import Billed


@dataclass(frozen=True)
class Answered:
    """One wait, and what it took to learn of its end."""

    delay: float  # seconds from the target's end to the answer
    polls: int
    transitions: int = 0
    events: int = 0  # in the history of the state machine's execution
    right: bool = True
    failed: bool = False  # the target did


@dataclass(frozen=True)
class Expected:
    """Means over all that could have been, where they can be computed."""

    delay: float  # seconds
    polls: float


@dataclass
class Measured:
    """Waits in their order, and what they took together."""

    answers: list[Answered] = field(default_factory=list)
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)  # by caller and operation
    invocations: Counter[str] = field(default_factory=Counter)  # by function
    billed: Billed = field(default_factory=Billed)
    expected: Expected | None = None


def together(parts: Iterable[Measured]) -> Measured:
    """Parts of a world as one."""
    whole = Measured()
    for part in parts:
        whole.answers += part.answers
        whole.calls += part.calls
        whole.invocations += part.invocations
        whole.billed += part.billed
    return whole


def percentile(values: Sequence[float], share: float) -> float:
    """The least of the values that at least this share of them does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
