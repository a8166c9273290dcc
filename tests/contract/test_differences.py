from __future__ import annotations

import importlib
import inspect

import pytest
from botocore.exceptions import ClientError

from tests.contract.aws import OtherValue
from tests.contract.differences import ANYTHING, DIFFERENCES
from tests.contract.on_sandbox import behaving, defaults
from tests.contract.unobserved import UNOBSERVED
from tests.contract.verification import modules

MODULES = [importlib.import_module(f"tests.contract.{path.stem}") for path in modules()]
TESTS = {
    name: test
    for module in MODULES
    for name, test in inspect.getmembers(module, inspect.isfunction)
    if name.startswith("test_")
}

FAILURES = (AssertionError, ClientError, LookupError)


def marks(test, name):
    return [mark for mark in test.pytestmark if mark.name == name]


def cases(test, rule):
    for mark in marks(test, "parametrize"):
        names = [name.strip() for name in mark.args[0].split(",")]
        for values in mark.args[1]:
            case = dict(zip(names, (values,) if len(names) == 1 else values, strict=True))
            if case.get("rule", rule) == rule:
                yield case
        return
    yield {}


@pytest.mark.parametrize("difference", DIFFERENCES, ids=str)
def test_a_test_fails_if_aws_behaves_differently(aws, difference):
    test = TESTS[difference.test]
    expected = OtherValue if difference.settings else FAILURES

    def run(case):
        test(aws, **case)
        aws.compare()

    for case in cases(test, difference.rule):
        with behaving(aws, difference.settings, *difference.plants), pytest.raises(expected):
            run(case)
    for name, value in difference.settings.items():
        seen = value if difference.seen is ANYTHING else difference.seen
        assert seen is None or aws.observed[name] == nearly(seen)


def nearly(value):
    return pytest.approx(value, abs=2) if isinstance(value, float) else value


def test_each_test_has_a_difference_for_each_of_its_rules():
    cited = {
        (rule, name)
        for name, test in TESTS.items()
        for mark in marks(test, "rule")
        for rule in mark.args
    }

    assert cited == {(each.rule, each.test) for each in DIFFERENCES}
    assert {name for _, name in cited} == set(TESTS)


def test_each_setting_is_observed_or_has_a_reason_why_not():
    observed = {name for each in DIFFERENCES for name in each.settings}

    assert observed | set(UNOBSERVED) == set(defaults(served=True))
    assert observed & set(UNOBSERVED) == set()
