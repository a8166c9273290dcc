from __future__ import annotations

from dataclasses import replace

import pytest

from codepipeline_orchestrator.errors import (
    InvalidInput,
    PipelineExecutionMismatch,
    PipelineExecutionNotFound,
)
from codepipeline_orchestrator.model.state import Memory
from tests.function.runs import (
    ID,
    OTHER,
    OURS,
    STATE,
    TARGET,
    THIRD,
    asked,
    begun,
    lists,
    moment,
    reads,
    summary,
    waits,
)

THEIRS = {
    "trigger": {
        "triggerType": "StartPipelineExecution",
        "triggerDetail": "arn:aws:sts::222233334444:assumed-role/t/run-2",
    }
}
SAME_SESSION_ELSEWHERE = {
    "trigger": {
        "triggerType": "PutActionRevision",
        "triggerDetail": f"arn:aws:sts::222233334444:assumed-role/t/{TARGET.role_session_name}",
    }
}


def starts(codepipeline, execution_id=ID):
    codepipeline.add_response(
        "start_pipeline_execution",
        {"pipelineExecutionId": execution_id},
        {"name": "deploy", "clientRequestToken": "run-1"},
    )


@pytest.mark.parametrize("if_running", ["join", "wait", "skip"])
def test_an_idle_target_is_started_for_every_value_of_if_running(codepipeline, at, if_running):
    lists(codepipeline, summary(OTHER, "Succeeded"), summary(THIRD, "Failed"))
    starts(codepipeline)
    state = replace(asked(ifRunning=if_running), turn_until=moment(360))
    made = begun(state, codepipeline)
    assert made["ended"] is False
    assert made["changes"]["execution"]["pipelineExecutionId"] == ID


@pytest.mark.parametrize("if_running", ["join", "wait", "skip"])
def test_an_execution_is_found_even_if_the_response_to_its_start_was_lost(
    codepipeline, at, if_running
):
    lists(
        codepipeline,
        summary(OTHER, "InProgress", 1, **THEIRS),
        summary(THIRD, "InProgress", 1, **SAME_SESSION_ELSEWHERE),
        summary(ID, "InProgress", **OURS),
    )
    made = begun(asked(ifRunning=if_running), codepipeline)
    assert made["changes"]["execution"]["pipelineExecutionId"] == ID
    assert made["ended"] is False


def test_the_newest_execution_in_progress_is_joined(codepipeline, at):
    lists(
        codepipeline,
        summary(THIRD, "Succeeded", 3),
        summary(ID, "InProgress", 2),
        summary(OTHER, "InProgress", 1),
    )
    made = begun(asked(ifRunning="join"), codepipeline)
    assert made["changes"]["execution"]["pipelineExecutionId"] == ID
    assert made["changes"]["execution"]["startTime"] == "2026-01-05T09:02:00+00:00"


def test_a_stopping_execution_is_joined_only_if_nothing_else_runs(codepipeline, at):
    lists(codepipeline, summary(OTHER, "Stopping", 2), summary(ID, "InProgress", 1))
    assert (
        begun(asked(ifRunning="join"), codepipeline)["changes"]["execution"]["pipelineExecutionId"]
        == ID
    )
    lists(codepipeline, summary(OTHER, "Stopping", 2))
    joined = begun(asked(ifRunning="join"), codepipeline)
    assert joined["changes"]["execution"]["pipelineExecutionId"] == OTHER


@pytest.mark.parametrize("request_", [{"ifRunning": "skip"}, {"ifRunning": "join", "wait": False}])
def test_nothing_is_started_if_an_execution_is_already_running(codepipeline, at, request_):
    lists(codepipeline, summary(OTHER, "Stopping"))
    made = begun(asked(**request_), codepipeline)
    assert made["ended"] is True
    assert made["report"] == {"outcome": "Skipped", "status": "Stopping"}
    assert made["changes"]["execution"]["pipelineExecutionId"] == OTHER


