"""One deployment for all tests of a module: none of them needs a world of its own."""

from __future__ import annotations

from itertools import count

import pytest

from sandbox.cloud import Cloud
from sandbox.codepipeline import Act
from sandbox.company import SECOND, Action, Company
from tests.pipeline_run.place import surroundings_in


@pytest.fixture(scope="module")
def cloud():
    with Cloud(seed=7) as up:
        yield up


@pytest.fixture(scope="module")
def company(cloud):
    return Company(cloud, targets=(SECOND,), LocalPipelineNames="web,MyFirst*")


@pytest.fixture(scope="module")
def around(cloud):
    return surroundings_in(cloud)


@pytest.fixture(scope="module")
def typed(type_, around):
    """Types a command line in the tools account."""

    def type_command(*words, **more):
        return type_(*words, obj=around, **more)

    return type_command


@pytest.fixture(scope="module")
def target(company):
    """Makes a pipeline in the second account, under a name of its own: the words that name it."""
    numbers = count(1)

    def make(*acts, **more):
        name = f"deploy{next(numbers)}"
        stages = {"Deploy": [Action("Rollout", acts or (Act(20),))]}
        company.add_pipeline(name, stages, account=SECOND, **more)
        return [name, "--role-arn", company.target_roles[SECOND]]

    return make
