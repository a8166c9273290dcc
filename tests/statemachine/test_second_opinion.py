from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.report import EndDetails, FailedAction
from codepipeline_orchestrator.model.request import LeaveOrStop
from tests.statemachine.canned_answers import (
    JOB,
    PASSED,
    REQUEST,
    TargetRoleNotAssumable,
    TargetUnavailable,
    abandoned,
    changing,
    confirmed,
    counted,
    ended,
    going_on,
    listening,
    not_idle,
    nothing_followed,
    reachable,
    reported,
    started,
)
from tests.statemachine.interpreters import opinions

BUSY = TargetUnavailable("busy")
NO_ANSWER = ValueError("no answer")
FAILED = EndDetails(failures=(FailedAction("Deploy", "Rollout", message='not "green"\nyet'),))
NOT_ASSUMABLE = {"error": "TargetRoleNotAssumable", "cause": '{"errorMessage": "not \\"me\\""}'}

# Each case lists the answers that differ from a normal run, and the expected status and error.
Day = tuple[dict[str, list[Any]], str, str | None]
DAYS: dict[str, Day] = {
    "a target that succeeds after a poll": ({}, "SUCCEEDED", None),
    "no wait": (
        {
            "AssumeRole": [reachable()],
            "StartExecution": [started({"outcome": "Started"})],
            "ReportJobResult": [reported("Started")],
        },
        "SUCCEEDED",
        None,
    ),
    "a target that fails": (
        {
            "GetState": [going_on(), ended("Failed", details=FAILED)],
            "ReportJobResult": [reported("Failed", details=to_document(FAILED))],
        },
        "FAILED",
        "PipelineFailed",
    ),
    "a role that cannot be assumed": (
        {
            "AssumeRole": [TargetRoleNotAssumable('not "me"')],
            "ReportJobResult": [reported("Error", **NOT_ASSUMABLE)],
        },
        "FAILED",
        "TargetRoleNotAssumable",
    ),
    "a start that is throttled once": (
        {"StartExecution": [BUSY, started()]},
        "SUCCEEDED",
        None,
    ),
    "no start until the deadline": (
        {
            "AssumeRole": [reachable(PASSED)],
            "StartExecution": [BUSY],
            "ReportJobResult": [reported("TimedOut", status="unreadable")],
        },
        "FAILED",
        "PipelineTimedOut",
    ),
    "a poll that takes more attempts than one visit allows": (
        {"GetState": [going_on(), *[BUSY] * 7, ended("Succeeded")]},
        "SUCCEEDED",
        None,
    ),
    "no poll until the deadline": (
        {
            "AssumeRole": [reachable(PASSED)],
            "GetState": [BUSY],
            "ReportJobResult": [reported("TimedOut", status="unreadable")],
        },
        "FAILED",
        "PipelineTimedOut",
    ),
    "a function that breaks": (
        {
            "GetState": [KeyError("x")],
            "ReportJobResult": [reported("Error", error="KeyError", cause="x")],
        },
        "FAILED",
        "FunctionFailed",
    ),
    "a success that could not be reported": (
        {"ReportJobResult": [NO_ANSWER]},
        "SUCCEEDED",
        None,
    ),
    "a success that could not be reported to the run's open job": (
        {"AssumeRole": [reachable(job=JOB)], "ReportJobResult": [NO_ANSWER]},
        "FAILED",
        "ResultNotReported",
    ),
    "a failure that could not be reported": (
        {"GetState": [ended("Failed", details=FAILED)], "ReportJobResult": [NO_ANSWER]},
        "FAILED",
        "ResultNotReported",
    ),
}

HEARS = changing(started(), listening=listening())
PROVEN = changing(going_on(), listening=listening(heard=0))
CONFIRMS = {**reachable(job=JOB), "then": "ConfirmAction"}
DUE = replace(JOB, renew_at=REQUEST.started_at)
ON_ABORT = replace(REQUEST, on_abort=LeaveOrStop.STOP)


def jobs(**answers: Any) -> list[Any]:
    of = {"ReportJobResult": reported("Succeeded"), **answers}

    def answer(payload: dict[str, Any]) -> Any:
        if isinstance(of[payload["state"]], Exception):
            raise of[payload["state"]]
        return of[payload["state"]]

    return [answer]


