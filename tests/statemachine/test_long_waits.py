"""A run's history has room for months of polling.

The functions return canned answers, but the polls are as frequent as in production.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.progress import Progress, RunningAction
from codepipeline_orchestrator.model.state import RunState
from codepipeline_orchestrator.polling.pace import Pace, Step
from codepipeline_orchestrator.polling.schedule import next_poll
from tests.statemachine.canned_answers import (
    REQUEST,
    TargetUnavailable,
    changing,
    ended,
    going_on,
    reachable,
    reported,
    started,
)
from tests.statemachine.interpreters import played

DAY = 24 * 3_600
WAIT = 60 * DAY
# The maximum number of events in an execution's history, a Step Functions quota.
MOST_EVENTS = 25_000
PACE = to_document(Pace((Step("Deploy", "Put", 0),)))


def waiting(state, age):
    """Answer GetState as if the target were about to end, which makes the run poll often."""
    now = state.request.started_at + timedelta(seconds=age)
    progress = Progress("Deploy", ("Put",), latest=RunningAction("Put", now))
    memory = replace(state.memory, polls=state.memory.polls + 1, progress=progress, pace=PACE)
    poll_at = next_poll(state, memory, now)
    return changing(going_on(memory.polls), pollAt=to_document(poll_at))


def unreadable(_state, _age):
    raise TargetUnavailable("an outage")


@pytest.mark.long
@pytest.mark.parametrize("get_state", [waiting, unreadable], ids=["an end in sight", "an outage"])
def test_a_wait_of_sixty_days_leaves_room_in_the_history(cloud, get_state):
    begun = cloud.world.now
    start = datetime.fromtimestamp(begun, UTC)
    request = replace(REQUEST, started_at=start, deadline=start + timedelta(days=365))

    def poll(payload):
        age = cloud.world.now - begun
        return ended("Succeeded") if age >= WAIT else get_state(RunState.of(payload), age)

    handlers = {
        "AssumeRole": lambda _: reachable(request),
        "StartExecution": lambda _: started(),
        "GetState": poll,
        "ReportJobResult": lambda _: reported("Succeeded"),
    }
    end, events = played(cloud, {"pipelineName": "deploy"}, handlers)
    assert end["status"] == "SUCCEEDED"
    assert cloud.world.now - begun >= WAIT
    assert len(events) < MOST_EVENTS
