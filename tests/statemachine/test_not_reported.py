from __future__ import annotations

import json

import pytest

from codepipeline_orchestrator.model.documents import from_document
from codepipeline_orchestrator.model.report import Approval, EndDetails, FailedAction, Revision
from codepipeline_orchestrator.model.state import Execution
from codepipeline_orchestrator.model.target import Target
from tests.statemachine.canned_answers import EXECUTION, TARGET, ended
from tests.statemachine.interpreters import opinions

# The maximum length of a cause in characters, from the Step Functions API reference.
LONGEST_CAUSE = 32_768
NO_ANSWER = [ValueError("no answer")]
VARIABLES = tuple({"name": f"V{number}", "resolvedValue": '"' * 1_000} for number in range(50))
REVISIONS = tuple(Revision(f"S{number}", "r" * 1_500) for number in range(10))
APPROVALS = (Approval("s" * 100, "a" * 100, summary='"' * 500),) * 15
SECRETS = {f"Build.V{number}": "canary" * 100 for number in range(50)}
FAILURE = FailedAction("s" * 100, "a" * 100, message='"' * 2_000)


def test_the_cause_contains_the_outcome():
    failure = FailedAction("Deploy", "Rollout")
    polled = ended("Failed", details=EndDetails(failures=(failure,), variables=VARIABLES))
    here, there = opinions(GetState=[polled], ReportJobResult=NO_ANSWER)

    # The variables are missing from the cause because they could be too long.
    assert here == there
    cause = json.loads(here.cause or "")
    del polled["report"]["details"]["variables"]
    assert from_document(Target, cause["target"]) == TARGET
    assert from_document(Execution, cause["execution"]) == EXECUTION
    assert cause["report"] == polled["report"]


MUCH = EndDetails(variables=VARIABLES, source_revisions=REVISIONS, failures=(FAILURE,))
LONG = {
    "of a target with many variables": [
        ended(
            "Failed",
            details=MUCH,
        )
    ],
    "of a target with many approvals and output variables": [
        ended(
            "Failed",
            details=EndDetails(approvals=APPROVALS, target_variables=SECRETS, failures=(FAILURE,)),
        )
    ],
    "of a function with a very long error": [KeyError('"' * 30_000)],
    "with everything at once": [
        ended(
            "Error",
            error="KeyError",
            cause='"' * 30_000,
            details=MUCH,
        )
    ],
}


@pytest.mark.parametrize("polls", LONG.values(), ids=LONG)
def test_the_cause_of_a_long_report_stays_within_the_limit_and_is_valid_json(polls):
    here, there = opinions(GetState=polls, ReportJobResult=NO_ANSWER)

    assert here == there
    assert here.error == "ResultNotReported"
    assert len(here.cause or "") <= LONGEST_CAUSE
    assert "canary" not in (here.cause or "")
    assert json.loads(here.cause or "")["report"]["outcome"] in {"Failed", "Error"}
