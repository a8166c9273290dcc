from __future__ import annotations

import pytest

from codepipeline_orchestrator.aws.answers import StageState, read_answer
from codepipeline_orchestrator.model.report import FailedAction
from codepipeline_orchestrator.pipeline.unmet_condition import unmet_condition

ID, OTHER = "this", "another"


def rule(status, **latest):
    return {"ruleName": "Window", "latestExecution": {"status": status, **latest}}


def stage(*rules, member="beforeEntryConditionState", execution=ID, status="Failed"):
    return {
        "stageName": "Deploy",
        "latestExecution": {"pipelineExecutionId": execution, "status": status},
        member: {"conditionStates": [{"ruleStates": list(rules)}]},
    }


def unmet(*stages):
    return unmet_condition([read_answer(StageState, each) for each in stages], ID)


@pytest.mark.parametrize(
    "member, condition",
    [("beforeEntryConditionState", "BEFORE_ENTRY"), ("onSuccessConditionState", "ON_SUCCESS")],
)
@pytest.mark.parametrize("status", ["Failed", "Errored"])
def test_the_rule_that_was_not_met_is_named(member, condition, status):
    broken = rule(
        status,
        errorDetails={"code": "C", "message": "closed"},
        externalExecutionUrl="https://example.com/7",
    )
    found = unmet({"stageName": "Source"}, stage(broken, member=member))
    assert found == FailedAction(
        "Deploy",
        None,
        "C",
        "closed",
        link="https://example.com/7",
        condition=condition,
        rule="Window",
    )


def test_the_log_of_the_rule_is_linked():
    arn = "arn:aws:logs:eu-west-1:222233334444:log-group:/aws/b:log-stream:1"
    found = unmet(stage(rule("Failed", logStreamARN=arn)))
    assert found is not None
    assert found.log_link is not None
    assert "/log-events/1" in found.log_link


def test_the_first_of_several_rules_that_were_not_met_is_named():
    states = stage(rule("Succeeded"), rule("Failed", summary="no"), rule("Failed", summary="nor"))
    found = unmet(states)
    assert found is not None
    assert found.message == "no"


@pytest.mark.parametrize(
    "other",
    [
        stage(rule("Failed"), execution=OTHER),
        stage(rule("Failed"), status="InProgress"),
        stage(rule("Overridden")),
        stage({"ruleName": "Window"}),
        {**stage(), "beforeEntryConditionState": {}},
        {"stageName": "Deploy"},
    ],
)
def test_conditions_of_other_executions_and_met_conditions_are_ignored(other):
    assert unmet(other) is None
