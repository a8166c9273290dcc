"""A time limit for each test. A test that hangs fails, and the other tests continue.

pytest-timeout does not work here. Its signal method raises pytest's Failed, which Hypothesis
mistakes for a counterexample. Hypothesis then runs the test again, without a limit. The thread
method ends the process, and xdist then waits forever for the lost worker's tests.
"""

from __future__ import annotations

import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest

# The slowest test takes 6 seconds, but a busy machine may need several times as long.
SECONDS = 120


class TimeLimitExceeded(BaseException):
    """Raised in a test that takes too long.

    It does not inherit from Exception, because tested code must not catch it by accident.
    """


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add an option for the limit. Tests of the limit itself set a short one."""
    parser.addini("time_limit", "seconds for each phase of a test", default=str(SECONDS))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    with _limited(item, "The setup of the test"):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    with _limited(item, "The test"):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    with _limited(item, "The teardown of the test"):
        yield


def pytest_enter_pdb() -> None:
    """Turn the limit off while a person uses the debugger."""
    signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def _limited(item: pytest.Item, phase: str) -> Iterator[None]:
    seconds = float(item.config.getini("time_limit"))

    def end(*_: object) -> NoReturn:
        __tracebackhide__ = True  # This makes pytest show the hanging line last.
        raise TimeLimitExceeded(f"{phase} took more than {seconds:g} seconds.")

    previous = signal.signal(signal.SIGALRM, end)
    # The timer repeats in case the hanging code catches the first error and continues.
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
