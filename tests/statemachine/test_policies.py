"""How the state machine retries, stops, waits for idle pipelines and follows newer executions.

These tests check which functions are called and what ReportJobResult receives. They also check that
both interpreters enter the same states.
"""

from __future__ import annotations

from itertools import pairwise
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
from tests.statemachine.interpreters import opinions, opinions_and_invocations

BUSY = TargetUnavailable("busy")
BROKEN = KeyError("x")
NO_ANSWER = ValueError("no answer")
REFUSED = {"ended": True, "report": {**to_retry()["report"], "notRetried": "not the newest"}}


def stopped(given: dict[str, Any]) -> dict[str, Any]:
    return {**given["report"], "stopped": True}


# Each case lists the changed answers, the seconds at which each function should be called, and the
# expected report. If jitter makes the times random, it lists the number of calls instead.
Way = tuple[dict[str, list[Any]], dict[str, list[int] | int], dict[str, Any]]
WAYS: dict[str, Way] = {
    "a pipeline that is idle after a wait": (
        {"StartExecution": [not_idle(), not_idle(), nothing_followed("Idle")]},
        {"StartExecution": [0, 30, 60], "GetState": []},
        {"outcome": "Idle"},
    ),
    "a run that is skipped because the pipeline is busy": (
        {"StartExecution": [nothing_followed("Skipped")]},
        {"StartExecution": [0], "GetState": []},
        {"outcome": "Skipped"},
    ),
    "a start after a wait": (
        {"StartExecution": [not_idle(), started()]},
        {"StartExecution": [0, 30], "GetState": [30, 60]},
        {"outcome": "Succeeded"},
    ),
    "a pipeline that is not idle by the deadline": (
        {"StartExecution": [not_idle(), nothing_followed("TimedOut")]},
        {"StartExecution": [0, 30], "GetState": []},
        {"outcome": "TimedOut"},
    ),
    "an outage while the pipeline is not idle": (
        {"StartExecution": [not_idle(), *[BUSY] * 4, started()]},
        {"StartExecution": 6, "GetState": 2},
        {"outcome": "Succeeded"},
    ),
    "an outage until the deadline of a run that has started nothing": (
        {"AssumeRole": [reachable(STOPPING)], "StartExecution": [not_idle(), BUSY]},
        {"GetState": [], "StopExecution": []},
        {"outcome": "TimedOut", "status": "unreadable"},
    ),
    "an unexpected error while the pipeline is not idle": (
        {"StartExecution": [not_idle(), BROKEN]},
        {"StartExecution": [0, 30], "GetState": []},
        {"outcome": "Error", "error": "KeyError"},
    ),
    "a failed stage that succeeds when it is retried": (
        {"GetState": [going_on(), to_retry(), ended("Succeeded")]},
        {"GetState": [0, 30, 60], "RetryStage": [30]},
        {"outcome": "Succeeded"},
    ),
    "a failed stage that fails again and again": (
        {"GetState": [to_retry(), to_retry(), ended("Failed")]},
        {"GetState": [0, 30, 60], "RetryStage": [0, 30]},
        {"outcome": "Failed"},
    ),
    "a failed stage that CodePipeline does not retry": (
        {"GetState": [to_retry()], "RetryStage": [REFUSED]},
        {"GetState": [0], "RetryStage": [0]},
        {"outcome": "Failed", "notRetried": "not the newest"},
    ),
    "a failed stage whose retry is throttled once": (
        {"GetState": [to_retry(), ended("Succeeded")], "RetryStage": [BUSY, going_on()]},
        {"GetState": 2, "RetryStage": 2},
        {"outcome": "Succeeded"},
    ),
    "a failed stage whose retry outlasts the attempts of its state": (
        {
            "GetState": [to_retry(), to_retry(), ended("Succeeded")],
            "RetryStage": [*[BUSY] * 4, going_on()],
        },
        {"GetState": 3, "RetryStage": 5},
        {"outcome": "Succeeded"},
    ),
    "a failed stage whose retry breaks": (
        {"GetState": [to_retry()], "RetryStage": [BROKEN]},
        {"GetState": [0], "RetryStage": [0]},
        {
            "outcome": "Failed",
            "notRetried": "RetryStageExecution failed (KeyError)",
        },
    ),
    "a failed stage that nobody can retry by the deadline": (
        {
            "AssumeRole": [reachable(PASSED)],
            "GetState": [to_retry()],
            "RetryStage": [BUSY],
        },
        {"GetState": [0], "StopExecution": []},
        {
            "outcome": "Failed",
            "notRetried": "RetryStageExecution failed (TargetUnavailable)",
        },
    ),
    "a late target that is stopped": (
        {"GetState": [going_on(), to_stop()]},
        {"GetState": [0, 30], "StopExecution": [30]},
        {"outcome": "TimedOut", "stopped": True},
    ),
    "a late target that nobody can stop": (
        {"GetState": [to_stop()], "StopExecution": [BROKEN]},
        {"GetState": [0], "StopExecution": [0]},
        {
            "outcome": "TimedOut",
            "notStopped": "StopPipelineExecution failed (KeyError)",
        },
    ),
    "a late target that AWS does not stop": (
        {
            "AssumeRole": [reachable(STOPPING)],
            "GetState": [to_stop()],
            "StopExecution": [BUSY],
        },
        {"GetState": [0], "StopExecution": [0]},
        {
            "outcome": "TimedOut",
            "notStopped": "StopPipelineExecution failed (TargetUnavailable)",
        },
    ),
    "a late target whose stop is throttled for a while": (
        {"GetState": [to_stop()], "StopExecution": [BUSY, BUSY, stopped]},
        {"GetState": [0], "StopExecution": [0, 3, 6]},
        {"outcome": "TimedOut", "stopped": True},
    ),
    "a target that cannot be read until the deadline, and is stopped": (
        {"AssumeRole": [reachable(STOPPING)], "GetState": [BUSY]},
        {"StopExecution": 1},
        {"outcome": "TimedOut", "stopped": True},
    ),
    "a target that cannot be read until the deadline, and is left running": (
        {"AssumeRole": [reachable(PASSED)], "GetState": [BUSY]},
        {"StopExecution": []},
        {"outcome": "TimedOut", "status": "unreadable"},
    ),
    "a chain of newer executions": (
        {"GetState": [superseded(), superseded(), ended("Succeeded")]},
        {"GetState": [0, 30, 60]},
        {"outcome": "Succeeded"},
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_both_interpreters_take_the_same_path_and_report_the_same(way):
    changed, expected, report = WAYS[way]

    here, there, invocations = opinions_and_invocations(**changed, ReportJobResult=[handed_on])

    assert here == there
    for function, moments in expected.items():
        found = [round(each.seconds) for each in invocations if each.function == function]
        assert (len(found) if isinstance(moments, int) else found) == moments, function
    assert report.items() <= here.output["report"].items()


@pytest.mark.parametrize("function", ["StartExecution", "GetState"])
def test_a_run_waits_out_an_outage_with_pauses_of_minutes(function):
    answers: dict[str, list[Any]] = {
        "StartExecution": [started()],
        "GetState": [ended("Succeeded")],
    }
    answers[function] = [not_idle(), *[BUSY] * 4, *answers[function]]

    _, _, invocations = opinions_and_invocations(**answers)

    seconds = [each.seconds for each in invocations if each.function == function]
    assert len(seconds) == 6
    assert max(later - earlier for earlier, later in pairwise(seconds)) >= 120


def handed_on(given):
    # These values differ because moto's interpreter uses the real clock.
    own = {"run", "pollAt"}
    kept = {name: value for name, value in given.items() if name not in own}
    (kept["memory"] or {}).pop("startTriedAt", None)
    return {"succeeded": True, "error": None, "cause": None, "result": kept}


def test_the_newer_execution_is_polled_and_reported():
    polled = []

    def poll(given):
        polled.append(given["execution"]["pipelineExecutionId"])
        return superseded() if len(polled) % 2 else ended("Succeeded")

    here, there = opinions(GetState=[poll], ReportJobResult=[handed_on])

    assert here == there
    assert polled[1] == NEWER.pipeline_execution_id
    assert here.output["execution"] == to_document(NEWER)


@pytest.mark.parametrize("outcome", ["Idle", "Skipped"])
def test_a_run_that_ends_well_without_an_execution_succeeds_even_if_its_report_fails(outcome):
    here, there = opinions(StartExecution=[nothing_followed(outcome)], ReportJobResult=[NO_ANSWER])

    assert here == there
    assert here.status == "SUCCEEDED"
    assert here.output["outcome"] == outcome
    assert here.output["pipelineExecutionId"] is None


@pytest.mark.parametrize("accepted, status", [(True, "SUCCEEDED"), (False, "FAILED")])
def test_on_superseded_decides_how_a_run_with_an_unreported_superseded_target_ends(
    accepted, status
):
    polled = ended("Superseded", **({"accepted": True} if accepted else {}))
    here, there = opinions(GetState=[polled], ReportJobResult=[NO_ANSWER])

    assert here == there
    assert here.status == status
