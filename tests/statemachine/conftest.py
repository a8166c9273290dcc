from __future__ import annotations

import pytest

from codepipeline_sandbox.codepipeline import Act
from playground.company import SECOND, Action
from tests.statemachine.operating import start_run


@pytest.fixture
def target(company):
    """Return a function that creates a pipeline in the second account and returns its input."""

    def make(*acts, name="deploy", account=SECOND, **more):
        stages = {"Deploy": [Action("Rollout", acts or (Act(120),))]}
        company.add_pipeline(name, stages, account=account, **more)
        return {"pipelineName": name, "roleArn": company.target_roles[account]}

    return make


@pytest.fixture
def run(company, world):
    """Return a function that starts a run and returns its description after it has ended."""

    def follow(document, **more):
        arn = start_run(company, document, **more)
        world.run()
        return company.stepfunctions().describe_execution(executionArn=arn)

    return follow


@pytest.fixture
def release(company, world):
    """Return a function that starts a release, waits for its end and returns its waiting action."""

    def follow(user_parameters, **more):
        company.add_pipeline(
            "release", {"Go": [company.waiting_action("Wait", user_parameters)]}, **more
        )
        company.start("release")
        world.run()
        return company.action("release", "Wait")

    return follow


@pytest.fixture
def payloads(cloud):
    kept = []
    invoke_async = cloud.functions.invoke_async

    def keep(function_arn, payload):
        kept.append(payload)
        invoke_async(function_arn, payload)

    cloud.functions.invoke_async = keep
    return kept
