"""An outcome that could not be reported stands in the cause, whatever belongs to it."""

from __future__ import annotations

import json

import pytest

from codepipeline_orchestrator.model.state import Execution
from codepipeline_orchestrator.model.target import Target
from tests.statemachine.canned_answers import EXECUTION, TARGET, ended
from tests.statemachine.interpreters import opinions

LONGEST_CAUSE = 32_768  # characters; a limit of the Step Functions API
NO_ANSWER = [ValueError("no answer")]
VARIABLES = [{"name": f"V{number}", "resolvedValue": '"' * 1_000} for number in range(50)]
REVISIONS = [{"name": f"S{number}", "revisionId": "r" * 1_500} for number in range(10)]
APPROVALS = [{"stage": "s" * 100, "action": "a" * 100, "comment": '"' * 500}] * 15
SECRETS = {f"Build.V{number}": "canary" * 100 for number in range(50)}
FAILURE = {"stage": "s" * 100, "action": "a" * 100, "message": '"' * 2_000}


def test_the_cause_tells_the_outcome():
    # given a failure that could not be reported
    looked = ended("Failed", failure={"stage": "Deploy", "action": "Rollout"}, variables=VARIABLES)
    here, there = opinions(GetState=[looked], ReportJobResult=NO_ANSWER)

    # then it can be read from the cause, without what could be too long
    assert here == there
    cause = json.loads(here.cause or "")
    report = {name: value for name, value in looked["report"].items() if name != "variables"}
    assert Target.of(cause["target"]) == TARGET
    assert Execution(**cause["execution"]) == EXECUTION
    assert cause["report"] == report


LONG = {
    "of a target with many variables": [
        ended("Failed", variables=VARIABLES, sourceRevisions=REVISIONS, failure=FAILURE)
    ],
    "of a target with many approvals and output variables": [
        ended("Failed", approvals=APPROVALS, targetVariables=SECRETS, failure=FAILURE)
    ],
    "of a function that says much": [KeyError('"' * 30_000)],
    "with all of it": [
        ended(
            "Error",
            error="KeyError",
            cause='"' * 30_000,
            variables=VARIABLES,
            sourceRevisions=REVISIONS,
            failure=FAILURE,
        )
    ],
}


@pytest.mark.parametrize("looks", LONG.values(), ids=LONG)
def test_the_cause_of_a_long_report_stays_within_the_limit_and_whole(looks):
    here, there = opinions(GetState=looks, ReportJobResult=NO_ANSWER)

    assert here == there
    assert here.error == "ResultNotReported"
    assert len(here.cause or "") <= LONGEST_CAUSE
    assert "canary" not in (here.cause or "")
    assert json.loads(here.cause or "")["report"]["outcome"] in {"Failed", "Error"}
