"""Mutation testing of the functions' core: does some test fail for every small change?

Each mutant is tried by the unit and function tests that reach it, which are imported anew in a
process of its own. mutmut and cosmic-ray were not taken: the one expects the package in the root,
in src or in source, and leaves decorated functions, constants and models alone; the other runs a
command for each mutant, which takes seconds.

A survivor, a mutant that no test notices, is mended by a test, or is listed with its reason in
survivors.yaml. The exit status is 0 only if every survivor is listed, and all that is listed
survives.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import boto3  # noqa: F401 - imported once, here, for all mutants, as the next
import pydantic  # noqa: F401
import yaml

from sandbox import remembering  # noqa: F401
from tests.mutation import mutants, reach, trials

_ROOT = Path(__file__).parents[2]
_SOURCE = _ROOT / "functions" / "codepipeline_orchestrator"
_TESTS = ["tests/unit", "tests/function"]
_TELL_EVERY = 100
_REASONS = Path(__file__).with_name("survivors.yaml")


def main() -> int:
    """Try all mutants of the modules that are asked for, or of all."""
    parser = argparse.ArgumentParser(description=__doc__, prog="make mutate")
    parser.add_argument("modules", nargs="*", help="such as polling or text; all if none is named")
    asked = parser.parse_args().modules
    os.chdir(_ROOT)
    begun = time.monotonic()
    modules = [name for name in _modules() if not asked or name.startswith(tuple(asked))]
    made = [each for name in modules for each in mutants.of(_SOURCE, name)]
    trials.warm_up()
    with tempfile.TemporaryDirectory() as scratch:
        reached = reach.measure(_TESTS, _SOURCE, Path(scratch))
    listed = _listed(modules)
    survivors = set()
    for number, trial in enumerate(_tried(made, reached), 1):
        if not trial.killed:
            survivors.add(trial.mutant.name)
            if trial.mutant.name not in listed:
                _tell(f"SURVIVED  {trial.mutant.name}")
        if number % _TELL_EVERY == 0:
            _tell(f"{number} of {len(made)} mutants tried, {len(survivors)} survived")
    _tell(f"{len(made)} mutants, {len(made) - len(survivors)} killed, {len(survivors)} survived")
    _tell(f"in {(time.monotonic() - begun) / 60:.1f} minutes.")
    for name in sorted(listed - survivors):
        _tell(f"LISTED, BUT DOES NOT SURVIVE (ANY MORE)  {name}")
    return 0 if survivors == listed else 1


def _tried(made: Iterable[mutants.Mutant], reached: reach.Reach) -> Iterator[trials.Trial]:
    """The verdicts as they come in, first those on what no test reaches."""
    plan = [(mutant, reached.tests_of(mutant)) for mutant in made]
    yield from (trials.Trial(mutant, killed=False) for mutant, tests in plan if not tests)
    reachable = [(mutant, tests) for mutant, tests in plan if tests]
    yield from trials.run(reachable, processes=os.cpu_count() or 1)


def _modules() -> list[str]:
    """The modules of the core, such as polling.verdict."""
    files = sorted(_SOURCE.rglob("*.py"))
    return [".".join(file.relative_to(_SOURCE).with_suffix("").parts) for file in files]


def _listed(modules: Sequence[str]) -> set[str]:
    """The names of the survivors that have a reason, of these modules."""
    entries = yaml.safe_load(_REASONS.read_text()) or []
    names = {name for entry in entries for name in entry["mutants"]}
    return {name for name in names if any(name.startswith(f"{each}.") for each in modules)}


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a program for people


if __name__ == "__main__":
    sys.exit(main())
