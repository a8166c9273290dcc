from __future__ import annotations

import pytest

from tests.contract.aws import refusal
from tests.contract.pipelines import Pipeline, approval, stage

pytestmark = pytest.mark.aws_verified


def pending(pipeline):
    def shown():
        (action,) = pipeline.state("Go")["actionStates"]
        latest = action.get("latestExecution", {})
        return latest if "token" in latest else None

    return pipeline.aws.until(shown, what="the approval has a token")


def answer(pipeline, token, status, summary="decided"):
    pipeline.client.put_approval_result(
        pipelineName=pipeline.name,
        stageName="Go",
        actionName="Approve",
        token=token,
        result={"status": status, "summary": summary},
    )


@pytest.mark.rule("S10", "S11", "S12")
def test_an_approved_action_succeeds(aws):
    pipeline = Pipeline(aws, stage("Go", approval(configuration={"CustomData": "why"})))
    execution = pipeline.start()
    shown = pending(pipeline)
    wrong = refusal(lambda: answer(pipeline, "00000000-0000-4000-8000-000000000000", "Approved"))
    answer(pipeline, shown["token"], "Approved")
    ended = pipeline.ended(execution)
    again = refusal(lambda: answer(pipeline, shown["token"], "Approved"))

    assert wrong == "InvalidApprovalTokenException"
    assert ended == "Succeeded"
    assert again in {"ApprovalAlreadyCompletedException", "InvalidApprovalTokenException"}
    (action,) = pipeline.state("Go")["actionStates"]
    assert action["latestExecution"]["summary"] == "decided"
    aws.setting("pending_approval_shows", "status" if "status" in shown else "request")


@pytest.mark.rule("S11", "E11")
def test_a_rejected_action_fails(aws):
    pipeline = Pipeline(aws, stage("Go", approval()))
    execution = pipeline.start()
    answer(pipeline, pending(pipeline)["token"], "Rejected", "not today")

    assert pipeline.ended(execution) == "Failed"
    (action,) = pipeline.state("Go")["actionStates"]
    assert action["latestExecution"]["summary"] == "not today"
    aws.setting("rejected_approval_code", pipeline.code(execution, "Approve"))


@pytest.mark.slow(minutes=7)
@pytest.mark.rule("S13", "S12")
def test_an_approval_that_is_never_given_fails(aws):
    pipeline = Pipeline(aws, stage("Go", approval(timeoutInMinutes=5)))
    execution = pipeline.start()
    token = pending(pipeline)["token"]

    assert pipeline.ended(execution, within=400) == "Failed"
    run = pipeline.action(execution, "Approve")
    lasted = (run["lastUpdateTime"] - run["startTime"]).total_seconds()
    assert abs(lasted - 300) <= 20
    late = refusal(lambda: answer(pipeline, token, "Approved"))
    assert late == "InvalidApprovalTokenException"
