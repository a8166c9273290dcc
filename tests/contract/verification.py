"""Runs the contract tests on an account and collects their observations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.contract.aws import Aws, OtherValue
from tests.contract.calls import Answer

ACCOUNT = pytest.StashKey[Aws]()
FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
_OPTIONS = [
    *("-o", "addopts=", "-W", "default"),
    *("--import-mode=importlib", "--strict-markers"),
    *("--confcutdir", str(FOLDER), "--rootdir", str(ROOT)),  # without the fixtures of other tests
]
# The last of these plugins collects garbage, which takes a second.
_WITHOUT = ["terminal", "cacheprovider", "randomly", "xdist", "unraisableexception"]


class OutOfTime(Exception):
    """The time budget is used up."""


def modules() -> list[Path]:
    mark = "pytestmark = pytest.mark.aws_verified"
    return [path for path in sorted(FOLDER.glob("test_*.py")) if mark in path.read_text("utf-8")]


@dataclass
class Outcome:
    test: str
    rules: list[str]
    result: str = "not run"  # or `holds`, `differs`, `other value`, `call failed`, `out of time`
    message: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    measured: dict[str, float] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)


@dataclass(frozen=True)
class Choice:
    slow: bool = False
    minutes: float = 60
    tests: str = ""  # an expression for pytest's -k option


class Verification:
    """A pytest plugin that runs the tests one after another, on the same account."""

    def __init__(self, aws: Aws, choice: Choice, report: Callable[[Outcome], None]) -> None:
        self._aws = aws
        self._choice = choice
        self._report = report
        self._end = aws.now() + choice.minutes * 60
        self.outcomes: list[Outcome] = []
        self.errors: list[str] = []

    def run(self) -> bool:
        """Run the tests. Return False if the run was interrupted or no test was selected."""
        options = [*_OPTIONS, *(f"-pno:{plugin}" for plugin in _WITHOUT)]
        if self._choice.tests:
            options += ["-k", self._choice.tests]
        self._aws.calls.watch = self._watch
        try:
            code = pytest.main([*options, *map(str, modules())], plugins=[self])
        finally:
            self._aws.calls.watch = lambda: None
        return code in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}

    def _watch(self) -> None:
        if self._aws.place.now() > self._end:
            raise OutOfTime("The time budget is used up.")

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[ACCOUNT] = self._aws

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Select the tests that fit in the time budget, and put slow tests last."""
        for item in items:
            self.outcomes.append(Outcome(_name(item), _rules(item)))
        items[:] = [item for item in items if self._fits(minutes(item))]
        items.sort(key=minutes)

    def _fits(self, needed: float) -> bool:
        return needed == 0 or (self._choice.slow and needed <= self._choice.minutes)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if self._aws.now() + minutes(item) * 60 > self._end:
            raise OutOfTime("The time budget is used up.")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.errors.append(str(report.longrepr))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        outcome = next(each for each in self.outcomes if each.test == _name(item))
        began = len(self._aws.calls.made)
        self._aws.observed, self._aws.measured = {}, {}
        result = yield
        outcome.settings, outcome.measured = dict(self._aws.observed), dict(self._aws.measured)
        outcome.answers = self._aws.calls.made[began:]
        self._report(outcome)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        report = yield
        outcome = next(each for each in self.outcomes if each.test == _name(item))
        error = call.excinfo.value if call.excinfo is not None else None
        if error is not None:
            outcome.result = _result(error)
            outcome.message = f"{type(error).__name__}: {error}".splitlines()[0]
        elif call.when == "call":
            outcome.result = "holds"
        return report


def _result(error: BaseException) -> str:
    if isinstance(error, OtherValue):
        return "other value"
    denied = isinstance(error, ClientError) and refused(error).startswith("AccessDenied")
    if denied or isinstance(error, BotoCoreError):
        return "call failed"
    return "out of time" if isinstance(error, OutOfTime) else "differs"


def refused(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def _name(item: pytest.Item) -> str:
    return item.nodeid.rpartition("/")[2].partition("::")[2]


def _rules(item: pytest.Item) -> list[str]:
    return sorted({rule for mark in item.iter_markers("rule") for rule in mark.args})


def minutes(item: pytest.Item) -> float:
    """The number of minutes that a slow test takes, or 0 for other tests."""
    mark = item.get_closest_marker("slow")
    return 0.0 if mark is None else float(mark.kwargs["minutes"])


def settings_of(outcomes: list[Outcome]) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for outcome in outcomes:
        for name, value in outcome.settings.items():
            if value not in found.setdefault(name, []):
                found[name].append(value)
    return found
