from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from codepipeline_orchestrator.messages.wait import snapshot_sentence
from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.progress import DisabledTransition, PendingApproval, Progress
from codepipeline_orchestrator.model.snapshot import Snapshot
from codepipeline_orchestrator.model.state import Execution, Memory
from codepipeline_orchestrator.model.target import Target
from codepipeline_orchestrator.polling.pace import Pace, Step
from codepipeline_orchestrator.polling.take_snapshot import snapshot_before_start, snapshot_of

ID = "aaaaaaaa-1111-2222-3333-444444444444"
TARGET = Target("deploy", "222233334444", "eu-west-1", "aws", "arn", None, "run-1")
SAID = "deploy (account 222233334444, eu-west-1)"
LINK = (
    "https://eu-west-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/deploy/executions/"
    f"{ID}/timeline?region=eu-west-1"
)


def paced(seconds):
    if seconds is None:
        return None
    return to_document(Pace((Step("S", "A", seconds), Step("S", "B", seconds // 2))))


NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
ASKED = PendingApproval("Ask", NOW)
CLOSED = DisabledTransition(reason="Closed for today.")


def taken(status, memory=None, age=None):
    """The snapshot of an execution that is this many seconds old (None: unknown)."""
    start = None if age is None else NOW - timedelta(seconds=age)
    return snapshot_of(TARGET, Execution(ID, start), status, memory or Memory(), NOW)


def test_a_snapshot_contains_what_is_known():
    memory = Memory(progress=Progress("S", ("A",)), pace=paced(120))
    assert to_document(taken("InProgress", memory, 30)) == {
        "target": SAID,
        "pipelineExecutionId": ID,
        "status": "InProgress",
        "link": LINK,
        "progress": {"stage": "S", "actions": ["A"]},
        "percent": 25,
    }
    assert to_document(taken("Stopping")).keys() == {
        "target",
        "pipelineExecutionId",
        "status",
        "link",
    }


@pytest.mark.parametrize(
    "age, typical, percent",
    [
        (0, 100, 0),
        (-5, 100, 0),
        (99.9, 100, 99),
        (100, 100, 99),
        (1_000, 100, 99),
        (1, 1_000, 0),
        (609, 1_000, 60),
        (10, 0, None),
        (10, None, None),
        (None, 100, None),
    ],
)
def test_the_percentage_is_based_on_the_typical_duration_and_never_reaches_100(
    age, typical, percent
):
    assert taken("InProgress", Memory(pace=paced(typical)), age).percent == percent


@pytest.mark.parametrize(
    "left, sentence",
    [
        (
            taken("InProgress", Memory(progress=Progress("S", waits=True))),
            f"Waiting for {SAID}. It is waiting to enter stage S. Execution {ID}: {LINK}",
        ),
        (
            Snapshot(SAID, "InProgress", ID),
            f"Waiting for {SAID}. It is InProgress. Execution {ID}",
        ),
        (
            Snapshot(SAID, "Stopping", ID, progress=Progress("S", actions=("Go",))),
            f"Waiting for {SAID}. It is Stopping, in stage S, action Go. Execution {ID}",
        ),
        (
            Snapshot(SAID, "InProgress", ID, progress=Progress("S", transition=CLOSED)),
            (
                f"Waiting for {SAID}. It is waiting to enter stage S, whose transition was "
                f"disabled: Closed for today. Execution {ID}"
            ),
        ),
        (
            snapshot_before_start(TARGET, "InProgress", ["a"]),
            f"Waiting for {SAID} to become idle. Execution a is still InProgress.",
        ),
        (
            snapshot_before_start(TARGET, "InProgress", ["a", "b", "c"]),
            (
                f"Waiting for {SAID} to become idle. Execution a is still InProgress. Also in "
                "progress: 2 more."
            ),
        ),
        (
            snapshot_before_start(TARGET, "InProgress", ["a"], Progress("S", approval=ASKED)),
            (
                f"Waiting for {SAID} to become idle. Execution a is still InProgress, in stage S: "
                "action Ask has been waiting for approval since 2026-01-05 09:00 UTC."
            ),
        ),
        (
            snapshot_before_start(TARGET, "Failed", ["a"]),
            f"Waiting for {SAID} to become idle. Execution a has just failed.",
        ),
        (
            snapshot_before_start(TARGET, "not started", []),
            f"Waiting for an execution of {SAID} that begins after startedAfter.",
        ),
        (
            snapshot_before_start(TARGET, "unreadable", []),
            f"AWS is not answering for {SAID}. Retrying.",
        ),
        (
            snapshot_before_start(TARGET, "Failed", []),
            f"Waiting for {SAID} to become idle. It is Failed.",
        ),
        (
            snapshot_before_start(TARGET, "busy", []),
            (
                f"Waiting to start {SAID}. It has as many executions in progress as CodePipeline "
                "allows."
            ),
        ),
    ],
)
def test_each_snapshot_is_described_in_a_sentence(left, sentence):
    assert snapshot_sentence(left) == sentence
