"""The scenarios in docs/outcomes.md."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import pytest

from playground.outcomes import page
from playground.outcomes.witness import witness

# Playing a scenario takes a long time, so all tests of a scenario run in one process, which plays
# it only once.
SCENARIOS = [
    pytest.param(path, id=page.name(path), marks=pytest.mark.xdist_group(page.name(path)))
    for path in page.files()
]

played_once = cache(witness)


@dataclass(frozen=True)
class Shown:
    outcome: str
    message: str


@cache
def _rows() -> dict[str, Shown]:
    found = re.findall(
        r"^\| \[.*?\]\(outcomes/(.+?)\.yaml\) \| (.+) \|$",
        page.PAGE.read_text("utf-8"),
        re.MULTILINE,
    )
    cells = {name: rest.split(" | ") for name, rest in found}
    return {name: Shown(outcome, message) for name, (_, outcome, message, _) in cells.items()}


def shown(name: str) -> Shown:
    """Read a scenario's row. test_outcomes.py checks that the page is up to date."""
    return _rows()[name]
