"""Measures which tests visit which parts of the state machine, as reach.py does for lines."""

from __future__ import annotations

import json
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from codepipeline_sandbox.stepfunctions.language.errors import StateFailed
from codepipeline_sandbox.stepfunctions.states.task import Task
from codepipeline_sandbox.stepfunctions.visits.visit import Visit

ANYWHERE = ""  # a place that every run visits
_READ = "definition"  # the fixture of tests that read the definition and run nothing


def asked(state: str, rule: int) -> str:
    """The place of a rule whose condition was evaluated."""
    return f"{state}.Choices[{rule}]?"


def chosen(state: str, rule: int) -> str:
    """The place of a rule whose condition held."""
    return f"{state}.Choices[{rule}]"


def failed(state: str, error: str) -> str:
    """The place of a task whose attempt failed with this error."""
    return f"{state}: {error}"


def retried(state: str) -> str:
    """The place of a task that had a second attempt."""
    return f"{state}.Retry"


def caught(state: str, catcher: int) -> str:
    """The place of a catcher that caught an error."""
    return f"{state}.Catch[{catcher}]"


@dataclass(frozen=True)
class Visited:
    every: Sequence[str]
    places: Mapping[str, set[str]]

    def tests_of(self, place: str) -> list[str]:
        found = self.places.get(place, set()) | self.places[_READ]
        return [test for test in self.every if place == ANYWHERE or test in found]


class Recorder:
    """A pytest plugin that records which places each test visits and how long the test takes."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = defaultdict(float)
        # The places that each test or shared fixture visits, and the tests that use each fixture.
        self._places: dict[str, set[str]] = defaultdict(set)
        self._shared: dict[str, set[str]] = defaultdict(set)
        self._setups: dict[str, float] = defaultdict(float)  # seconds by shared fixture
        self._current = ""

    def save(self, file: Path) -> None:
        places: dict[str, list[str]] = defaultdict(list)
        for test, found in self._places.items():
            for place in found:
                places[place] += sorted(self._shared.get(test, {test}))
        # A test that runs alone sets up all its fixtures.
        for fixture, seconds in self._setups.items():
            for test in self._shared[fixture]:
                self._seconds[test] += seconds
        every = sorted(self._seconds, key=self._seconds.__getitem__)
        file.write_text(json.dumps({"every": every, "places": places}))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._current = item.nodeid
        fixtures = getattr(item, "fixturenames", [])
        if _READ in fixtures:
            self._places[item.nodeid].add(_READ)
        for fixture in fixtures:
            self._shared[_shared_by(item.nodeid, fixture)].add(item.nodeid)
        with _seen(self._see):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[Any]:
        """Attribute the places that a shared fixture visits to all tests that use the fixture."""
        if fixturedef.scope == "function":
            return (yield)
        current, begun = self._current, time.perf_counter()
        self._current = _shared_by(current, fixturedef.argname)
        try:
            return (yield)
        finally:
            self._setups[self._current] += time.perf_counter() - begun
            self._current = current

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid] += report.duration

    def _see(self, place: str) -> None:
        self._places[self._current].add(place)


def _shared_by(test: str, fixture: str) -> str:
    return f"{test.partition('::')[0]} {fixture}"


def load(file: Path) -> Visited:
    document = json.loads(file.read_text())
    places = {place: set(tests) for place, tests in document["places"].items()}
    visiting = set().union(*places.values())
    return Visited([test for test in document["every"] if test in visiting], places)


@contextmanager
def _seen(see: Callable[[str], object]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Visit, "typed", _with_rules(Visit.typed, see))
        patch.setattr(Visit, "__init__", _with_states(Visit.__init__, see))
        patch.setattr(Task, "_attempt", _with_failures(Task._attempt, see))
        patch.setattr(Task, "_caught", _with_catchers(Task._caught, see))
        yield


def _with_rules(typed: Any, see: Callable[[str], object]) -> Any:
    def seen(visit: Visit, template: Any, field: str, wanted: type) -> Any:
        value = typed(visit, template, field, wanted)
        if match := re.match(r"Choices\[(\d+)\]", field):
            see(asked(visit.name, int(match[1])))
            if value:
                see(chosen(visit.name, int(match[1])))
        return value

    return seen


def _with_states(enter: Any, see: Callable[[str], object]) -> Any:
    def seen(visit: Visit, *arguments: Any, **named: Any) -> None:
        enter(visit, *arguments, **named)
        see(visit.name)

    return seen


def _with_failures(attempt: Any, see: Callable[[str], object]) -> Any:
    def seen(task: Task, visit: Visit) -> Any:
        if visit.retry_count:
            see(retried(visit.name))
        try:
            return attempt(task, visit)
        except StateFailed as failure:
            see(failed(visit.name, str(failure.error)))
            raise

    return seen


def _with_catchers(catch: Any, see: Callable[[str], object]) -> Any:
    def seen(task: Task, visit: Visit, failure: StateFailed) -> Any:
        matching = (failure.matches(each.error_equals) for each in task.catch)
        for index in [index for index, matches in enumerate(matching) if matches][:1]:
            see(caught(visit.name, index))
        return catch(task, visit, failure)

    return seen