@pytest.mark.parametrize("request_", [{"ifRunning": "wait"}, {"mode": "idle"}])
def test_the_run_waits_until_no_execution_is_running(codepipeline, at, request_):
    lists(codepipeline, *(summary(f"{n}", "InProgress") for n in range(12)))
    codepipeline.add_response("get_pipeline_state", {"stageStates": []})
    codepipeline.add_response("list_action_executions", {"actionExecutionDetails": []})
    at(300)
    state = replace(asked(**request_), memory=Memory(3))
    made = begun(state, codepipeline)
    assert made == {
        "ended": False,
        "changes": {
            "pollAt": moment(320).isoformat(),
            "execution": None,
            "memory": {"polls": 4},
        },
        "snapshot": {
            "target": str(TARGET),
            "status": "InProgress",
            "waitsFor": [f"{n}" for n in range(10)],
        },
    }


def test_a_target_that_has_just_failed_is_polled_again(codepipeline, at):
    lists(codepipeline, summary(OTHER, "Failed", 50))
    at(50 * 60 + 5)
    made = begun(asked(mode="idle"), codepipeline)
    assert made["ended"] is False
    assert waits(made) == 10
    assert made["snapshot"]["waitsFor"] == [OTHER]


def test_at_the_deadline_a_target_that_has_just_failed_is_not_idle(codepipeline, at):
    lists(codepipeline, summary(OTHER, "Failed", 60))
    at(3_600)
    report = begun(asked(mode="idle"), codepipeline)["report"]
    assert (report["outcome"], report["waitedFor"]) == ("TimedOut", [OTHER])


def test_a_target_without_running_executions_is_idle(codepipeline, at):
    lists(codepipeline, summary(OTHER, "Failed"))
    made = begun(asked(mode="idle"), codepipeline)
    assert made == {
        "ended": True,
        "changes": {"execution": None},
        "report": {"outcome": "Idle"},
    }


@pytest.mark.parametrize("request_", [{"ifRunning": "wait"}, {"mode": "idle"}])
def test_at_the_deadline_the_report_says_what_the_run_waited_for(codepipeline, at, request_):
    lists(codepipeline, summary(OTHER, "InProgress"))
    codepipeline.add_client_error("get_pipeline_state", "AccessDeniedException")
    at(3_600)
    made = begun(asked(**request_), codepipeline)
    assert made["ended"] is True
    assert made["report"]["outcome"] == "TimedOut"
    assert made["report"]["waitedFor"] == [OTHER]


def test_a_target_that_becomes_idle_at_the_deadline_is_not_started(codepipeline, at):
    lists(codepipeline)
    at(3_600)
    report = begun(asked(ifRunning="wait"), codepipeline)["report"]
    assert report["outcome"] == "TimedOut"
    assert "waitedFor" not in report


def test_a_waiting_run_keeps_waiting_during_an_aws_outage(codepipeline, at):
    codepipeline.add_client_error("list_pipeline_executions", "ThrottlingException", "slow down")
    made = begun(replace(asked(ifRunning="wait"), memory=Memory(1)), codepipeline)
    assert made["ended"] is False
    assert waits(made) == 20
    assert made["snapshot"]["status"] == "unreadable"
    assert "waitsFor" not in made["snapshot"]


@pytest.mark.parametrize("code", ["ThrottlingException", "ConflictException", "InternalFailure"])
def test_a_new_run_also_waits_during_an_aws_outage(codepipeline, at, code):
    codepipeline.add_client_error("start_pipeline_execution", code, http_status_code=500)
    made = begun(STATE, codepipeline)
    assert made["ended"] is False
    assert waits(made) == 20
    assert made["snapshot"]["status"] == "unreadable"


ELSEWHERE = replace(STATE, target=replace(STATE.target, region="eu-south-2"))


def test_a_region_that_rejects_the_credentials_is_an_input_error(codepipeline, at):
    codepipeline.add_client_error("start_pipeline_execution", "UnrecognizedClientException")
    with pytest.raises(InvalidInput, match="is enabled in account 222233334444"):
        begun(ELSEWHERE, codepipeline)


