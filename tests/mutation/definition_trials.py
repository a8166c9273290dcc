"""Tries mutants of the state machine in processes that are forked after test collection."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import yaml
from _pytest.main import pytest_runtestloop as run_items

from playground.company import ROOT, Company
from tests.mutation import trials, visited
from tests.mutation.definition import Mutant
from tests.mutation.reach import TestsFail

if TYPE_CHECKING:
    import pytest

DEFINITION = ROOT / "statemachine" / "pipeline_run.asl.yaml"
_TESTS = [
    *(f"tests/template/test_{name}.py" for name in ("deadline", "patience", "retries", "shape")),
    *(f"tests/{folder}" for folder in ("statemachine", "simulation", "model")),
    *("-m", "not long"),
]
_OPTIONS = ["-s", "-p", "no:hypothesispytest", *trials.OTHER_LIMIT]


class Report(Protocol):
    def __call__(self, name: str, *, killed: bool) -> None:
        """Receive a mutant's name, and whether a test failed for it."""


def run(mutants: Sequence[Mutant], report: Report, scratch: Path, *, processes: int) -> None:
    session = _Session(mutants, report, scratch, processes)
    if trials.run_tests([*_OPTIONS, *_TESTS], session, trials.Hurry()) != 0:
        raise TestsFail("The tests fail even without a mutant. Fix them first.")


class _Session:
    def __init__(
        self,
        mutants: Sequence[Mutant],
        report: Report,
        scratch: Path,
        processes: int,
    ) -> None:
        self._mutants = mutants
        self._report = report
        self._scratch = scratch
        self._processes = processes
        self._killers: dict[str, set[str]] = defaultdict(set)  # tests that killed mutants, by state
        self._running: dict[int, Mutant] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Measure what each test visits, then try each mutant with the tests that reach it."""
        recorded = self._scratch / "visited"
        process = trials.in_a_process(_measure, session, recorded, self._scratch)
        if os.waitpid(process, 0)[1] != 0:
            failed = self._scratch / str(process)
            raise session.Failed(f"Without a mutant: {failed.read_text()}")
        reached = visited.load(recorded)
        _warm_up()
        for mutant in self._mutants:
            if len(self._running) >= self._processes:
                self._finish_one()
            self._start(session, mutant, reached.tests_of(mutant.place))
        while self._running:
            self._finish_one()
        return True

    def _start(self, session: pytest.Session, mutant: Mutant, tests: Sequence[str]) -> None:
        killers = self._killers[_state(mutant)]
        # Tests that killed other mutants of this state come first, then the quickest ones.
        tests = sorted(tests, key=lambda test: test not in killers)
        order = {test: number for number, test in enumerate(tests)}
        process = trials.in_a_process(_try, session, mutant, order, self._scratch)
        self._running[process] = mutant

    def _finish_one(self) -> None:
        process, status = os.wait()
        mutant = self._running.pop(process)
        killer = self._scratch / str(process)
        if killer.exists():
            self._killers[_state(mutant)].add(killer.read_text())
        self._report(mutant.name, killed=status != 0)


def _state(mutant: Mutant) -> str:
    return mutant.name.split(".")[1]


def _warm_up() -> None:
    from codepipeline_sandbox.cloud import Cloud  # noqa: PLC0415 - it needs what conftest has installed

    with Cloud(seed=1) as cloud:
        Company(cloud)


def _measure(session: pytest.Session, recorded: Path, scratch: Path) -> int:
    recorder = visited.Recorder()
    session.config.pluginmanager.register(recorder)
    status = _run(session, scratch)
    recorder.save(recorded)
    return status


def _try(session: pytest.Session, mutant: Mutant, order: dict[str, int], scratch: Path) -> int:
    _replace_the_definition(mutant.text)
    chosen = [item for item in session.items if item.nodeid in order]
    session.items[:] = sorted(chosen, key=lambda item: order[item.nodeid])
    return _run(session, scratch)


def _run(session: pytest.Session, scratch: Path) -> int:
    session.config.pluginmanager.register(_Killer(scratch / str(os.getpid())))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    try:
        run_items(session)
    except session.Failed:
        return 1
    return int(session.testsfailed > 0)


def _replace_the_definition(text: str) -> None:
    read_text, safe_load = Path.read_text, yaml.safe_load

    def read(path: Path, *arguments: Any, **more: Any) -> str:
        return text if path.name == DEFINITION.name else read_text(path, *arguments, **more)

    def load(stream: Any) -> Any:
        return json.loads(text) if stream is text else safe_load(stream)

    Path.read_text = read  # type: ignore[method-assign, assignment]
    yaml.safe_load = load


class _Killer:
    def __init__(self, file: Path) -> None:
        self._file = file

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Save the ID of the failed test, which then runs first for the state's other mutants."""
        if report.failed:
            self._file.write_text(report.nodeid)
