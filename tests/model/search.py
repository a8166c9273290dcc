"""Searches all states of a model, breadth first, for the shortest trace to a violation."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, Protocol, TypeVar

S = TypeVar("S", bound=Hashable)


class Step(NamedTuple):
    who: str  # the name of the process in traces
    what: str
    call: str = ""  # service:Operation; empty if the step has no AWS call
    fault: str = ""  # one of `tests.model.calls.FAULTS`, or empty
    due: bool = True  # whether the step happens even if nothing goes wrong
    by: Hashable = None  # the process that makes the call, in its state before the step

    def __str__(self) -> str:
        made = f" [{self.call}]" if self.call else ""
        return f"{self.who}{made}: {self.what}{f' ({self.fault})' if self.fault else ''}"


class Model(Protocol[S]):
    def initial(self) -> S:
        """The first state."""

    def steps(self, state: S) -> Sequence[tuple[Step, S]]:
        """All possible next steps, each with the state that it leads to."""

    def violation(self, state: S, *, at_rest: bool) -> str | None:
        """Describe a promise that the state breaks. `at_rest` means that no further step is due."""


@dataclass(frozen=True)
class Findings:
    """The result of a search.

    If the search is complete and found no violation, the model keeps all its promises.
    """

    states: int
    seconds: float
    complete: bool
    violation: str | None = None
    trace: Sequence[Step] = field(default_factory=tuple)

    def __str__(self) -> str:
        if self.violation is None:
            return "no violation" if self.complete else "no violation so far"
        lines = (f"{number:4}. {step}" for number, step in enumerate(self.trace, 1))
        return "\n".join([f"VIOLATION: {self.violation}", *lines])


def search(model: Model[S], *, limit: int = 5_000_000) -> Findings:
    """Search for the nearest violation, exploring at most about `limit` states."""
    began = time.monotonic()
    first = model.initial()
    reached: _Reached[S] = {first: None}
    ahead = deque([first])
    while ahead and len(reached) <= limit:
        state = ahead.popleft()
        steps = model.steps(state)
        broken = model.violation(state, at_rest=not any(step.due for step, _ in steps))
        if broken:
            seconds = time.monotonic() - began
            return Findings(len(reached), seconds, False, broken, _trace(reached, state))
        for step, after in steps:
            if after not in reached:
                reached[after] = (state, step)
                ahead.append(after)
    return Findings(len(reached), time.monotonic() - began, not ahead)


_Reached = dict[S, tuple[S, Step] | None]


def _trace(reached: _Reached[S], state: S) -> tuple[Step, ...]:
    steps = []
    while (way := reached[state]) is not None:
        state, step = way
        steps.append(step)
    return tuple(reversed(steps))


def find(model: Model[S], *wanted: Callable[[S, Step, S], bool]) -> list[tuple[Step, S]]:
    """Find a trace that takes the wanted steps in order and ends when no further step is due.

    Each `wanted` function receives a step and the states before and after it. The trace takes the
    shortest path to each wanted step. Raises LookupError if there is no such trace.
    """
    state, trace = model.initial(), list[tuple[Step, S]]()
    for each in wanted:
        trace += _way(model, state, each)
        state = trace[-1][1]
    return [*trace, *_until_rest(model, state)]


def _way(model: Model[S], start: S, wanted: Callable[[S, Step, S], bool]) -> list[tuple[Step, S]]:
    ways: dict[S, list[tuple[Step, S]]] = {start: []}
    ahead = deque(ways)
    while ahead:
        state = ahead.popleft()
        for step, after in model.steps(state):
            way = [*ways[state], (step, after)]
            if wanted(state, step, after):
                return way
            if after not in ways:
                ways[after] = way
                ahead.append(after)
    raise LookupError("no trace takes the wanted steps")


def _until_rest(model: Model[S], state: S) -> list[tuple[Step, S]]:
    way: list[tuple[Step, S]] = []
    visited = {state}
    while due := [each for each in model.steps(state) if each[0].due and each[1] not in visited]:
        way.append(due[0])
        state = due[0][1]
        visited.add(state)
    return way


class Graph(Generic[S]):
    """All states of a small model, and all steps between them."""

    def __init__(self, model: Model[S]) -> None:
        """Explore the model, which should have at most a few thousand states."""
        self.first = model.initial()
        self.steps: dict[S, Sequence[tuple[Step, S]]] = {}
        ahead = [self.first]
        while ahead:
            state = ahead.pop()
            if state not in self.steps:
                self.steps[state] = model.steps(state)
                ahead += [after for _, after in self.steps[state]]

    def traces(self) -> list[list[tuple[Step, S]]]:
        """Return traces from the first state to an end that together contain every step.

        Each trace begins with the shortest path to a step that no earlier trace takes.
        """
        untaken = {(state, step) for state, steps in self.steps.items() for step, _ in steps}
        ways = self._shortest_ways()
        found = []
        for state in ways:  # nearest states first
            for step, after in self.steps[state]:
                if (state, step) in untaken:
                    found.append([*ways[state], (step, after), *self._to_an_end(after, untaken)])
                    untaken -= set(self._taken(found[-1]))
        return found

    def _shortest_ways(self) -> dict[S, list[tuple[Step, S]]]:
        ways: dict[S, list[tuple[Step, S]]] = {self.first: []}
        ahead = deque([self.first])
        while ahead:
            state = ahead.popleft()
            for step, after in self.steps[state]:
                if after not in ways:
                    ways[after] = [*ways[state], (step, after)]
                    ahead.append(after)
        return ways

    def _to_an_end(self, state: S, untaken: set[tuple[S, Step]]) -> list[tuple[Step, S]]:
        """Find a path from a state to an end, preferring steps that no trace has taken yet."""
        way: list[tuple[Step, S]] = []
        visited = {state}
        while ahead := [each for each in self.steps[state] if each[1] not in visited]:
            ahead.sort(key=lambda each: ((state, each[0]) not in untaken, not each[0].due))
            way.append(ahead[0])
            state = ahead[0][1]
            visited.add(state)
        return way

    def _taken(self, trace: Sequence[tuple[Step, S]]) -> list[tuple[S, Step]]:
        before = [self.first, *(state for _, state in trace)]
        return [(state, step) for state, (step, _) in zip(before, trace, strict=False)]
