"""The measured results of a policy in a world."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.waiting.prices import Billed


@dataclass(frozen=True)
class Answered:
    """The result of one wait."""

    delay: float  # seconds from the target's end to the answer
    polls: int
    transitions: int = 0
    events: int = 0  # how many events the state machine's history has
    right: bool = True
    failed: bool = False  # whether the target failed


@dataclass(frozen=True)
class Expected:
    """Computed means over all possible durations."""

    delay: float  # seconds
    polls: float


@dataclass
class Measured:
    """The results of several waits in order, and their total calls and charges."""

    answers: list[Answered] = field(default_factory=list)
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)  # by caller and operation
    invocations: Counter[str] = field(default_factory=Counter)  # by function
    billed: Billed = field(default_factory=Billed)
    expected: Expected | None = None


def together(parts: Iterable[Measured]) -> Measured:
    """Combine the results from the parts of a world."""
    whole = Measured()
    for part in parts:
        whole.answers += part.answers
        whole.calls += part.calls
        whole.invocations += part.invocations
        whole.billed += part.billed
    return whole


def percentile(values: Sequence[float], share: float) -> float:
    """Find the smallest value that is at least as large as this share of the values."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
