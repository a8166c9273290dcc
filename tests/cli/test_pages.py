"""The pages on the command say all that there is; what they show is tried in one_world."""

from __future__ import annotations

import re

from cli.exits import Exit
from cli.program import COMMANDS
from tests.cli.pages import PAGE, SHOWN


def test_every_command_is_shown():
    assert {line.split()[0] for line in SHOWN} >= set(COMMANDS)


def test_every_exit_status_is_in_the_page():
    table = PAGE[PAGE.index("## Exit status") :]

    assert [int(each) for each in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)] == list(Exit)
