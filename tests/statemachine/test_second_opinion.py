"""The product's state machine on moto's interpreter and on ours: outcomes and states agree."""

from __future__ import annotations

from typing import Any

import pytest

from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.report import EndDetails, FailedAction
from tests.statemachine.canned_answers import (
    HELD_JOB,
    PASSED,
    TargetRoleNotAssumable,
    TargetUnavailable,
    ended,
    going_on,
    reachable,
    reported,
    started,
)
from tests.statemachine.interpreters import opinions

BUSY = TargetUnavailable("busy")
NO_ANSWER = ValueError("no answer")
FAILED = EndDetails(failures=(FailedAction("Deploy", "Rollout", message='not "green"\nyet'),))
NOT_ASSUMABLE = {"error": "TargetRoleNotAssumable", "cause": '{"errorMessage": "not \\"me\\""}'}

# What the functions answer otherwise than on a good day; the status and the error of the run then.
Day = tuple[dict[str, list[Any]], str, str | None]
DAYS: dict[str, Day] = {
    "a target that succeeds after a look": ({}, "SUCCEEDED", None),
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
    "a poll that takes more attempts than one visit has": (
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
    "a success that could not be reported to the job that the run holds": (
        {"AssumeRole": [reachable(held_job=HELD_JOB)], "ReportJobResult": [NO_ANSWER]},
        "FAILED",
        "ResultNotReported",
    ),
    "a failure that could not be reported": (
        {"GetState": [ended("Failed", details=FAILED)], "ReportJobResult": [NO_ANSWER]},
        "FAILED",
        "ResultNotReported",
    ),
}


@pytest.mark.parametrize("day", DAYS)
def test_both_interpreters_come_to_the_same_end_by_the_same_way(day):
    changed, status, error = DAYS[day]

    here, there = opinions(**changed)

    assert here == there
    assert (here.status, here.error) == (status, error)
