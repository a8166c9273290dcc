from __future__ import annotations

from dataclasses import replace

import pytest

from tests.function.runs import (
    ID,
    OTHER,
    THIRD,
    acted,
    asked,
    lists,
    moment,
    polled,
    reads,
    seen,
    summary,
    waits,
)

FOLLOW = seen("InProgress", state=asked(onRestarted="follow"))
ENDS = ["Cancelled", "Failed", "Superseded"]


def confirmed(status, state=FOLLOW):
    since = moment(0) if status == "Failed" else None
    return replace(state, memory=replace(state.memory, status=status, failed_since=since))


def reads_version(codepipeline, execution_id, version):
    codepipeline.add_response(
        "get_pipeline_execution",
        {
            "pipelineExecution": {
                "pipelineExecutionId": execution_id,
                "status": "InProgress",
                "pipelineVersion": version,
            }
        },
        {"pipelineName": "deploy", "pipelineExecutionId": execution_id},
    )


def is_version(codepipeline, version):
    codepipeline.add_response(
        "get_pipeline_state", {"pipelineVersion": version, "stageStates": []}, {"name": "deploy"}
    )


@pytest.mark.parametrize("status", ENDS)
def test_the_oldest_execution_of_a_newer_version_is_followed(codepipeline, at, status):
    at(360)
    reads(codepipeline, status, pipelineVersion=3)
    lists(
        codepipeline,
        summary("newest", "InProgress", 6),
        summary(OTHER, "InProgress", 5.5),
        summary(THIRD, "InProgress", 4),
        {**summary(ID, status, 5), "startTime": summary(ID, status)["startTime"]},
    )
    reads_version(codepipeline, THIRD, 3)
    reads_version(codepipeline, OTHER, 4)

    made = polled(confirmed(status), codepipeline)

    assert made["ended"] is False
    assert made["changes"]["execution"]["pipelineExecutionId"] == OTHER
    assert made["changes"]["memory"] == {"polls": 5, "restarted": ID}
    assert waits(made) == 1


def test_the_execution_that_was_followed_first_is_remembered(codepipeline, at):
    state = replace(FOLLOW, memory=replace(FOLLOW.memory, restarted=THIRD))
    reads(codepipeline, "Cancelled", pipelineVersion=4)
    lists(codepipeline, summary(OTHER, "InProgress", 1), summary(ID, "Cancelled"))
    reads_version(codepipeline, OTHER, 5)
    assert polled(state, codepipeline)["changes"]["memory"]["restarted"] == THIRD


@pytest.mark.parametrize("second", [301, 599])
def test_the_run_waits_for_a_replacement_for_up_to_five_minutes_after_the_end(
    codepipeline, at, second
):
    at(second)
    reads(codepipeline, "Cancelled", pipelineVersion=3)
    lists(codepipeline, summary(ID, "Cancelled", 5))
    is_version(codepipeline, 4)
    made = polled(FOLLOW, codepipeline)
    assert made["ended"] is False
    assert waits(made) == 10
    assert made["changes"]["memory"]["status"] == "Cancelled"


@pytest.mark.parametrize(
    "second, version",
    [
        pytest.param(600, 4, id="five minutes after the end"),
        pytest.param(301, 3, id="no update since the execution began"),
    ],
)
def test_without_a_replacement_the_end_of_the_execution_is_reported(
    codepipeline, at, second, version
):
    at(second)
    reads(codepipeline, "Cancelled", pipelineVersion=3)
    lists(codepipeline, summary(ID, "Cancelled", 5))
    if second < 600:
        is_version(codepipeline, version)
    lists(codepipeline, summary(ID, "Cancelled", 5))
    acted(codepipeline)
    assert polled(FOLLOW, codepipeline)["report"]["outcome"] == "Cancelled"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(summary(OTHER, "InProgress", 1, executionType="ROLLBACK"), id="a rollback"),
        pytest.param(summary(OTHER, "InProgress", 6), id="six minutes later"),
        pytest.param(summary(OTHER, "InProgress", -1), id="an older one"),
    ],
)
def test_an_execution_that_is_not_a_replacement_is_not_followed(codepipeline, at, other):
    at(600)
    reads(codepipeline, "Cancelled", pipelineVersion=3)
    for _ in range(2):  # one list to find the replacement, one for the details of the end
        lists(codepipeline, other, summary(ID, "Cancelled"))
    acted(codepipeline)
    assert polled(FOLLOW, codepipeline)["report"]["outcome"] == "Cancelled"


def test_at_the_deadline_the_run_does_not_wait_for_a_replacement(codepipeline, at):
    at(3_600)
    reads(codepipeline, "Cancelled", pipelineVersion=3)
    lists(codepipeline, summary(ID, "Cancelled", 59))
    is_version(codepipeline, 4)
    lists(codepipeline, summary(ID, "Cancelled", 59))
    acted(codepipeline)
    assert polled(FOLLOW, codepipeline)["report"]["outcome"] == "Cancelled"


def test_a_role_that_may_not_list_executions_finds_no_replacement(codepipeline, at):
    reads(codepipeline, "Cancelled", pipelineVersion=3)
    codepipeline.add_client_error("list_pipeline_executions", "AccessDeniedException")
    lists(codepipeline, summary(ID, "Cancelled"))
    acted(codepipeline)
    assert polled(FOLLOW, codepipeline)["report"]["outcome"] == "Cancelled"


@pytest.mark.parametrize("status", ["Succeeded", "Stopped"])
def test_no_replacement_is_searched_for_after_a_success_or_a_stop(codepipeline, at, status):
    reads(codepipeline, status, pipelineVersion=3)
    lists(codepipeline, summary(OTHER, "InProgress", 1), summary(ID, status))
    acted(codepipeline)
    assert polled(FOLLOW, codepipeline)["report"]["outcome"] == status


def test_without_on_restarted_follow_no_replacement_is_searched_for(codepipeline, at):
    reads(codepipeline, "Cancelled", pipelineVersion=3)
    lists(codepipeline, summary(OTHER, "InProgress", 1), summary(ID, "Cancelled"))
    acted(codepipeline)
    assert polled(seen("InProgress"), codepipeline)["report"]["outcome"] == "Cancelled"
