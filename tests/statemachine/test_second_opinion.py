"""The product's state machine on moto's interpreter and on ours: outcomes and states agree.

The functions are answered with canned results in their documented shapes, so that only the
machine itself decides.
"""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from sandbox.cloud import Cloud
from sandbox.stepfunctions.canned import CannedFunctions
from sandbox.stepfunctions.models import stepfunctions_backends
from sandbox.stepfunctions.second_opinion import Opinion, second_opinion

SOURCE = Path(__file__).parents[2] / "statemachine" / "pipeline_run.asl.yaml"
ROLE = "arn:aws:iam::111122223333:role/Machine"
TARGET = {"name": "deploy", "account": "222233334444", "region": "eu-west-1"}
EXECUTION = {"id": "e1"}
ALLOW_ALL = SimpleNamespace(require=lambda *_: None, require_service_role=lambda *_: None)
RESULT = {"pipelineName": "deploy", "outcome": "Succeeded", "failingStage": None}


class TargetUnavailable(Exception):
    """As the functions raise it, worth another attempt."""


class TargetRoleNotAssumable(Exception):
    """As the functions raise it, and final."""


@pytest.fixture(scope="module")
def definition():
    """The definition as JSON, with the functions' names as their ARNs."""
    text = json.dumps(yaml.safe_load(SOURCE.read_text()))
    function = r"arn:aws:lambda:us-east-1:111122223333:function:\1"
    return re.sub(r"\$\{(\w+)FunctionArn\}", function, text)


def ours(definition, given, handlers):
    with Cloud(seed=3) as cloud, pytest.MonkeyPatch.context() as patch:
        patch.setattr(cloud, "functions", CannedFunctions(cloud.world, handlers))
        patch.setattr(cloud, "access", ALLOW_ALL)
        backend = stepfunctions_backends["111122223333"]["us-east-1"]
        machine = backend.create_state_machine("Machine", definition, ROLE)
        arn = cloud.state_machines.start(machine.arn, json.dumps(given))
        end = cloud.world.result_of(cloud.state_machines.ended(arn))
        events = backend.describe_execution(arn).history.events
    return Opinion(
        status=end["status"],
        entered=tuple(e.details["name"] for e in events if e.type.endswith("StateEntered")),
        output=json.loads(end["output"]) if "output" in end else None,
        error=end.get("error"),
        cause=end.get("cause"),
    )


def answers(*given):
    """Make a function that gives the answers in turn, or raises those that are errors."""
    left = list(given)

    def handler(_):
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return handler


def functions(**changed):
    """All functions on a good day, except those that are changed."""
    going_on = {"ended": False, "progress": {"polls": 1}, "waitSeconds": 30}
    ended = {"ended": True, "progress": {"polls": 2}, "report": {"outcome": "Succeeded"}}
    good = {
        "AssumeRole": [{"target": TARGET, "request": {"wait": True}, "heldJobId": None}],
        "StartExecution": [{"ended": False, "execution": EXECUTION}],
        "GetState": [going_on, ended],
        "ReportJobResult": [{"succeeded": True, "result": RESULT}],
    }
    return {name: answers(*given) for name, given in {**good, **changed}.items()}


FAILED = {"succeeded": False, "error": "PipelineFailed", "cause": 'stage "Deploy"\nfailed'}
DAYS: dict[str, tuple[dict[str, Any], str]] = {
    "a target that succeeds after a poll": ({}, "SUCCEEDED"),
    "no wait": (
        {"StartExecution": [{"ended": True, "execution": EXECUTION, "report": {"a": None}}]},
        "SUCCEEDED",
    ),
    "a target that fails": ({"ReportJobResult": [FAILED]}, "FAILED"),
    "a role that cannot be assumed": (
        {"AssumeRole": [TargetRoleNotAssumable('not "me"')], "ReportJobResult": [FAILED]},
        "FAILED",
    ),
    "a start that is throttled once": (
        {"StartExecution": [TargetUnavailable("busy"), {"ended": False, "execution": EXECUTION}]},
        "SUCCEEDED",
    ),
    "a start that is throttled for good": (
        {"StartExecution": [TargetUnavailable("busy")], "ReportJobResult": [FAILED]},
        "FAILED",
    ),
    "a function that breaks": (
        {"GetState": [KeyError("x")], "ReportJobResult": [FAILED]},
        "FAILED",
    ),
}


@pytest.mark.parametrize("day", DAYS)
def test_both_interpreters_come_to_the_same_end_by_the_same_way(definition, day):
    # given
    changed, status = DAYS[day]
    given = {"pipelineName": "deploy", "job": {"id": "j1", "held": False}}

    # when
    here = ours(definition, given, functions(**changed))
    there = second_opinion(definition, given, functions(**changed))

    # then
    assert here == there
    assert here.status == status


def test_an_outcome_that_could_not_be_reported_is_told_in_the_cause_by_both(definition):
    # given
    given = {"pipelineName": "deploy"}
    report = {"outcome": "Failed", "cause": "because", "variables": {"left": "out"}}
    changed = {
        "GetState": [{"ended": True, "progress": None, "report": report}],
        "ReportJobResult": [ValueError("no answer")],
    }

    # when
    here = ours(definition, given, functions(**changed))
    there = second_opinion(definition, given, functions(**changed))

    # then
    assert here == there
    assert (here.error, here.entered[-1]) == ("ResultNotReported", "NotReported")
    assert json.loads(here.cause or "")["report"] == {"outcome": "Failed", "cause": "because"}
