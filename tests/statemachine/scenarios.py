"""The scenarios in docs/outcomes.md. Each test process plays a scenario only once."""

from __future__ import annotations

from functools import cache

import pytest

from sandbox.outcomes import page
from sandbox.outcomes.witness import witness

# Tests of the same scenario run in the same process, because playing it is what takes long.
SCENARIOS = [
    pytest.param(path, id=page.name(path), marks=pytest.mark.xdist_group(page.name(path)))
    for path in page.files()
]

played_once = cache(witness)
