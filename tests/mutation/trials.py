"""Tries each mutant in its own process, with the tests that reach the changed line."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest

from tests.mutation.mutants import Mutant

PACKAGE = "codepipeline_orchestrator"
_MOST_SECONDS = 20  # CPU time per test, to detect mutants that never end
# The sandbox is a pytest plugin that is imported before pytest starts.
_ALREADY_IMPORTED = "ignore:Module already imported:pytest.PytestAssertRewriteWarning"
_QUIET = ["-q", "-x", "-p", "no:randomly", "-p", "no:cacheprovider", "-W", _ALREADY_IMPORTED]
_LEAN = ["-p", "no:cov", "-p", "no:xdist", "-p", "no:hypothesispytest"]
# The usual time limit would replace the alarm in `Hurry`, which is shorter and also interrupts C
# code.
OTHER_LIMIT = ["-p", "no:tests.time_limit"]


@dataclass(frozen=True)
class Trial:
    mutant: Mutant
    killed: bool


def run(trials: Iterable[tuple[Mutant, Sequence[str]]], *, processes: int) -> Iterator[Trial]:
    running: dict[int, Mutant] = {}
    for mutant, tests in trials:
        if len(running) >= processes:
            yield _next(running)
        running[in_a_process(_try, mutant, tests)] = mutant
    while running:
        yield _next(running)


def in_a_process(function: Any, *arguments: Any) -> int:
    """Call a function in a forked process, and return the process ID.

    The exit status is the function's result. Forking saves seconds for each mutant because this
    process has already imported the slow modules.
    """
    sys.stdout.flush()
    process = os.fork()
    if process == 0:
        try:
            os._exit(function(*arguments))
        finally:  # the child must never continue with the parent's code
            os._exit(70)
    return process


def warm_up() -> None:
    """Import what each process would otherwise import again: pytest, its plugins and conftest.

    No module of the core may be imported here, because the processes would then use it instead of
    the mutant.
    """
    some_tests = Path(__file__).with_name("test_mutants.py")
    run_tests(["--collect-only", "-q", "-q", str(some_tests)])
    assert not [name for name in sys.modules if name.partition(".")[0] == PACKAGE]
    gc.freeze()


def run_tests(arguments: Sequence[str], *plugins: object) -> int:
    return int(pytest.main([*_QUIET, *arguments], plugins=list(plugins)))


def _next(running: dict[int, Mutant]) -> Trial:
    process, status = os.wait()
    return Trial(running.pop(process), killed=status != 0)


def _try(mutant: Mutant, tests: Sequence[str]) -> int:
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    try:
        code = compile(mutant.tree, f"<{mutant.name}>", "exec")
    except (SyntaxError, ValueError):
        return 1
    sys.meta_path.insert(0, _Finder(f"{PACKAGE}.{mutant.module}", code))
    first, others = _with_the_first(tests)
    return _run_only(first) or (_run_only(others) if others else 0)


def _with_the_first(tests: Sequence[str]) -> tuple[list[str], list[str]]:
    """Separate the tests in the first file, which often suffice, from the others."""
    file = _file(tests[0])
    return (
        [test for test in tests if _file(test) == file],
        [test for test in tests if _file(test) != file],
    )


def _run_only(tests: Sequence[str]) -> int:
    return run_tests(
        [*_LEAN, *OTHER_LIMIT, *sorted({_file(test) for test in tests})], _Only(tests), Hurry()
    )


def _file(test: str) -> str:
    return test.partition("::")[0]


class _Only:
    def __init__(self, tests: Sequence[str]) -> None:
        self._order = {test: place for place, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Select and sort the tests. Tests whose IDs have changed are skipped."""
        chosen = [item for item in items if item.nodeid in self._order]
        items[:] = sorted(chosen, key=lambda item: self._order[item.nodeid])


class Hurry:
    """Makes a failing test end quickly, at its first failing example or after a time limit."""

    def pytest_sessionstart(self) -> None:
        """Skip hypothesis's search for the smallest example, which takes seconds."""
        from hypothesis import Phase, settings  # noqa: PLC0415 - after pytest, which rewrites it

        usual = settings.get_profile("repeatable")
        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("first failure", usual, phases=phases)
        settings.load_profile("first failure")

    def pytest_runtest_setup(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, _MOST_SECONDS)


class _Finder(MetaPathFinder):
    def __init__(self, module: str, code: CodeType) -> None:
        self._module = module
        self._code = code

    def find_spec(self, fullname: str, _path: Any, _target: ModuleType | None = None) -> Any:
        if fullname != self._module:
            return None
        return ModuleSpec(fullname, _Loader(self._code), origin="mutant")


class _Loader(InspectLoader):
    def __init__(self, code: CodeType) -> None:
        self._code = code

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - InspectLoader's
        return self._code

    def get_source(self, fullname: str) -> None:  # noqa: ARG002 - InspectLoader's
        return None
