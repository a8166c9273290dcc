"""Play scenarios in the sandbox in which each function receives realistic events."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from unittest import mock

from benchmarks.coldstart.recording import Delivery, Recording
from codepipeline_sandbox.awslambda import pool
from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.codepipeline import Act
from playground.company import SECOND, Action, Company

if TYPE_CHECKING:
    from collections.abc import Sequence

# The measured processes use the machine's clock, which advances during the measurement. The
# sandbox's clock starts two hours ahead, so that no recorded event is too old for them.
_AHEAD = timedelta(hours=2)
_A_WHILE = 1_000  # seconds that a target takes; its run still has an open job when the target ends


def deliveries() -> Sequence[Delivery]:
    """Collect every event that a function received, in order."""
    start = datetime.now(UTC).replace(microsecond=0) + _AHEAD
    with Cloud(seed=1, start=start) as cloud:
        recording = Recording(cloud)
        with mock.patch.object(pool, "Container", recording.container):
            company = Company(cloud, targets=[SECOND], EventSenders=SECOND)
            _wait(company)
            _fail(company)
            _stop(company)
            _abort(company)
            cloud.world.run()
    return recording.deliveries


def _wait(company: Company) -> None:
    _target(company, "deploy", Act(_A_WHILE))
    asked = {"pipelineName": "deploy", "roleArn": company.target_roles[SECOND]}
    company.add_pipeline("release", {"Deploy": [company.waiting_action("Wait", asked)]})
    company.start("release")


def _fail(company: Company) -> None:
    _target(company, "test", Act(30, "Failed"), Act(30))
    _run(company, "test", maxStageRetries=1)


def _stop(company: Company) -> None:
    _target(company, "endless", Act(80_000))
    _run(company, "endless", timeoutMinutes=1, onTimeout="stop")


def _abort(company: Company) -> None:
    _target(company, "given-up", Act(_A_WHILE))
    asked = {"pipelineName": "given-up", "roleArn": company.target_roles[SECOND]}
    company.add_pipeline("abandoned", {"Deploy": [company.waiting_action("Wait", asked)]})
    company.start("abandoned")
    world = company.cloud.world
    world.run(until=world.now + 120)
    stepfunctions = company.stepfunctions()
    for run in stepfunctions.list_executions(
        stateMachineArn=company.state_machine, statusFilter="RUNNING"
    )["executions"]:
        described = stepfunctions.describe_execution(executionArn=run["executionArn"])
        if '"given-up"' in described["input"]:
            stepfunctions.stop_execution(executionArn=run["executionArn"])


def _target(company: Company, name: str, *acts: Act) -> None:
    company.add_pipeline(name, {"Roll": [Action("Out", acts)]}, account=SECOND)


def _run(company: Company, name: str, **more: object) -> None:
    asked = {"pipelineName": name, "roleArn": company.target_roles[SECOND], **more}
    company.stepfunctions().start_execution(
        stateMachineArn=company.state_machine, input=json.dumps(asked)
    )
