from __future__ import annotations

import os
import time
from functools import partial
from unittest.mock import patch

import pytest
from click.testing import CliRunner

from pipeline_run.program import program
from tests.pipeline_run.place import add_target, environment_in


@pytest.fixture
def set_zone():
    """Return a function that sets the local time zone until the end of the test."""

    def set_to(zone):
        os.environ["TZ"] = zone
        time.tzset()

    with patch.dict(os.environ):
        yield set_to
    time.tzset()


@pytest.fixture(autouse=True)
def in_utc(set_zone):
    """Show times in UTC, wherever the tests run."""
    set_zone("UTC")


@pytest.fixture(scope="session")
def type_():
    """Return a function that runs a command line without AWS and returns click's result."""

    def type_command(*words, stdin=None, obj=None, charset="utf-8", **environment):
        # pytest-xdist sets COLUMNS for its workers.
        settings = {"COLUMNS": None, **environment}
        result = CliRunner(charset=charset, env=settings).invoke(
            program, words, input=stdin, obj=obj, prog_name="pipeline-run"
        )
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            result.exception
        )
        return result

    return type_command


@pytest.fixture
def around(cloud):
    return environment_in(cloud)


@pytest.fixture
def typed(type_, around):
    """Return a function that runs a command line in the deployment's account."""
    return partial(type_, obj=around)


@pytest.fixture
def target(company):
    """Return a function that creates a pipeline and returns the arguments that select it."""

    return partial(add_target, company, "deploy")
