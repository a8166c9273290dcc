"""Measures which lines each test runs so that only tests that reach a mutant try it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import coverage

from tests.mutation import trials
from tests.mutation.mutants import Mutant

if TYPE_CHECKING:
    import pytest


@dataclass(frozen=True)
class Reach:
    """All tests, quickest first, and the tests that run each line of each module."""

    every: Sequence[str]
    lines: Mapping[str, Mapping[int, Sequence[str]]]  # by module

    def tests_of(self, mutant: Mutant) -> list[str]:
        """Return the tests that run the changed line, starting with the module's own test file.

        If every test runs the line because of an import, the tests that also run other lines of the
        module come next.
        """
        name = mutant.module.rpartition(".")[2]
        lines = self.lines.get(mutant.module, {})
        found = {test for line in mutant.lines for test in lines.get(line, ())}
        near = {test for tests in lines.values() for test in tests}
        chosen = self.every if "" in found else [each for each in self.every if each in found]
        return sorted(chosen, key=lambda each: (f"/test_{name}.py" not in each, each not in near))


class TestsFail(Exception):
    """The tests fail even without a mutant, so they cannot detect one."""


def measure(tests: Sequence[str], source: Path, scratch: Path) -> Reach:
    data, durations = scratch / "coverage", scratch / "durations"
    process = trials.in_a_process(_run, tests, source, data, durations)
    _, status = os.waitpid(process, 0)
    if status != 0:
        raise TestsFail("The tests fail even without a mutant. Fix them first.")
    measured = coverage.CoverageData(str(data))
    measured.read()
    lines = {
        ".".join(Path(file).relative_to(source).with_suffix("").parts): _contexts(measured, file)
        for file in measured.measured_files()
    }
    return Reach(durations.read_text().splitlines(), lines)


def _contexts(measured: coverage.CoverageData, file: str) -> dict[int, list[str]]:
    return {
        line: [context.partition("|")[0] for context in contexts]
        for line, contexts in measured.contexts_by_lineno(file).items()
    }


def _run(tests: Sequence[str], source: Path, data: Path, durations: Path) -> int:
    os.environ["COVERAGE_FILE"] = str(data)
    stopwatch = _Stopwatch()
    options = [f"--cov={source}", "--cov-context=test", "--cov-report=", *trials.OTHER_LIMIT]
    status = trials.run_tests([*options, *tests], stopwatch)
    durations.write_text("\n".join(sorted(stopwatch.seconds, key=stopwatch.seconds.__getitem__)))
    return status


class _Stopwatch:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
