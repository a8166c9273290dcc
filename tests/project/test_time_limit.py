from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.time_limit import SECONDS

ROOT = Path(__file__).parents[2]
HANGING = """
import re
import time

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from codepipeline_sandbox.kernel.world import World


def hang():
    while True:
        time.sleep(0.01)


@pytest.fixture
def hanging_fixture():
    hang()


@pytest.fixture
def hanging_at_its_end():
    yield
    hang()


def test_hangs_in_setup(hanging_fixture):
    pass


def test_hangs_in_teardown(hanging_at_its_end):
    pass


def test_hangs_in_a_task_of_the_sandbox():
    world = World()
    world.result_of(world.spawn(hang).outcome)


def test_hangs_in_virtual_time():
    world = World()

    def again():
        world.after(1, again)

    again()
    world.run()


@given(integers())
def test_hangs_with_an_example(number):
    if number > 3:
        hang()


def test_hangs_in_a_regular_expression():
    re.match("(a+)+$", "a" * 40 + "b")


def test_catches_what_ends_it_once():
    try:
        hang()
    except BaseException:
        hang()


def test_passes():
    time.sleep(0.01)
"""
FAILING = set(re.findall(r"def (test_hangs_\w+|test_catches_\w+)", HANGING))


@pytest.mark.long
@pytest.mark.parametrize(
    "processes",
    [["-p", "no:xdist"], ["-n", "2", "--dist", "loadgroup"]],
    ids=["in one process", "in parallel"],
)
def test_a_hanging_test_fails_wherever_it_hangs_and_the_others_still_run(tmp_path, processes):
    file = tmp_path / "test_hanging.py"
    file.write_text(HANGING)

    limit = ["-p", "tests.time_limit", "-o", "time_limit=0.5", "-p", "no:cacheprovider"]
    run = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", *limit, *processes, file],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    ended = set(re.findall(r"^(?:FAILED|ERROR) \S*::(\w+)", run.stdout, re.MULTILINE))
    assert run.returncode == 1, run.stdout + run.stderr
    assert ended == FAILING
    assert run.stdout.count("took more than 0.5 seconds") >= len(FAILING)
    # One of the two tests passes before its teardown hangs.
    assert re.search(r"\b2 passed", run.stdout)


def test_this_test_runs_under_the_limit(pytestconfig):
    left, _ = signal.getitimer(signal.ITIMER_REAL)

    assert 0 < left <= SECONDS
    assert pytestconfig.getini("time_limit") == str(SECONDS)
