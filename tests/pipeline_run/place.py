"""Where the command is typed: in a world of the sandbox."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from pipeline_run.environment import Environment
from sandbox.codepipeline import Act
from sandbox.company import REGION, SECOND, TOOLS, Action


def environment_in(cloud):
    """Waiting lets the world go on; a profile is an account, and the tools account without."""

    def sleep(seconds):
        # Fewer views than a person would get: each costs two calls.
        cloud.world.run(until=cloud.world.now + max(seconds, 6))

    return Environment(
        now=lambda: datetime.fromtimestamp(cloud.world.now, UTC),
        sleep=sleep,
        session=lambda profile, region: cloud.session(profile or TOOLS, region or REGION),
    )


def add_target(company, name, *acts, **more):
    """Adds a pipeline to the second account. Returns the words that name it on a command line."""
    stages = {"Deploy": [Action("Rollout", acts or (Act(20),))]}
    company.add_pipeline(name, stages, account=SECOND, **more)
    return [name, "--role-arn", company.target_roles[SECOND]]


def findings(result):
    """What `doctor --json` printed, by what each finding is about."""
    return {finding["about"]: finding for finding in json.loads(result.stdout)}
