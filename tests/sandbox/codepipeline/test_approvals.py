from __future__ import annotations

import pytest

from codepipeline_sandbox.codepipeline import Act
from tests.sandbox.codepipeline.declarations import action, stage

APPROVER = "arn:aws:sts::111122223333:assumed-role/caller/session"
WEEK = 7 * 24 * 3600


def approval(**more):
    return stage("Gate", action("Approve", "Approval", "Manual", **more))


@pytest.fixture
def pipeline(target):
    return target(approval(configuration={"CustomData": "Is the design good?"}))


@pytest.fixture
def answer(client):
    def answer(token, status="Approved", summary="looks fine", **more):
        place = {"pipelineName": "target", "stageName": "Gate", "actionName": "Approve", **more}
        result = {"status": status, "summary": summary}
        return client.put_approval_result(**place, result=result, token=token)

    return answer


def pending(pipeline):
    [state] = pipeline.stages()["Gate"]["actionStates"]
    return state["latestExecution"]


@pytest.mark.rule("S10", "E1")
def test_an_approval_waits_with_a_token(pipeline, world):
    # when
    execution_id = pipeline.start()
    world.run(world.now + WEEK - 60)

    # then
    shown = pending(pipeline)
    assert shown["status"] == "InProgress"
    assert "token" in shown
    assert "summary" not in shown
    assert pipeline.status(execution_id) == "InProgress"


@pytest.mark.rule("S10")
def test_a_pending_approval_may_show_the_request_in_place_of_a_status(pipeline, world, behave):
    # given
    behave(pending_approval_shows="request")

    # when
    pipeline.start()
    world.run(world.now + 60)

    # then
    shown = pending(pipeline)
    assert "status" not in shown
    assert shown["summary"] == "Is the design good?"
    assert shown["lastUpdatedBy"] == APPROVER


@pytest.mark.rule("S11")
@pytest.mark.parametrize("answered, status", [("Approved", "Succeeded"), ("Rejected", "Failed")])
def test_the_answer_ends_the_action_and_the_approver_is_shown(
    pipeline, world, answer, answered, status
):
    # given
    execution_id = pipeline.start()
    world.run(world.now + 60)

    # when
    at = answer(pending(pipeline)["token"], answered, "not before Monday")["approvedAt"]
    world.run()

    # then
    assert at == world.datetime()
    assert pipeline.status(execution_id) == status
    shown = pending(pipeline)
    assert (shown["status"], shown["lastUpdatedBy"]) == (status, APPROVER)
    assert "token" not in shown
    listed = pipeline.action("Approve")
    assert listed["updatedBy"] == APPROVER
    result = listed["output"]["executionResult"]
    assert result == {"externalExecutionSummary": "not before Monday"}


@pytest.mark.rule("S11")
def test_a_rejection_may_have_an_error_code(pipeline, world, answer, behave):
    # given
    behave(rejected_approval_code="JobFailed")
    pipeline.start()
    world.run(world.now + 60)

    # when
    answer(pending(pipeline)["token"], "Rejected", "no")
    world.run()

    # then
    assert pending(pipeline)["errorDetails"] == {"code": "JobFailed", "message": "no"}


@pytest.mark.rule("S11")
def test_a_comment_may_be_empty(pipeline, world, answer):
    # given
    execution_id = pipeline.start()
    world.run(world.now + 60)

    # when
    answer(pending(pipeline)["token"], summary="")
    world.run()

    # then
    assert pipeline.status(execution_id) == "Succeeded"
    assert "summary" not in pending(pipeline)


@pytest.mark.rule("S10", "S11")
def test_in_parallel_mode_the_external_id_is_the_token(target, world, answer):
    # given
    pipeline = target(approval(), pipelineType="V2", executionMode="PARALLEL")
    first, second = pipeline.start(), pipeline.start()
    world.run(world.now + 60)
    [_, asked] = pipeline.actions(second)

    # when
    answer(asked["output"]["executionResult"]["externalExecutionId"])
    world.run(world.now + 60)

    # then
    assert pipeline.status(first) == "InProgress"
    assert pipeline.status(second) == "Succeeded"


