"""AWS calls as atomic steps of a model, with the faults that can strike each call."""

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
        """Return this state with one fewer fault remaining."""

    def after_lag(self) -> Self:
        """Return this state with one fewer stale read remaining."""


class Caller(Hashable, Protocol):
    @property
    def who(self) -> str:
        """The name of the process in traces."""


W = TypeVar("W", bound=Faulty)
A = TypeVar("A")


@dataclass(slots=True)
class Call(Generic[W, A]):
    """The next AWS call of a process, and how the process continues after it.

    `effect` returns the world after the call, and the response. `then` continues the process with
    the response. `error` continues it without a response, after the SDK's last retry. `killed`
    returns the world after the process has died, and is None for a process that cannot die. `stale`
    contains the responses that an eventually consistent read may return instead. `repeats` is true
    if the SDK retries the call when it receives no response.
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
