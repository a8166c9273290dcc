"""Retrying, stopping, waiting for idle and following on, in the state machine alone.

Both interpreters take each way, and what ReportJobResult is told is compared as well.
"""

from __future__ import annotations

from typing import Any

import pytest

from codepipeline_orchestrator.model.documents import to_document
from tests.statemachine.canned_answers import (
    NEWER,
    PASSED,
    STOPPING,
    TargetUnavailable,
    ended,
    going_on,
    not_idle,
    nothing_followed,
    reachable,
    started,
    superseded,
    to_retry,
    to_stop,
)
from tests.statemachine.interpreters import opinions

BUSY = TargetUnavailable("busy")
BROKEN = KeyError("x")
NO_ANSWER = ValueError("no answer")
REFUSED = {"ended": True, "report": {**to_retry()["report"], "notRetried": "not the newest"}}
RETRY = ("HasEnded", "RetryStage", "HasEnded")
WAIT = ("HasToWait", "WaitUntilIdle", "StartExecution")
OUTAGE = ("HasTimeLeft", "HasEnded", "WaitUntilIdle", "StartExecution")
IN_VAIN = ("HasTimeLeft", "DeadlinePassed", "HasEnded", "ReportJobResult")
STOP = ("HasEnded", "StopExecution", "ReportJobResult")

