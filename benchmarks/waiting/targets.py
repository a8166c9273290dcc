"""What the product has to reach on these worlds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.waiting.figures import BOUND, OURS, Figures

WAITER = "waiter"
POLLING = (WAITER, "aws-sample", "fixed-30", "client-10")
_DELAY, _CALLS = "mean_delay_s", "aws_calls_per_hour"


@dataclass(frozen=True)
class Target:
    """A figure, and the most that it may be."""

    what: str
    value: float
    most: float

    @property
    def reached(self) -> bool:
        """Whether the figure is no greater."""
        return self.value <= self.most

    def __str__(self) -> str:
        verdict = "ok" if self.reached else "MISSED"
        return f"{verdict:6}  {self.value:8.2f}  at most {self.most:8.2f}  {self.what}"


def targets(rows: Sequence[Figures]) -> list[Target]:
    """The targets of the worlds that were played with all policies."""
    found: list[Target] = []
    for world in dict.fromkeys(row["world"] for row in rows):
        by_policy = {row["policy"]: row for row in rows if row["world"] == world}
        if {OURS, BOUND, *POLLING} <= by_policy.keys():
            found += [*_of_any(world, by_policy[OURS]), *_OF_WORLDS[world](by_policy)]
    return found


def _of_any(world: str, ours: Figures) -> Iterator[Target]:
    yield Target(f"{world}: wrong outcomes", ours["wrong_outcomes"], 0)
    yield Target(f"{world}: AWS calls of a poll", ours["aws_calls_per_poll"], 1.3)


def _of_history(by_policy: Mapping[str, Figures]) -> Iterator[Target]:
    ours, waiter, least = (by_policy[name] for name in (OURS, WAITER, BOUND))
    delay, calls = ours[_DELAY], ours[_CALLS]
    yield Target("history: mean delay, 1.25 times the bound's", delay, 1.25 * least[_DELAY])
    yield Target("history: mean delay, 1/2 of the waiter's", delay, waiter[_DELAY] / 2)
    yield Target("history: AWS calls an hour, 1/2 of the waiter's", calls, waiter[_CALLS] / 2)
    for name in POLLING:
        # Above 1 the peer is better in both.
        peer = by_policy[name]
        share = min(delay / peer[_DELAY], calls / peer[_CALLS])
        yield Target(f"history: delay or AWS calls as a share of {name}'s, the less", share, 1)


def _of_no_history(by_policy: Mapping[str, Figures]) -> Iterator[Target]:
    ours, waiter = by_policy[OURS], by_policy[WAITER]
    yield Target("no-history: mean delay, the waiter's", ours[_DELAY], waiter[_DELAY])
    yield Target("no-history: AWS calls an hour, the waiter's", ours[_CALLS], waiter[_CALLS])


def _of_approvals(by_policy: Mapping[str, Figures]) -> Iterator[Target]:
    ours, waiter = by_policy[OURS][_CALLS], by_policy[WAITER][_CALLS]
    yield Target("approvals: AWS calls an hour, 1/10 of the waiter's", ours, waiter / 10)


_OF_WORLDS = {"history": _of_history, "no-history": _of_no_history, "approvals": _of_approvals}
