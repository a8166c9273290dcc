"""The scenarios in docs/outcomes.md."""

from __future__ import annotations

from functools import cache

import pytest

from sandbox.outcomes import page
from sandbox.outcomes.witness import witness

# Playing a scenario takes long, so all tests of a scenario use one process, which plays it once.
SCENARIOS = [
    pytest.param(path, id=page.name(path), marks=pytest.mark.xdist_group(page.name(path)))
    for path in page.files()
]

played_once = cache(witness)
