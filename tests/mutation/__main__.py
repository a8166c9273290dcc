"""Check that at least one test fails for every small change to the core or the state machine.

Each changed version is a mutant. It runs in its own process, with the tests that reach the change.
A mutant that no test notices is a survivor. Add a test for each survivor, or list it in
survivors.yaml with the reason. The exit status is 0 only if exactly the listed mutants survive.

Neither mutmut nor cosmic-ray is suitable. mutmut ignores decorated functions, constants and models,
and expects the package in the root, src or source. cosmic-ray runs a command for each mutant, which
takes seconds.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import boto3  # noqa: F401 - imported once, here, for all mutants, as the next
import pydantic  # noqa: F401
import yaml

from codepipeline_sandbox.patches import caches  # noqa: F401
from tests.mutation import definition, definition_trials, mutants, reach, trials

_ROOT = Path(__file__).parents[2]
_SOURCE = _ROOT / "functions" / "codepipeline_orchestrator"
_TESTS = ["tests/unit", "tests/function", "-m", "not long"]
_TELL_EVERY = 100
_REASONS = Path(__file__).with_name("survivors.yaml")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="make mutate")
    parser.add_argument("names", nargs="*", help="such as polling or statemachine.PollLater")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    asked = tuple(options.names) or ("",)
    os.chdir(_ROOT)
    begun = time.monotonic()
    modules = [name for name in _modules() if name.startswith(asked)]
    made = [each for name in modules for each in mutants.of(_SOURCE, name)]
    document = yaml.safe_load(definition_trials.DEFINITION.read_text(encoding="utf-8"))
    changed = [each for each in definition.of(document) if each.name.startswith(asked)]
    verdicts = _Verdicts(len(made) + len(changed), _listed(asked))
    with tempfile.TemporaryDirectory() as scratch:
        if made:
            for trial in _tried(made, Path(scratch), options.processes):
                verdicts.add(trial.mutant.name, killed=trial.killed)
        if changed:
            definition_trials.run(changed, verdicts.add, Path(scratch), processes=options.processes)
    verdicts.conclude()
    _tell(f"in {(time.monotonic() - begun) / 60:.1f} minutes.")
    return 0 if verdicts.survivors == verdicts.listed else 1


class _Verdicts:
    def __init__(self, made: int, listed: set[str]) -> None:
        self.listed = listed
        self.survivors: set[str] = set()
        self._made = made
        self._tried = 0

    def add(self, name: str, *, killed: bool) -> None:
        self._tried += 1
        if not killed:
            self.survivors.add(name)
            if name not in self.listed:
                _tell(f"SURVIVED  {name}")
        if self._tried % _TELL_EVERY == 0:
            _tell(f"{self._tried} of {self._made} tried, {len(self.survivors)} survived")

    def conclude(self) -> None:
        killed = self._tried - len(self.survivors)
        _tell(f"{self._tried} mutants, {killed} killed, {len(self.survivors)} survived")
        for name in sorted(self.listed - self.survivors):
            _tell(f"LISTED, BUT DOES NOT SURVIVE  {name}")


def _tried(made: Iterable[mutants.Mutant], scratch: Path, processes: int) -> Iterator[trials.Trial]:
    trials.warm_up()
    reached = reach.measure(_TESTS, _SOURCE, scratch)
    plan = [(mutant, reached.tests_of(mutant)) for mutant in made]
    yield from (trials.Trial(mutant, killed=False) for mutant, tests in plan if not tests)
    reachable = [(mutant, tests) for mutant, tests in plan if tests]
    yield from trials.run(reachable, processes=processes)


def _modules() -> list[str]:
    files = sorted(_SOURCE.rglob("*.py"))
    return [".".join(file.relative_to(_SOURCE).with_suffix("").parts) for file in files]


def _listed(asked: tuple[str, ...]) -> set[str]:
    entries = yaml.safe_load(_REASONS.read_text(encoding="utf-8")) or []
    names = {name for entry in entries for name in entry["mutants"]}
    return {name for name in names if name.startswith(asked)}


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a program for people


if __name__ == "__main__":
    sys.exit(main())
