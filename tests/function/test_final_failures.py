from __future__ import annotations

from dataclasses import replace

import pytest

from codepipeline_orchestrator.model.state import Memory
from tests.function.runs import acted, action, asked, lists, moment, polled, reads, seen, waits

ROLE = "arn:aws:iam::222233334444:role/pipeline"
RETRY = {"result": "RETRY", "retryConfiguration": {"retryMode": "FAILED_ACTIONS"}}
ASKED = {"name": "deploy", "version": 3}


def stage(name="Deploy", **more):
    return {"name": name, "actions": [], **more}


def declares(codepipeline, *stages):
    declared = {"name": "deploy", "roleArn": ROLE, "stages": list(stages), "version": 3}
    codepipeline.add_response("get_pipeline", {"pipeline": declared}, ASKED)


def fails(codepipeline):
    reads(codepipeline, "Failed", pipelineVersion=3)


def is_read_again(made):
    assert made["changes"]["memory"]["failedSince"] == moment(60).isoformat()
    return not made["ended"] and waits(made) == 10


@pytest.mark.parametrize("on_failure", [None, {"result": "ROLLBACK"}, {"result": "FAIL"}])
def test_a_failure_without_an_automatic_retry_is_reported_immediately(codepipeline, at, on_failure):
    fails(codepipeline)
    more = {} if on_failure is None else {"onFailure": on_failure}
    declares(codepipeline, stage("Test", onFailure=RETRY), stage(**more))
    lists(codepipeline)
    acted(codepipeline, action("Failed"))
    made = polled(seen("InProgress"), codepipeline)
    assert made["ended"] is True
    assert made["report"]["outcome"] == "Failed"
    assert [each["stage"] for each in made["report"]["failures"]] == ["Deploy"]


def test_a_failure_that_is_certain_at_the_deadline_is_not_a_timeout(codepipeline, at):
    fails(codepipeline)
    declares(codepipeline, stage())
    lists(codepipeline)
    acted(codepipeline, action("Failed"))
    at(3_600)
    assert polled(seen("InProgress"), codepipeline)["report"]["outcome"] == "Failed"


def test_a_failure_in_a_stage_with_an_automatic_retry_is_read_again(codepipeline, at):
    fails(codepipeline)
    declares(codepipeline, stage("Test"), stage(onFailure=RETRY))
    lists(codepipeline)
    acted(codepipeline, action("Failed"))
    assert is_read_again(polled(seen("InProgress"), codepipeline))


def test_no_details_are_read_if_every_stage_has_an_automatic_retry(codepipeline, at):
    fails(codepipeline)
    declares(codepipeline, stage(onFailure=RETRY))
    assert is_read_again(polled(seen("InProgress"), codepipeline))


def test_a_stage_that_was_retried_in_the_meantime_is_read_again(codepipeline, at):
    fails(codepipeline)
    declares(codepipeline, stage())
    lists(codepipeline)
    acted(codepipeline, action("InProgress"), action("Failed"))
    assert is_read_again(polled(seen("InProgress"), codepipeline))


@pytest.mark.parametrize("unknown", ["denied", "no action", "another stage"])
def test_a_failure_in_an_unknown_stage_is_read_again(codepipeline, at, unknown):
    fails(codepipeline)
    declares(codepipeline, stage("Test" if unknown == "another stage" else "Deploy"))
    lists(codepipeline)
    if unknown == "another stage":
        acted(codepipeline, action("Failed"))
    else:
        if unknown == "denied":
            codepipeline.add_client_error("list_action_executions", "AccessDeniedException")
        else:
            acted(codepipeline)
        codepipeline.add_response("get_pipeline_state", {"stageStates": []}, {"name": "deploy"})
    assert is_read_again(polled(seen("InProgress"), codepipeline))


@pytest.mark.parametrize(
    "code",
    [
        "AccessDeniedException",
        "ThrottlingException",
        "PipelineVersionNotFoundException",
        "PipelineNotFoundException",  # AWS's error for a version that is no longer stored
    ],
)
def test_a_failure_whose_version_cannot_be_read_is_read_again(codepipeline, at, code, caplog):
    fails(codepipeline)
    codepipeline.add_client_error("get_pipeline", code, expected_params=ASKED)
    assert is_read_again(polled(seen("InProgress"), codepipeline))
    (warning,) = [one for one in caplog.records if one.levelname == "WARNING"]
    assert warning.lacks == "whether CodePipeline retries the failed stage"


def test_a_failure_of_an_unknown_version_is_read_again(codepipeline, at):
    reads(codepipeline, "Failed")
    assert is_read_again(polled(seen("InProgress"), codepipeline))


def test_a_second_reading_of_a_failure_does_not_read_the_pipeline(codepipeline, at):
    fails(codepipeline)
    lists(codepipeline)
    acted(codepipeline, action("Failed"))
    assert polled(seen("Failed"), codepipeline)["report"]["outcome"] == "Failed"


def test_a_failure_read_just_after_a_retry_may_be_the_old_one(codepipeline, at):
    state = replace(seen("InProgress"), memory=Memory(4, "InProgress", pace={}, stage_retries=1))
    fails(codepipeline)
    assert is_read_again(polled(state, codepipeline))


def test_the_run_retries_a_stage_as_soon_as_its_failure_is_final(codepipeline, at):
    state = seen("InProgress", state=asked(maxStageRetries=1))
    fails(codepipeline)
    declares(codepipeline, stage())
    lists(codepipeline)
    acted(codepipeline, action("Failed"))
    assert polled(state, codepipeline)["then"] == "RetryStage"


def test_a_run_that_follows_updates_also_reports_a_failure_immediately(codepipeline, at):
    state = seen("InProgress", state=asked(onRestarted="follow"))
    fails(codepipeline)
    declares(codepipeline, stage())
    lists(codepipeline)
    acted(codepipeline, action("Failed"))
    lists(codepipeline)
    made = polled(state, codepipeline)
    assert made["ended"] is True
    assert made["report"]["outcome"] == "Failed"
