"""When a poll reads the progress too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.progress import PendingApproval, Progress, RunningAction
from codepipeline_orchestrator.model.state import Memory
from codepipeline_orchestrator.polling.next_poll import is_progress_due, runs_an_action
from codepipeline_orchestrator.polling.pace import Pace, Step
from tests.function.runs import OTHER, moment

PACE = to_document(Pace((Step("Deploy", "Rollout", 100, 10), Step("Deploy", "Check", 30, 3)), 0.1))


def inside(name, since, seen=60):
    """In this action of the stage Deploy, which began last."""
    latest = RunningAction(name, moment(since))
    return Progress("Deploy", (name,), latest=latest, seen=moment(seen))


def test_the_first_poll_is_due():
    assert is_progress_due(Memory(1), moment(0)) is True


@pytest.mark.parametrize(
    "memory",
    [
        Memory(pace={}),
        Memory(pace={}, progress=inside("Rollout", 0)),
        Memory(pace=PACE),
        Memory(pace=PACE, progress=Progress("Deploy", behind=OTHER)),
        Memory(
            pace=PACE, progress=replace(inside("Rollout", 0), approval=PendingApproval("Rollout"))
        ),
        Memory(pace=PACE, progress=inside("Renamed", 0)),
    ],
)
def test_people_and_what_is_not_known_are_due_with_every_fourth_poll(memory):
    due = [n for n in range(1, 13) if is_progress_due(replace(memory, polls=n), moment(9_999))]
    assert due == [4, 8, 12]


@pytest.mark.parametrize("second, due", [(60, False), (100, False), (110, True)])
@pytest.mark.parametrize("polls", [1, 4])
def test_a_step_is_due_when_it_has_probably_ended(second, due, polls):
    memory = Memory(polls, pace=PACE, progress=inside("Rollout", 0, 10))
    assert is_progress_due(memory, moment(second)) is due


def test_progress_that_is_overdue_is_read_again_when_a_tenth_longer_has_passed():
    memory = Memory(2, pace=PACE, progress=inside("Rollout", 0, 1_000))
    due = [is_progress_due(memory, moment(second)) for second in (1_050, 1_090, 1_101)]
    assert due == [False, False, True]


@pytest.mark.parametrize(
    "progress, runs",
    [
        (None, False),
        (Progress("Deploy", ()), False),
        (Progress("Deploy", waits=True), False),
        (inside("Rollout", 0), True),
        (replace(inside("Rollout", 0), stopping=True), False),
    ],
)
def test_an_action_runs_if_one_was_seen_and_it_is_not_being_stopped(progress, runs):
    assert runs_an_action(Memory(progress=progress)) is runs