@pytest.mark.parametrize(
    "state",
    [STATE, replace(ELSEWHERE, attempt=1), replace(ELSEWHERE, memory=Memory(1))],
    ids=["the deployment's own Region", "a second attempt", "a run that has waited"],
)
def test_a_region_that_worked_before_is_tried_again(codepipeline, at, state):
    looks_first = state.may_have_started
    call = "list_pipeline_executions" if looks_first else "start_pipeline_execution"
    codepipeline.add_client_error(call, "UnrecognizedClientException")
    made = begun(state, codepipeline)
    assert made["ended"] is False
    assert made["snapshot"]["status"] == "unreadable"


def test_a_run_that_never_reached_its_target_reports_the_last_aws_error(codepipeline, at):
    codepipeline.add_client_error("start_pipeline_execution", "RequestExpired", "Look at the clock")
    assert begun(STATE, codepipeline)["ended"] is False
    codepipeline.add_client_error("list_pipeline_executions", "RequestExpired", "Look at the clock")
    at(3_600)
    report = begun(replace(STATE, memory=Memory(1)), codepipeline)["report"]
    assert (report["outcome"], report["status"]) == ("TimedOut", "unreadable")
    assert "AWS returned an error: RequestExpired: Look at the clock." in report["cause"]


@pytest.mark.parametrize(
    "again",
    [
        {"attempt": 1},
        {"memory": Memory(1)},
        {"request": replace(STATE.request, has_token=True)},
    ],
)
@pytest.mark.interleaving(33, 37, 39)
def test_an_execution_that_an_earlier_attempt_started_is_followed(codepipeline, at, again):
    state = replace(STATE, **again)
    lists(
        codepipeline,
        summary(OTHER, "InProgress", 1, **THEIRS),
        summary(ID, "Succeeded", **OURS),
    )

    assert begun(state, codepipeline)["changes"]["execution"]["pipelineExecutionId"] == ID


@pytest.mark.parametrize("again", [{"attempt": 1}, {"memory": Memory(1)}])
@pytest.mark.interleaving(34)
def test_without_an_earlier_start_the_target_is_started_with_the_same_token(
    codepipeline, at, again
):
    lists(codepipeline, summary(OTHER, "InProgress", 1, **THEIRS))
    starts(codepipeline)
    assert (
        begun(replace(STATE, **again), codepipeline)["changes"]["execution"]["pipelineExecutionId"]
        == ID
    )


@pytest.mark.parametrize("value", ["1.0", "2.0"])
def test_an_execution_started_with_the_same_token_is_compared_to_the_input(codepipeline, at, value):
    state = asked(hasToken=True, variables=[{"name": "IMAGE", "value": value}])
    lists(codepipeline)
    codepipeline.add_response("start_pipeline_execution", {"pipelineExecutionId": ID})
    lists(codepipeline)
    lists(codepipeline, summary(ID, "InProgress", **OURS))
    reads(codepipeline, "InProgress", variables=[{"name": "IMAGE", "resolvedValue": "1.0"}])

    # The execution is not listed yet, so the run waits.
    first = begun(state, codepipeline)
    assert (first["ended"], first["changes"]["execution"]) == (False, None)

    # Once the execution is listed, the run follows it only if it matches the input.
    again = replace(state, memory=Memory(1))
    if value == "1.0":
        assert begun(again, codepipeline)["changes"]["execution"]["pipelineExecutionId"] == ID
    else:
        with pytest.raises(PipelineExecutionMismatch, match=r"IMAGE is '1\.0', not '2\.0'"):
            begun(again, codepipeline)


def test_a_run_waits_while_the_pipeline_has_too_many_executions(codepipeline, at):
    code = "ConcurrentPipelineExecutionsLimitExceededException"
    codepipeline.add_client_error("start_pipeline_execution", code, "50 are running")
    made = begun(STATE, codepipeline)
    assert made["ended"] is False
    assert made["snapshot"]["status"] == "busy"

    # The pipeline stays at its limit until the deadline.
    codepipeline.add_client_error("start_pipeline_execution", code, "50 are running")
    at(3_599.5)
    assert waits(begun(STATE, codepipeline)) == 1.5  # rounded up to a whole second
    at(3_600)
    report = begun(STATE, codepipeline)["report"]
    assert report["outcome"] == "TimedOut"


