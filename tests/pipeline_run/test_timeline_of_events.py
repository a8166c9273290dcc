"""The timeline rows that are built from a run's history."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from pipeline_run.timeline.model import RowKind
from pipeline_run.timeline.progress_row import progress_row
from pipeline_run.timeline.run_rows import rows_of_run
from pipeline_run.timeline.steps import steps

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
POLLED = {
    "snapshot": {
        "target": "web",
        "status": "InProgress",
        "progress": {"stage": "Build", "actions": ["Do"]},
    }
}


class History:
    """Builds a run's history event by event."""

    def __init__(self):
        self.events = []
        self.seconds = 0

    def then(self, kind, after=0, **details):
        self.seconds += after
        event = {"type": kind, "timestamp": START + timedelta(seconds=self.seconds)}
        if kind.endswith(("StateEntered", "StateExited")):
            event[f"state{kind[-7:] if kind.endswith('Entered') else kind[-6:]}EventDetails"] = (
                details
            )
        elif details:
            event[f"{kind[0].lower()}{kind[1:]}EventDetails"] = details
        self.events.append(event)
        return self

    def poll(self, output=None, *, wait=60):
        self.then("TaskStateEntered", name="GetState").then("TaskScheduled", after=0)
        self.then("TaskSucceeded", after=1)
        self.then("TaskStateExited", name="GetState", output=json.dumps(output or POLLED))
        self.then("WaitStateEntered", name="WaitForTarget")
        return self.then("WaitStateExited", after=wait, name="WaitForTarget", output="{}")

    def wait_for_event(self, ends_with, output="{}", **details):
        self.then("TaskStateEntered", name="WaitForEvent").then("TaskScheduled")
        self.then("TaskSubmitted").then(ends_with, 60, **details)
        return self.then("TaskStateExited", name="WaitForEvent", output=output)

    def rows(self, ended=None):
        found = rows_of_run(steps(self.events), ended, ())
        return {row.kind: row.bars for row in found}


def test_a_day_of_polls_is_joined_into_few_bars_with_counts():
    history = History()
    for _ in range(1_400):
        history.poll()

    found = history.rows()

    assert len(found[RowKind.POLL]) <= 48
    assert sum(bar.count for bar in found[RowKind.POLL]) == 1_400
    assert found[RowKind.WAIT][0].name == "30 waits"
    assert ("several", "09:00:01 to 09:29:30") in found[RowKind.WAIT][0].details


def test_a_step_that_succeeds_after_failed_attempts_has_succeeded():
    cause = json.dumps({"errorMessage": "STS does not answer.", "stackTrace": ["x"]})
    history = History().then("TaskStateEntered", name="AssumeRole")
    history.then("TaskScheduled").then("TaskFailed", 3, error="TargetUnavailable", cause=cause)
    history.then("TaskScheduled", 2).then("TaskSucceeded", 1)
    history.then("TaskStateExited", name="AssumeRole", output="{}")

    found = history.rows()

    (tried,) = found[RowKind.RETRY]
    assert dict(tried.details) == {"error": "TargetUnavailable", "cause": "STS does not answer."}
    assert tried.seconds(tried.end) == 3
    assert [bar.status for bar in found[RowKind.STEP]] == [""]


def test_a_step_whose_last_attempt_failed_has_failed():
    history = History().then("TaskStateEntered", name="StopExecution").then("TaskScheduled")
    history.then("TaskTimedOut", 45, error="States.Timeout")
    history.then("TaskStateExited", name="StopExecution", output="not JSON")

    assert [bar.status for bar in history.rows()[RowKind.STEP]] == ["Failed"]


@pytest.mark.parametrize(
    "announced, what", [(True, "the target has ended"), (False, "an approval is pending")]
)
def test_an_event_that_ends_a_wait_is_shown(announced, what):
    output = json.dumps({"heard": 3, "endAnnounced": announced})
    history = History().poll().wait_for_event("TaskSucceeded", output)

    found = history.rows()

    (event,) = found[RowKind.EVENT]
    assert (event.name, event.start, event.seconds(event.start)) == (
        "woken by an event",
        START + timedelta(seconds=history.seconds),
        0,
    )
    assert dict(event.details) == {"what": what}
    assert (found[RowKind.WAIT][-1].name, found[RowKind.WAIT][-1].status) == ("WaitForEvent", "")


def test_a_wait_that_ends_without_an_event_has_not_failed():
    history = History().poll().wait_for_event("TaskTimedOut", error="States.Timeout")

    found = history.rows()

    assert found[RowKind.WAIT][-1].status == ""
    assert RowKind.EVENT not in found
    assert RowKind.RETRY not in found


def test_an_event_during_a_poll_is_shown():
    error = "DynamoDb.ConditionalCheckFailedException"
    history = History().poll().wait_for_event("TaskFailed", error=error, cause="heard")

    found = history.rows()

    assert [bar.name for bar in found[RowKind.EVENT]] == ["an event during the poll"]
    assert found[RowKind.WAIT][-1].status == ""
    assert RowKind.RETRY not in found


def test_a_wait_that_dynamodb_rejects_has_failed():
    history = History().poll().wait_for_event("TaskFailed", error="DynamoDb.DynamoDbException")

    found = history.rows()

    assert found[RowKind.WAIT][-1].status == "Failed"
    assert [bar.name for bar in found[RowKind.RETRY]] == ["WaitForEvent, attempt 1"]


def test_a_turn_taken_by_another_run_is_not_a_failure():
    error = "DynamoDb.ConditionalCheckFailedException"
    history = History().then("TaskStateEntered", name="TakeTurn").then("TaskScheduled")
    history.then("TaskFailed", error=error)
    history.then("TaskStateExited", name="TakeTurn", output="{}")

    found = history.rows()

    assert [bar.status for bar in found[RowKind.STEP]] == [""]
    assert RowKind.RETRY not in found


def test_the_step_in_which_a_run_was_stopped_ends_with_the_run():
    history = History().poll().then("WaitStateEntered", name="WaitForTarget")
    end = START + timedelta(hours=1)

    stopped, going = (history.rows(ended)[RowKind.WAIT][-1] for ended in (end, None))

    assert (stopped.end, stopped.tone) == (end, "stopped")
    assert (going.end, going.tone) == (None, "going")


def test_progress_is_shown_from_poll_to_poll():
    deploy = {
        "snapshot": {
            "target": "web",
            "status": "InProgress",
            "progress": {"stage": "Deploy", "actions": []},
        }
    }
    failed = {
        "snapshot": {
            "target": "web",
            "status": "Failed",
            "progress": {"stage": "Deploy", "actions": []},
        }
    }
    history = History().poll().poll().poll(deploy).poll(failed)

    row = progress_row(steps(history.events), None, ())

    assert row is not None
    names = [(bar.name, bar.seconds(START)) for bar in row.bars[:-1]]
    assert names == [("in stage Build, action Do", 122), ("in stage Deploy", 61)]
    assert row.bars[-1].name == "Failed"


def test_each_check_for_an_idle_target_is_a_poll():
    waits = {
        "snapshot": {"target": "web", "status": "InProgress", "waitsFor": ["3f0c"]},
        "execution": None,
    }
    history = History().then("TaskStateEntered", name="StartExecution").then("TaskScheduled")
    history.then("TaskSucceeded", 1)
    history.then("TaskStateExited", name="StartExecution", output=json.dumps(waits))

    (poll,) = history.rows()[RowKind.POLL]

    assert ("progress", "in progress: 3f0c") in poll.details
    row = progress_row(steps(history.events), None, ())
    assert row is not None
    assert row.bars[0].name == "waiting for the target to become idle"
