"""An AWS call as one atomic step, with everything that can go wrong in it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, Protocol, Self, TypeVar

from tests.model.search import Step

REFUSED = "refused"  # the call has no effect, and its caller receives an error
KILLED = "killed"  # the call takes effect, and its process is killed
LOST = "lost"  # the call takes effect, but its caller receives an error
REPEATED = "repeated"  # the call takes effect, and the SDK repeats it
STALE = "stale"  # an eventually consistent read returns an older value
FAULTS = (REFUSED, KILLED, LOST, REPEATED, STALE)


class Faulty(Protocol):
    """A state that counts how many faults may still occur."""

    @property
    def may_fail(self) -> bool:
        """Whether another fault may occur."""

    @property
    def may_lag(self) -> bool:
        """Whether another read may return a stale value."""

    def after_fault(self) -> Self:
        """The state with one fewer fault left."""

    def after_lag(self) -> Self:
        """The state with one fewer stale read left."""


class Caller(Hashable, Protocol):
    """A process of a model."""

    @property
    def who(self) -> str:
        """The name that traces show."""


W = TypeVar("W", bound=Faulty)
A = TypeVar("A")


@dataclass(slots=True)
class Call(Generic[W, A]):
    """A process's next call, and how the process continues.

    `effect` changes the world and returns the answer. `then` continues with the answer. `error`
    continues without an answer, after the SDK has given up. `killed` is the state after the process
    has died, or None if the process cannot die. `stale` contains the answers that a lagging read
    may return. `repeats` is true if the SDK repeats the call when it receives no answer.
    """

    by: Caller
    operation: str
    says: Callable[[A], str]
    effect: Callable[[W], tuple[W, A]]
    then: Callable[[W, A], W]
    error: Callable[[W], W]
    killed: Callable[[W], W] | None
    stale: tuple[A, ...] = ()
    repeats: bool = True


def outcomes(call: Call[W, A], world: W) -> list[tuple[Step, W]]:
    """Yield each way in which the call can end."""
    after, answer = call.effect(world)
    text = call.says(answer)
    step = Step(call.by.who, text, call.operation, by=call.by)
    found = [(step, call.then(after, answer))]
    if world.may_fail:
        found += _failures(call, world, after, text)
    if call.stale and world.may_lag:
        found += [
            (_step(call, call.says(stale), STALE), call.then(world.after_lag(), stale))
            for stale in call.stale
        ]
    return found


def _failures(call: Call[W, A], world: W, after: W, text: str) -> list[tuple[Step, W]]:
    found = [(_step(call, "fails", REFUSED), call.error(world.after_fault()))]
    spent = after.after_fault()
    if call.killed is not None:
        found.append((_step(call, text, KILLED), call.killed(spent)))
    if after != world:  # A read has no effect that could be lost or repeated.
        found.append((_step(call, text, LOST), call.error(spent)))
        if call.repeats:
            again, answer = call.effect(spent)
            found.append((_step(call, call.says(answer), REPEATED), call.then(again, answer)))
    return found


def _step(call: Call[W, A], what: str, fault: str) -> Step:
    return Step(call.by.who, what, call.operation, fault, due=False, by=call.by)