# What the functions answer otherwise than on a good day, which states are among those entered,
# one after the other, and what is told in the end.
Way = tuple[dict[str, list[Any]], tuple[str, ...], dict[str, Any]]
WAYS: dict[str, Way] = {
    "a pipeline that is idle after a wait": (
        {"StartExecution": [not_idle(), not_idle(), nothing_followed("Idle")]},
        (*WAIT, *WAIT, "HasToWait", "ReportJobResult"),
        {"outcome": "Idle"},
    ),
    "a pipeline that is left as it runs": (
        {"StartExecution": [nothing_followed("Skipped")]},
        ("StartExecution", "HasToWait", "ReportJobResult"),
        {"outcome": "Skipped"},
    ),
    "a start after a wait": (
        {"StartExecution": [not_idle(), started()]},
        (*WAIT, "HasToWait", "GetState"),
        {"outcome": "Succeeded"},
    ),
    "a pipeline that is not idle by the deadline": (
        {"StartExecution": [not_idle(), nothing_followed("TimedOut")]},
        (*WAIT, "HasToWait", "ReportJobResult"),
        {"outcome": "TimedOut"},
    ),
    "an outage while the pipeline is not idle": (
        {"StartExecution": [not_idle(), *[BUSY] * 4, started()]},
        (*WAIT, *OUTAGE, "HasToWait", "GetState"),
        {"outcome": "Succeeded"},
    ),
    "an outage until the deadline of a run that has started nothing": (
        {"AssumeRole": [reachable(STOPPING)], "StartExecution": [not_idle(), BUSY]},
        (*WAIT, *IN_VAIN),
        {"outcome": "TimedOut", "status": "unreadable"},
    ),
    "a mistake that shows while the pipeline is not idle": (
        {"StartExecution": [not_idle(), BROKEN]},
        (*WAIT, "ReportJobResult"),
        {"outcome": "Error", "error": "KeyError"},
    ),
    "a failed stage that succeeds when it is retried": (
        {"GetState": [going_on(), to_retry(), ended("Succeeded")]},
        (*RETRY, "WaitForTarget", "GetState", "HasEnded", "ReportJobResult"),
        {"outcome": "Succeeded"},
    ),
    "a failed stage that fails again and again": (
        {"GetState": [to_retry(), to_retry(), ended("Failed")]},
        (*RETRY, "WaitForTarget", "GetState", *RETRY, "WaitForTarget", "GetState", "HasEnded"),
        {"outcome": "Failed"},
    ),
    "a failed stage that CodePipeline does not retry": (
        {"GetState": [to_retry()], "RetryStage": [REFUSED]},
        (*RETRY, "ReportJobResult"),
        {"outcome": "Failed", "notRetried": "not the newest"},
    ),
    "a failed stage whose retry is throttled once": (
        {"GetState": [to_retry(), ended("Succeeded")], "RetryStage": [BUSY, going_on()]},
        (*RETRY, "WaitForTarget", "GetState"),
        {"outcome": "Succeeded"},
    ),
    "a failed stage that nobody can retry": (
        {"GetState": [to_retry()], "RetryStage": [BUSY]},
        ("HasEnded", "RetryStage", "ReportJobResult"),
        {
            "outcome": "Failed",
            "notRetried": "RetryStageExecution could not be done (TargetUnavailable)",
        },
    ),
    "a late target that is stopped": (
        {"GetState": [going_on(), to_stop()]},
        STOP,
        {"outcome": "TimedOut", "stopped": True},
    ),
    "a late target that nobody can stop": (
        {"GetState": [to_stop()], "StopExecution": [BROKEN]},
        STOP,
        {
            "outcome": "TimedOut",
            "notStopped": "StopPipelineExecution could not be done (KeyError)",
        },
    ),
    "a target that cannot be read until the deadline, and is stopped": (
        {"AssumeRole": [reachable(STOPPING)], "GetState": [BUSY]},
        ("GetState", "HasTimeLeft", "DeadlinePassed", *STOP),
        {"outcome": "TimedOut", "stopped": True},
    ),
    "a target that cannot be read until the deadline, and is left": (
        {"AssumeRole": [reachable(PASSED)], "GetState": [BUSY]},
        ("GetState", "HasTimeLeft", "DeadlinePassed", "HasEnded", "ReportJobResult"),
        {"outcome": "TimedOut", "status": "unreadable"},
    ),
    "a chain of newer executions": (
        {"GetState": [superseded(), superseded(), ended("Succeeded")]},
        ("GetState", "HasEnded", "WaitForTarget", "GetState", "HasEnded", "WaitForTarget"),
        {"outcome": "Succeeded"},
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_both_interpreters_take_this_way_and_tell_the_same(way):
    changed, states, told = WAYS[way]

    # when ReportJobResult hands on what it was told
    here, there = opinions(**changed, ReportJobResult=[handed_on])

    # then
    assert here == there
    assert is_in(states, here.entered)
    assert told.items() <= here.output["report"].items()


def handed_on(given):
    told = {name: value for name, value in given.items() if name != "run"}  # each has its own
    return {"succeeded": True, "error": None, "cause": None, "result": told}


def is_in(part, whole):
    return any(whole[n : n + len(part)] == part for n in range(len(whole)))


def test_the_newer_execution_is_the_one_that_is_looked_at_and_told():
    looked = []

    def look(given):
        looked.append(given["execution"]["pipelineExecutionId"])
        return superseded() if len(looked) % 2 else ended("Succeeded")

    here, there = opinions(GetState=[look], ReportJobResult=[handed_on])

    assert here == there
    assert looked[1] == NEWER.pipeline_execution_id
    assert here.output["execution"] == to_document(NEWER)


@pytest.mark.parametrize("outcome", ["Idle", "Skipped"])
def test_a_good_end_without_an_execution_needs_no_report_to_be_one(outcome):
    here, there = opinions(StartExecution=[nothing_followed(outcome)], ReportJobResult=[NO_ANSWER])

    assert here == there
    assert here.status == "SUCCEEDED"
    assert here.output["outcome"] == outcome
    assert here.output["pipelineExecutionId"] is None


@pytest.mark.parametrize("accepted, status", [(True, "SUCCEEDED"), (False, "FAILED")])
def test_a_superseded_target_that_could_not_be_reported_ends_as_onsuperseded_says(accepted, status):
    looked = ended("Superseded", **({"accepted": True} if accepted else {}))
    here, there = opinions(GetState=[looked], ReportJobResult=[NO_ANSWER])

    assert here == there
    assert here.status == status