@pytest.mark.rule("S12")
@pytest.mark.parametrize(
    "place, code",
    [
        ({"pipelineName": "other"}, "PipelineNotFoundException"),
        ({"stageName": "Gates"}, "StageNotFoundException"),
        ({"actionName": "Reject"}, "ActionNotFoundException"),
        (
            {"stageName": "Source", "actionName": "Checkout"},
            "InvalidApprovalTokenException",
        ),
    ],
)
def test_an_answer_for_another_action_is_refused(pipeline, world, answer, refused, place, code):
    # given
    pipeline.start()
    world.run(world.now + 60)

    # when, then
    with refused(code):
        answer(pending(pipeline)["token"], **place)


@pytest.mark.rule("S12")
def test_a_second_answer_a_late_one_and_a_wrong_token_are_refused(pipeline, world, answer, refused):
    # given
    pipeline.start()
    world.run(world.now + 60)
    token = pending(pipeline)["token"]
    answer(token)
    with refused("ApprovalAlreadyCompletedException"):
        answer(token, "Rejected")
    stopped = pipeline.start()
    world.run(world.now + 60)
    late = pending(pipeline)["token"]

    # when
    pipeline.stop(stopped, abandon=True)

    # then
    with refused("InvalidApprovalTokenException"):
        answer(late)
    with refused("InvalidApprovalTokenException"):
        answer("00000000-0000-4000-8000-000000000000")
    with refused("ValidationException", "token"):
        answer("not-a-token")


@pytest.mark.rule("S13")
@pytest.mark.parametrize("minutes, seconds", [({}, WEEK), ({"timeoutInMinutes": 5}, 300)])
def test_an_approval_without_an_answer_fails(target, world, answer, refused, minutes, seconds):
    # given
    pipeline = target(approval(**minutes))
    execution_id = pipeline.start()
    world.run(world.now + 60)
    token = pending(pipeline)["token"]
    asked = pending(pipeline)["lastStatusChange"].timestamp()

    # when
    world.run()

    # then
    assert world.now - asked == pytest.approx(seconds)
    assert pipeline.status(execution_id) == "Failed"
    assert pending(pipeline)["errorDetails"]["code"] == "JobFailed"
    with refused("InvalidApprovalTokenException"):
        answer(token)


@pytest.mark.rule("S13", "R1")
def test_an_approval_has_a_maximum_timeout(target, refused):
    with refused("ValidationException", "timeoutInMinutes"):
        target(approval(timeoutInMinutes=86_401))  # boto3 itself refuses values below 5


@pytest.mark.rule("S11", "A5")
@pytest.mark.parametrize(
    "act, status",
    [
        (Act(600, summary="fine"), "Succeeded"),
        (Act(600, "Failed", summary="fine"), "Failed"),
    ],
)
def test_a_scripted_act_can_replace_the_approver(pipeline, world, play, act, status):
    # given
    play("Gate", "Approve", act)
    execution_id = pipeline.start()
    world.run(world.now + 500)
    assert "token" in pending(pipeline)

    # when
    world.run()

    # then
    assert pipeline.status(execution_id) == status
    assert pending(pipeline)["summary"] == "fine"


@pytest.mark.rule("S11", "E15")
def test_a_retried_approval_has_a_new_token(pipeline, world, answer):
    # given
    execution_id = pipeline.start()
    world.run(world.now + 60)
    token = pending(pipeline)["token"]
    answer(token, "Rejected")
    world.run()

    # when
    pipeline.retry(execution_id, "Gate")
    world.run(world.now + 60)

    # then
    again = pending(pipeline)["token"]
    assert again != token
    answer(again)
    world.run()
    assert pipeline.status(execution_id) == "Succeeded"
