from __future__ import annotations

from datetime import UTC, datetime

import pytest

from codepipeline_sandbox.codepipeline import Act
from codepipeline_sandbox.faults import CallFault, InvocationFault
from tests.statemachine.reading import result

DECIDED = 90  # The limit in seconds from docs/reliability.md.
UNDER_WAY = 4 * 60

HANGING = {
    "every call to CodePipeline": [CallFault("slow", "codepipeline:*", seconds=60)],
    "every call to STS": [CallFault("slow", "sts:*", seconds=60)],
    "the stop alone": [CallFault("slow", "codepipeline:StopPipelineExecution", seconds=60)],
    "the poll alone": [CallFault("slow", "codepipeline:GetPipelineExecution", seconds=60)],
    "functions that cannot run": [
        InvocationFault("throttled", f"*-{name}Function-*")
        for name in ("GetState", "StopExecution")
    ],
    "functions that die late": [
        InvocationFault("killed", f"*-{name}Function-*", seconds=29)
        for name in ("GetState", "StopExecution")
    ],
}


def from_now_on(cloud, faults, since):
    for fault in faults:
        cloud.faults.add(type(fault)(**{**vars(fault), "start": since}))


def decided(company, described):
    pages = company.stepfunctions().get_paginator("get_execution_history")
    events = [
        event
        for page in pages.paginate(executionArn=described["executionArn"])
        for event in page["events"]
    ]
    entered: datetime = next(
        event["timestamp"]
        for event in reversed(events)
        if event.get("stateEnteredEventDetails", {}).get("name") == "ReportJobResult"
    )
    return (entered - described["startDate"]).total_seconds()


@pytest.mark.parametrize("what", HANGING)
@pytest.mark.parametrize("begins", [-40, -20, -5, 0])
def test_a_run_whose_poll_or_stop_hangs_ends_in_time(
    cloud, company, target, run, world, what, begins
):
    document = {**target(Act(3_600)), "timeoutMinutes": 3, "onTimeout": "stop"}
    began = world.now
    from_now_on(cloud, HANGING[what], datetime.fromtimestamp(began + 180 + begins, UTC))

    described = run(document)

    assert result(described)["outcome"] == "TimedOut"
    assert decided(company, described) <= 180 + DECIDED


@pytest.mark.parametrize("state", ["StartExecution", "RetryStage"])
def test_a_start_or_retry_that_hangs_at_the_deadline_delays_the_end_by_minutes(
    cloud, company, target, run, world, state
):
    document = {**target(Act(158, "Failed")), "timeoutMinutes": 3, "maxStageRetries": 1}
    fault = CallFault("slow", "*:*", function=f"*-{state}Function-*", seconds=60)
    cloud.faults.add(fault)

    described = run(document)

    expected = {"StartExecution": "TimedOut", "RetryStage": "Failed"}[state]
    assert result(described)["outcome"] == expected
    assert decided(company, described) <= 180 + UNDER_WAY + DECIDED