def test_a_given_execution_is_followed_if_it_exists(codepipeline, at):
    reads(codepipeline, "Failed")
    made = begun(asked(pipelineExecutionId=ID), codepipeline)
    assert made["changes"]["execution"] == {"pipelineExecutionId": ID}
    codepipeline.add_client_error("get_pipeline_execution", "PipelineExecutionNotFoundException")
    with pytest.raises(PipelineExecutionNotFound, match="does not exist"):
        begun(asked(pipelineExecutionId=ID), codepipeline)


def test_a_pipeline_that_never_ran_is_a_success_if_on_never_run_is_succeed(codepipeline, at):
    lists(codepipeline)
    made = begun(asked(mode="latest", onNeverRun="succeed"), codepipeline)
    assert made["report"] == {"outcome": "Idle", "neverRun": True}


def test_a_run_that_does_not_wait_ends_after_the_start(codepipeline, at):
    starts(codepipeline)
    made = begun(asked(wait=False), codepipeline)
    assert made["ended"] is True
    assert made["report"] == {"outcome": "Started"}
    assert made["changes"]["execution"]["pipelineExecutionId"] == ID


def many(codepipeline, pages, *newest, minute=-9, **more):
    for page in range(pages):
        ended = summary(f"{page}", "Succeeded", minute, **more)
        codepipeline.add_response(
            "list_pipeline_executions",
            {
                "pipelineExecutionSummaries": [*(newest if not page else ()), *[ended] * 100],
                "nextToken": f"{page}",
            },
        )


def state_shows(codepipeline, *stages):
    codepipeline.add_response("get_pipeline_state", {"stageStates": list(stages)})


INSIDE = {
    "stageName": "Deploy",
    "latestExecution": {"pipelineExecutionId": OTHER, "status": "InProgress"},
}
BEFORE = {
    "stageName": "Deploy",
    "latestExecution": {"pipelineExecutionId": THIRD, "status": "Succeeded"},
    "inboundExecutions": [{"pipelineExecutionId": OTHER, "status": "InProgress"}],
}


@pytest.mark.parametrize("stage", [INSIDE, BEFORE])
def test_with_over_1000_executions_the_state_shows_the_running_ones(codepipeline, at, stage):
    many(codepipeline, 10, executionMode="QUEUED")
    state_shows(codepipeline, stage)
    state_shows(codepipeline, stage)
    made = begun(asked(mode="idle"), codepipeline)
    assert made["ended"] is False
    assert made["snapshot"]["waitsFor"] == [OTHER]


@pytest.mark.parametrize(
    "mode, stages, is_certain",
    [
        ("QUEUED", [{"stageName": "Deploy"}], True),
        ("SUPERSEDED", [{"stageName": "Deploy"}], True),
        ("PARALLEL", [{"stageName": "Deploy"}], False),
        ("PARALLEL", [], False),
        ("QUEUED", [], False),
    ],
)
@pytest.mark.parametrize("policy", [{"mode": "idle"}, {"ifRunning": "skip"}])
def test_with_over_1000_executions_the_uncertainty_is_reported(
    codepipeline, at, mode, stages, is_certain, policy
):
    many(codepipeline, 10, executionMode=mode)
    state_shows(codepipeline, *stages)
    if "ifRunning" in policy:
        starts(codepipeline)
    made = begun(asked(**policy), codepipeline)
    assert made["changes"].get("memory", {}) == ({} if is_certain else {"runningUnknown": True})


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
def test_without_the_state_running_executions_are_unknown(codepipeline, at, code):
    many(codepipeline, 10, executionMode="QUEUED")
    codepipeline.add_client_error("get_pipeline_state", code)
    made = begun(asked(mode="idle"), codepipeline)
    assert made["report"]["outcome"] == "Idle"
    assert made["changes"]["memory"] == {"runningUnknown": True}


