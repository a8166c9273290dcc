"""An environment in which commands use a sandbox instead of AWS."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from codepipeline_sandbox.codepipeline import Act
from pipeline_run.environment import Environment
from playground.company import REGION, SECOND, TOOLS, Action


def environment_in(cloud):
    """Return an environment in which sleep advances virtual time and profiles are accounts."""

    def sleep(seconds):
        # Each screen update makes two calls, so update less often than usual.
        cloud.world.run(until=cloud.world.now + max(seconds, 6))

    return Environment(
        now=lambda: datetime.fromtimestamp(cloud.world.now, UTC),
        ticks=lambda: cloud.world.now,
        sleep=sleep,
        session=lambda profile, region: cloud.session(profile or TOOLS, region or REGION),
        call_each=map,  # a sandbox answers one thread
        browse=lambda _: False,
    )


def add_target(company, name, *acts, **more):
    """Add a pipeline to the second account and return the arguments that select it."""
    stages = {"Deploy": [Action("Rollout", acts or (Act(20),))]}
    company.add_pipeline(name, stages, account=SECOND, **more)
    return [name, "--role-arn", company.target_roles[SECOND]]


def findings(result):
    """Return the findings that `doctor --json` printed, keyed by `about`."""
    return {finding["about"]: finding for finding in json.loads(result.stdout)}
