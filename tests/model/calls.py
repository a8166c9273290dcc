"""An AWS call as one atomic step, with everything that can go wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, Protocol, Self, TypeVar

from tests.model.search import Step

REFUSED = "refused"  # no effect, and an error to the caller
KILLED = "killed"  # the call takes effect, and its process is killed
LOST = "lost"  # the call takes effect, and its caller gets an error
REPEATED = "repeated"  # the call takes effect, and the SDK's own retry meets this effect
STALE = "stale"  # an eventually consistent read returns what was true before
FAULTS = (REFUSED, KILLED, LOST, REPEATED, STALE)


class Faulty(Protocol):
    """A state that counts how many faults may still strike."""

    @property
    def may_fail(self) -> bool:
        """Whether another fault may strike."""

    @property
    def may_lag(self) -> bool:
        """Whether another read may be stale."""

    def after_fault(self) -> Self:
        """The same with one fault fewer to come."""

    def after_lag(self) -> Self:
        """The same with one stale read fewer to come."""


class Caller(Hashable, Protocol):
    """A process of a model."""

    @property
    def who(self) -> str:
        """Its name for a reader."""


W = TypeVar("W", bound=Faulty)
A = TypeVar("A")


@dataclass(slots=True)
class Call(Generic[W, A]):
    """What a process does next, and how it goes on.

    `effect` is what the service does, with its answer. `then` goes on with the answer, `error`
    without one after the SDK has given up, `killed` is what becomes of a process that dies here:
    None if its process cannot die. `stale` are the answers that a lagging read may give. `repeats`:
    whether the SDK makes the call again when it gets no answer.
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
    """Each way in which the call can end."""
    after, answer = call.effect(world)
    said = call.says(answer)
    step = Step(call.by.who, said, call.operation, by=call.by)
    found = [(step, call.then(after, answer))]
    if world.may_fail:
        found += _failures(call, world, after, said)
    if call.stale and world.may_lag:
        found += [
            (_step(call, call.says(stale), STALE), call.then(world.after_lag(), stale))
            for stale in call.stale
        ]
    return found


def _failures(call: Call[W, A], world: W, after: W, said: str) -> list[tuple[Step, W]]:
    found = [(_step(call, "fails", REFUSED), call.error(world.after_fault()))]
    spent = after.after_fault()
    if call.killed is not None:
        found.append((_step(call, said, KILLED), call.killed(spent)))
    if after != world:  # a read has no effect that could be lost or met
        found.append((_step(call, said, LOST), call.error(spent)))
        if call.repeats:
            again, answer = call.effect(spent)
            found.append((_step(call, call.says(answer), REPEATED), call.then(again, answer)))
    return found


def _step(call: Call[W, A], what: str, fault: str) -> Step:
    return Step(call.by.who, what, call.operation, fault, due=False, by=call.by)
