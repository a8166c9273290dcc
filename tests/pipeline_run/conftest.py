"""The command in a sandbox: what a person types, and what comes back."""

from __future__ import annotations

from functools import partial

import pytest
from click.testing import CliRunner

from pipeline_run.program import program
from tests.pipeline_run.place import add_target, environment_in


@pytest.fixture(scope="session")
def type_():
    """Types a command line, without any AWS: click's result."""

    def type_command(*words, stdin=None, obj=None, **environment):
        result = CliRunner(env=environment).invoke(
            program, words, input=stdin, obj=obj, prog_name="pipeline-run"
        )
        # A traceback is never an answer.
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
    """Types a command line in the tools account."""
    return partial(type_, obj=around)


@pytest.fixture
def target(company):
    """Makes a pipeline in the second account: the words that name it."""

    return partial(add_target, company, "deploy")
