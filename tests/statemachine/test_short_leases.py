"""How short a job lease stays: the functions' answers are canned, the lease is the machine's."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from codepipeline_orchestrator.model.state import RunState
from sandbox.stepfunctions.models import stepfunctions_backends
from tests.statemachine.canned_answers import (
    HELD_JOB,
    REQUEST,
    ended,
    going_on,
    reachable,
    reported,
    started,
)
from tests.statemachine.interpreters import played

MINUTE, HOUR = 60, 3_600


def leases(cloud, *, age, lease):
    """The seconds between the renewals of a run of this age, when jobs are handed over at once."""
    renewals: list[float] = []

    def now():
        return datetime.fromtimestamp(cloud.world.now, UTC)

    start = now() - timedelta(seconds=age)
    request = replace(REQUEST, started_at=start)

    def poll(payload):
        if len(renewals) > 1:
            return ended("Succeeded")
        wait = RunState.of(payload).within_lease(HOUR, now())
        return {**going_on(), "waitSeconds": wait}

    def report(payload):
        if "taskToken" not in payload:
            return reported("Succeeded")
        renewals.append(cloud.world.now)
        due = (now() + timedelta(seconds=lease)).isoformat()
        tokens = stepfunctions_backends["111122223333"]["us-east-1"].tokens
        tokens.succeed(
            payload["taskToken"], json.dumps({"heldJob": {**payload["heldJob"], "renewAt": due}})
        )
        return None

    held = {**HELD_JOB, "renewAt": start.isoformat()}
    handlers = {
        "AssumeRole": lambda _: reachable(request, held),
        "StartExecution": lambda _: started(),
        "GetState": poll,
        "ReportJobResult": report,
    }
    end, _ = played(cloud, {"pipelineName": "deploy"}, handlers)
    assert end["status"] == "SUCCEEDED"
    return renewals[1] - renewals[0]


@pytest.mark.parametrize(
    "age, lease, lasts",
    [
        (0, 1 * MINUTE, 1 * MINUTE),
        (5 * MINUTE, 1 * MINUTE, 1 * MINUTE),
        (30 * MINUTE, 1 * MINUTE, 6 * MINUTE),
        (30 * MINUTE, 10 * MINUTE, 10 * MINUTE),
        (55 * MINUTE, 10 * MINUTE, 11 * MINUTE),
        (48 * HOUR, 1 * MINUTE, 12 * MINUTE),
        (48 * HOUR, 12 * MINUTE, 12 * MINUTE),
    ],
)
def test_a_short_lease_grows_with_the_age_of_the_run(cloud, age, lease, lasts):
    # a day of leases of a minute would not fit into a run's history
    assert leases(cloud, age=age, lease=lease) == pytest.approx(lasts, abs=3)
