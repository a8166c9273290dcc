"""The command in a sandbox: what a person types, and what comes back."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from pipeline_run.program import program
from sandbox.cloud import Cloud
from sandbox.codepipeline import Act
from sandbox.company import SECOND, Action, Company
from tests.pipeline_run.place import surroundings_in


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
def cloud():
    with Cloud(seed=7) as up:
        yield up


@pytest.fixture
def company(cloud):
    return Company(cloud, targets=(SECOND,), LocalPipelineNames="web,MyFirst*")


@pytest.fixture
def around(cloud):
    return surroundings_in(cloud)


@pytest.fixture
def typed(type_, around):
    """Types a command line in the tools account."""

    def type_command(*words, **more):
        return type_(*words, obj=around, **more)

    return type_command


@pytest.fixture
def target(company):
    """Makes a pipeline in the second account: the words that name it."""

    def make(*acts, name="deploy", **more):
        stages = {"Deploy": [Action("Rollout", acts or (Act(120),))]}
        company.add_pipeline(name, stages, account=SECOND, **more)
        return [name, "--role-arn", company.target_roles[SECOND]]

    return make
