"""The documentation covers every command and exit status."""

from __future__ import annotations

import re

from pipeline_run.exits import Exit
from pipeline_run.program import COMMANDS
from tests.pipeline_run.pages import PAGE, SHOWN


def test_every_command_is_documented():
    assert {line.split()[0] for line in SHOWN} >= set(COMMANDS)


def test_every_exit_status_is_documented():
    table = PAGE[PAGE.index("## Exit status") :]

    assert [int(each) for each in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)] == list(Exit)
