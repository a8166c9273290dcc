from __future__ import annotations

import pytest

from benchmarks import sandbox
from benchmarks.limits import Figure, report


@pytest.mark.parametrize(
    "measure", [sandbox.run_milliseconds, sandbox.poll_milliseconds, sandbox.megabytes]
)
def test_every_figure_is_measured(measure):
    assert measure(1) > 0


def test_the_exit_status_is_0_if_no_limit_is_missed(capsys):
    status = report([Figure("a poll", 9.94, 10, "ms"), Figure("a world", 400.0, 500, "MB")])

    assert status == 0
    assert capsys.readouterr().out.splitlines() == [
        "           measured       limit",
        "a poll       9.9 ms       10 ms  ok",
        "a world    400.0 MB      500 MB  ok",
    ]


def test_a_missed_limit_is_reported_and_the_exit_status_is_1(capsys):
    status = report([Figure("a poll", 4.0, 10, "ms"), Figure("a world", 500.0, 500, "MB")])

    assert status == 1
    assert capsys.readouterr().out.splitlines()[2] == "a world    500.0 MB      500 MB  MISSED"