@pytest.mark.parametrize("minute, is_read", [(1, True), (-0.5, True), (-2, False)])
def test_the_search_for_an_earlier_start_covers_all_executions_since_then(
    codepipeline, at, minute, is_read
):
    many(codepipeline, 10, minute=minute)
    if is_read:
        lists(codepipeline, summary(ID, "InProgress", **OURS))
    else:
        starts(codepipeline)
    made = begun(replace(STATE, attempt=1), codepipeline)
    assert made["changes"]["execution"]["pipelineExecutionId"] == ID


def test_a_running_execution_among_the_first_1000_is_enough(codepipeline, at):
    many(codepipeline, 10, summary(OTHER, "InProgress"), executionMode="PARALLEL")
    made = begun(asked(ifRunning="skip"), codepipeline)
    assert made["report"] == {"outcome": "Skipped", "status": "InProgress"}
    assert "memory" not in made["changes"]


@pytest.mark.parametrize(
    "known, outcome", [("Succeeded", "Idle"), ("InProgress", None), ("Paused", None)]
)
def test_a_status_that_the_list_lacks_is_read(codepipeline, at, known, outcome):
    odd = summary(ID, "Paused")
    lists(codepipeline, odd)
    reads(codepipeline, known)
    if known == "InProgress":
        state_shows(codepipeline, INSIDE)
        codepipeline.add_response("list_action_executions", {"actionExecutionDetails": []})
    made = begun(asked(mode="idle"), codepipeline)
    assert made.get("report", {}).get("outcome") == outcome


def test_a_status_that_cannot_be_determined_is_polled_again(codepipeline, at):
    lists(codepipeline, {"pipelineExecutionId": ID})
    codepipeline.add_response("get_pipeline_execution", {"pipelineExecution": {}})
    made = begun(asked(mode="idle"), codepipeline)
    assert (made["ended"], made["snapshot"]["status"]) == (False, "unreadable")


@pytest.mark.parametrize("code", ["AccessDeniedException", "PipelineExecutionNotFoundException"])
def test_a_denied_status_only_makes_the_result_uncertain(codepipeline, at, code):
    lists(codepipeline, {"pipelineExecutionId": ID})
    codepipeline.add_client_error("get_pipeline_execution", code)
    made = begun(asked(mode="idle"), codepipeline)
    assert made["report"]["outcome"] == "Idle"
    # An execution that is not found has ended.
    assert ("memory" in made["changes"]) is (code == "AccessDeniedException")


@pytest.mark.parametrize(
    "sign",
    [
        {"executionType": "ROLLBACK"},
        {"trigger": {"triggerType": "AutomatedRollback", "triggerDetail": "x"}},
        {"rollbackMetadata": {"rollbackTargetPipelineExecutionId": THIRD}},
    ],
)
def test_a_rollback_is_not_joined(codepipeline, at, sign):
    lists(codepipeline, summary(OTHER, "InProgress", 9, **sign), summary(ID, "InProgress", 1))
    joined = begun(asked(ifRunning="join"), codepipeline)
    assert joined["changes"]["execution"]["pipelineExecutionId"] == ID

    lists(codepipeline, summary(OTHER, "InProgress", 9, **sign))
    starts(codepipeline)
    started = begun(asked(ifRunning="join"), codepipeline)
    assert started["changes"]["execution"]["pipelineExecutionId"] == ID


def test_the_latest_execution_is_the_one_that_started_last(codepipeline, at):
    many(codepipeline, 9)
    codepipeline.add_response(
        "list_pipeline_executions",
        {"pipelineExecutionSummaries": [summary(OTHER, "Failed", 1), summary(ID, "Failed", 0)]},
    )
    made = begun(asked(mode="latest"), codepipeline)
    assert made["changes"]["execution"]["pipelineExecutionId"] == OTHER


def test_executions_without_ids_do_not_mean_that_the_pipeline_never_ran(codepipeline, at):
    lists(codepipeline, {"status": "Succeeded"})
    made = begun(asked(mode="latest"), codepipeline)
    assert (made["ended"], made["snapshot"]["status"]) == (False, "unreadable")
