"""Fixtures that share one deployment among all tests of a module, to save setup time."""

from __future__ import annotations

from functools import partial
from itertools import count

import pytest

from tests.pipeline_run.place import add_target, environment_in


@pytest.fixture(scope="module")
def around(shared_cloud):
    return environment_in(shared_cloud)


@pytest.fixture(scope="module")
def typed(type_, around):
    """Return a function that runs a command line in the deployment's account."""
    return partial(type_, obj=around)


@pytest.fixture(scope="module")
def target(shared_company):
    """Return a function that creates a pipeline and returns the arguments that select it."""
    numbers = count(1)

    def make(*acts, **more):
        return add_target(shared_company, f"deploy{next(numbers)}", *acts, **more)

    return make
