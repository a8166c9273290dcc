"""Check the product's figures against their limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.waiting.figures import Figures
from benchmarks.waiting.peers import PEERS
from benchmarks.waiting.products import EVENTS, LOST, NATIVE, POLLS, PRODUCTS

_DELAY, _CALLS, _WRONG = "mean_delay_s", "aws_calls_per_hour", "wrong_outcomes"
_NAMES = {
    _DELAY: "mean delay (s)",
    "p99_delay_s": "p99 delay (s)",
    "mean_delay_of_failures_s": "mean delay after failures (s)",
    _CALLS: "AWS calls per hour",
    "state_transitions_per_hour": "state transitions per hour",
    "usd_per_1000_hours": "$ per 1,000 hours",
    _WRONG: "wrong outcomes",
}


@dataclass(frozen=True)
class Limit:
    """The maximum for one figure of one policy."""

    policy: str
    world: str
    figure: str
    most: float


LIMITS = (
    Limit(EVENTS.name, "history", _DELAY, 2.0),
    Limit(EVENTS.name, "history", "p99_delay_s", 30.0),
    Limit(EVENTS.name, "history", "mean_delay_of_failures_s", 2.5),
    Limit(EVENTS.name, "history", _CALLS, 135.0),
    Limit(EVENTS.name, "history", "state_transitions_per_hour", 105.0),
    Limit(EVENTS.name, "history", "usd_per_1000_hours", 2.70),
    Limit(EVENTS.name, "no-history", _DELAY, 2.0),
    Limit(EVENTS.name, "approvals", _DELAY, 2.2),
    Limit(EVENTS.name, "approvals", _CALLS, 65.0),
    Limit(LOST.name, "history", _DELAY, 3.0),
    Limit(POLLS.name, "history", _DELAY, 10.0),
    Limit(POLLS.name, "history", _CALLS, 190.0),
    Limit(NATIVE.name, "approvals", _DELAY, 1.5),
    Limit(NATIVE.name, "approvals", _CALLS, 24.0),
)


@dataclass(frozen=True)
class Target:
    """A measured figure and its maximum."""

    what: str
    value: float
    most: float

    @property
    def reached(self) -> bool:
        """Whether the figure is within its maximum."""
        return self.value <= self.most

    def __str__(self) -> str:
        verdict = "ok" if self.reached else "MISSED"
        return f"{verdict:6}  {self.value:8.2f}  at most {self.most:8.2f}  {self.what}"


def targets(rows: Sequence[Figures]) -> list[Target]:
    """List the performance targets for the measured rows."""
    found = {(row["policy"], row["world"]): row for row in rows}
    limited = [
        Target(_what(limit), found[limit.policy, limit.world][limit.figure], limit.most)
        for limit in LIMITS
        if (limit.policy, limit.world) in found
    ]
    wrong = [
        Target(_what(Limit(policy, world, _WRONG, 0)), row[_WRONG], 0)
        for (policy, world), row in found.items()
        if policy in PRODUCTS
    ]
    return [*limited, *wrong, *_beside_peers(found)]


def _beside_peers(found: dict[tuple[str, str], Figures]) -> Iterator[Target]:
    """Yield a target for each peer, which must not beat the product in both delay and AWS calls."""
    for (policy, world), peer in found.items():
        ours = found.get((EVENTS.name, world))
        if policy in PEERS and ours:
            share = min(ours[_DELAY] / peer[_DELAY], ours[_CALLS] / peer[_CALLS])
            what = f"{EVENTS.name}, {world}: lower of delay and AWS calls, relative to {policy}"
            yield Target(what, share, 1)


def _what(limit: Limit) -> str:
    return f"{limit.policy}, {limit.world}: {_NAMES[limit.figure]}"