# Each case lists the changed answers, the items in the Waits table, the outputs that end waits for
# events, and the states that the run should enter.
Heard = tuple[dict[str, Any], list[str]]
HEARD: dict[str, Heard] = {
    "no event arrives": (
        {"StartExecution": [HEARS], "GetState": [*[going_on()] * 5, ended("Succeeded")]},
        ["WaitToListen", "ReadEventCount", "GetState"] * 3 + ["WaitForTarget", "GetState"] * 3,
    ),
    "an event ends the wait": (
        {
            "StartExecution": [HEARS],
            "GetState": [PROVEN, ended("Succeeded")],
            "waits": [counted(0)],
            "told": [{"heard": 1, "endAnnounced": True}],
        },
        ["WaitToListen", "ReadEventCount", "GetState", "WaitForEvent", "GetState"],
    ),
    "a wait for an event times out": (
        {
            "StartExecution": [HEARS],
            "GetState": [PROVEN, PROVEN, ended("Succeeded")],
            "waits": [counted(0)],
            "told": [None, {"heard": 2, "endAnnounced": False}],
        },
        ["WaitToListen", "ReadEventCount", "GetState"] + ["WaitForEvent", "GetState"] * 2,
    ),
    "an event comes between a poll and the wait after it": (
        {
            "StartExecution": [HEARS],
            "GetState": [PROVEN, ended("Succeeded")],
            "waits": [counted(1)],
        },
        [
            "WaitToListen",
            "ReadEventCount",
            "GetState",
            "WaitForEvent",
            "ReadEventCount",
            "GetState",
        ],
    ),
    "a turn is taken": (
        {"StartExecution": [{**not_idle(), "then": "TakeTurn"}, started()]},
        ["TakeTurn", "StartExecution", "WaitForTarget", "GetState", "WaitForTarget", "GetState"],
    ),
    "another run has the turn": (
        {
            "StartExecution": [{**not_idle(), "then": "TakeTurn"}, nothing_followed("Idle")],
            "waits": [
                {
                    "execution": {"S": "222233334444/eu-west-1/deploy/turn"},
                    "run": {"S": "another"},
                    "until": {"N": str(4_000_000_000)},
                }
            ],
        },
        ["TakeTurn", "WaitUntilIdle", "StartExecution"],
    ),
    "an action is confirmed, and its job is renewed": (
        {
            "AssumeRole": [CONFIRMS],
            "StartExecution": [changing(started(), job=to_document(DUE))],
            "ReportJobResult": jobs(ConfirmAction=confirmed(), RenewJob=confirmed()),
        },
        ["ConfirmAction", "StartExecution", "RenewJob"] + ["WaitForTarget", "GetState"] * 2,
    ),
    "an action has ended before anything was started": (
        {
            "AssumeRole": [CONFIRMS],
            "StartExecution": [nothing_followed("Skipped")],
            "ReportJobResult": jobs(ConfirmAction=abandoned()),
        },
        ["ConfirmAction", "StartExecution"],
    ),
    "an action is abandoned, and its target is stopped": (
        {
            "AssumeRole": [reachable(ON_ABORT, job=JOB)],
            "StartExecution": [changing(started(), job=to_document(DUE))],
            "ReportJobResult": jobs(RenewJob=abandoned()),
        },
        ["RenewJob", "StopExecution"] + ["WaitForTarget", "GetState"] * 2,
    ),
    "an action is abandoned, and its target is left running": (
        {
            "AssumeRole": [reachable(job=JOB)],
            "StartExecution": [changing(started(), job=to_document(DUE))],
            "ReportJobResult": jobs(RenewJob=abandoned()),
        },
        ["RenewJob"] + ["WaitForTarget", "GetState"] * 2,
    ),
    "the target of an abandoned action is stopped later": (
        {
            "AssumeRole": [reachable(ON_ABORT, job=JOB)],
            "StartExecution": [changing(started(), job=to_document(DUE))],
            "ReportJobResult": jobs(RenewJob=abandoned()),
            "StopExecution": [BUSY, {}],
        },
        [
            "RenewJob",
            "StopExecution",
            "HasTimeToStop",
            "PollLater",
            "WaitForTarget",
            "GetState",
            "StopExecution",
            "WaitForTarget",
            "GetState",
        ],
    ),
    "a renewal fails": (
        {
            "AssumeRole": [reachable(job=JOB)],
            "StartExecution": [changing(started(), job=to_document(DUE))],
            "ReportJobResult": jobs(RenewJob=NO_ANSWER),
        },
        ["RenewJob"] + ["WaitForTarget", "GetState"] * 2,
    ),
}


@pytest.mark.interleaving(51, 53, 60, 69)
@pytest.mark.parametrize("day", HEARD)
def test_both_interpreters_wait_for_events_turns_and_jobs_in_the_same_way(day):
    changed, way = HEARD[day]

    here, there = opinions(**changed)

    assert here == there
    assert here.status == "SUCCEEDED"
    states = [each for each in here.entered if each != "ChooseNext"]
    assert states[-2:] == ["HasSucceeded", "Succeeded"]
    first = states.index(way[0])
    assert states[first : first + len(way)] == way
    assert states[first + len(way)] == "ReportJobResult"


@pytest.mark.parametrize("day", DAYS)
def test_both_interpreters_reach_the_same_end_by_the_same_path(day):
    changed, status, error = DAYS[day]

    here, there = opinions(**changed)

    assert here == there
    assert (here.status, here.error) == (status, error)
