from __future__ import annotations

import json

import pytest

from codepipeline_sandbox.stepfunctions.language.errors import StateFailed
from tests.statemachine.one_visit import at, known, visited

ID = "aaaaaaaa-1111-2222-3333-444444444444"
FOLLOWED = {"pipelineExecutionId": ID}
TEMPORARY = [
    "TargetUnavailable",
    "States.Timeout",
    "Lambda.ServiceException",
    "Runtime.ExitError",
    "Sandbox.Timedout",
]
FINAL = [
    "InvalidInput",
    "PipelineNotFound",
    "States.DataLimitExceeded",
    "Lambda.AccessDeniedException",
    "Lambda.ResourceNotFoundException",
]


def _next(given, *, later=0.0, stopped=None, **run):
    return visited("ChooseNext", given, later=later, run=known(**run), stopped=stopped).next


@pytest.mark.parametrize(
    "then",
    ["ConfirmAction", "TakeTurn", "StartExecution", "GetState", "RetryStage", "StopExecution"],
)
@pytest.mark.parametrize("ended", [True, False])
def test_a_result_can_name_the_next_state(then, ended):
    report = {"outcome": "Failed"}
    given = {"then": then, "ended": ended, "report": report}
    assert _next(given, execution=FOLLOWED, job={"renewAt": at(0)}) == then


@pytest.mark.parametrize("abandoned", [True, False])
@pytest.mark.parametrize("on_abort, stops", [("leave", False), ("stop", True), ("abandon", True)])
def test_on_abort_decides_whether_the_target_of_an_abandoned_action_is_stopped(
    abandoned, on_abort, stops
):
    run = {
        "abandoned": abandoned,
        "execution": FOLLOWED,
        "request": {"onAbort": on_abort},
        "job": {"renewAt": at(0)},
    }
    stopped = abandoned and stops
    assert _next({"ended": False}, **run) == ("StopExecution" if stopped else "RenewJob")

    given = {"ended": True, "then": "RetryStage", "report": {"outcome": "Failed"}}
    assert _next(given, **run) == ("ReportJobResult" if stopped else "RetryStage")


@pytest.mark.parametrize(
    "change, expected",
    [
        ({}, "StopExecution"),
        ({"execution": None}, "WaitUntilIdle"),
        ({"stopped": ID}, "WaitForTarget"),
        ({"stopped": "bbbbbbbb-1111-2222-3333-444444444444"}, "StopExecution"),
        ({"given": {"ended": False, "later": True}}, "WaitForTarget"),
        ({"given": {"ended": True, "report": {"outcome": "TimedOut"}}}, "StopExecution"),
        ({"given": {"ended": True, "report": {"outcome": "Failed"}}}, "ReportJobResult"),
        ({"deadline": 130.001}, "StopExecution"),
        ({"deadline": 130}, "WaitForTarget"),
        (
            {"deadline": 9, "given": {"ended": True, "report": {"outcome": "TimedOut"}}},
            "StopExecution",
        ),
    ],
)
def test_an_abandoned_target_is_stopped_once_and_early_enough(change, expected):
    usual = {"abandoned": True, "execution": FOLLOWED, "request": {"onAbort": "stop"}}
    assert _next(**{"given": {"ended": False}, **usual, **change}) == expected


@pytest.mark.parametrize(
    "renewal, deadline, expected",
    [
        (0, 3_600, "RenewJob"),
        (-60, 3_600, "RenewJob"),
        (0.001, 3_600, "WaitForTarget"),
        (0, 130.001, "RenewJob"),
        (0, 130, "WaitForTarget"),
        (None, 3_600, "WaitForTarget"),
    ],
)
def test_a_job_is_renewed_when_it_is_due_and_not_close_to_the_deadline(renewal, deadline, expected):
    job = None if renewal is None else {"renewAt": at(renewal)}
    given = {"ended": False}
    assert _next(given, execution=FOLLOWED, job=job, deadline=deadline) == expected
    assert _next({"ended": False}, job={"renewAt": at(0)}) == "RenewJob"


@pytest.mark.parametrize(
    "listening, expected",
    [
        (None, "WaitForTarget"),
        ({}, "WaitToListen"),
        ({"refused": 2}, "WaitToListen"),
        ({"refused": 3}, "WaitForTarget"),
        ({"heard": 0}, "WaitForEvent"),
        ({"heard": 4, "refused": 3}, "WaitForEvent"),
    ],
)
def test_a_run_checks_three_times_whether_events_arrive_before_it_waits_for_them(
    listening, expected
):
    assert _next({"ended": False}, execution=FOLLOWED, listening=listening) == expected
    assert _next({"ended": False}, execution=None, listening=listening) == "WaitUntilIdle"


@pytest.mark.parametrize("error", [*TEMPORARY, "JobsUnavailable", "JobUnanswered"])
def test_the_run_waits_until_an_error_of_aws_passes(error):
    left = visited("IsTemporary", {"Error": error}, run=known(), failedPolls=3)
    assert left.next == "PollLater"


@pytest.mark.parametrize("error", FINAL)
def test_a_final_error_ends_the_run_and_is_reported(error):
    left = visited("IsTemporary", {"Error": error, "Cause": "why"}, run=known(), failedPolls=0)
    assert left.next == "ReportJobResult"
    assert left.output == {"outcome": "Error", "error": error, "cause": "why"}


def test_the_failure_is_still_reported_if_the_retry_is_refused():
    report = {"outcome": "Failed", "notRetried": "denied"}
    given = {"Error": "TargetAccessDenied", "Cause": "why", "report": report}
    left = visited("IsTemporary", given, run=known(), failedPolls=0)
    assert (left.next, left.output) == ("ReportJobResult", report)


@pytest.mark.parametrize(
    "failed, after, expected",
    [
        (0, -0.001, "PollLater"),
        (0, 0, "NotReadable"),
        (1, 7.999, "PollLater"),
        (2, 7.999, "PollLater"),
        (1, 8, "NotReadable"),
        (2, 8, "NotReadable"),
        (3, 0, "NotReadable"),
        (3, -0.001, "PollLater"),
    ],
)
def test_failed_polls_are_repeated_until_eight_seconds_after_the_deadline(failed, after, expected):
    given = {"Error": "TargetUnavailable", "Cause": "busy"}
    run = known(deadline=100)
    left = visited("IsTemporary", given, later=100 + after, run=run, failedPolls=failed)
    assert left.next == expected


def test_a_stage_that_was_not_retried_by_the_deadline_is_reported_as_failed():
    report = {"outcome": "Failed"}
    given = {"Error": "TargetUnavailable", "Cause": "busy", "report": report}
    left = visited("IsTemporary", given, later=101, run=known(deadline=100), failedPolls=0)
    assert (left.next, left.output) == ("ReportJobResult", report)


@pytest.mark.parametrize(
    "on_timeout, execution, then",
    [
        ("leave", FOLLOWED, None),
        ("stop", FOLLOWED, "StopExecution"),
        ("abandon", FOLLOWED, "StopExecution"),
        ("stop", None, None),
    ],
)
def test_on_timeout_decides_whether_an_unreadable_target_is_stopped(on_timeout, execution, then):
    run = known(request={"onTimeout": on_timeout}, execution=execution)
    left = visited("NotReadable", {"Error": "TargetUnavailable", "Cause": "busy"}, run=run)
    report = {"outcome": "TimedOut", "status": "unreadable", "cause": "busy"}
    assert left.output == {"ended": True, "then": then, "report": report}


@pytest.mark.parametrize(
    "error, after, expected",
    [(error, 49.999, "WaitToStop") for error in TEMPORARY]
    + [(error, 50, "NotStopped") for error in TEMPORARY]
    + [(error, 0, "NotStopped") for error in FINAL],
)
def test_a_stop_is_retried_as_long_as_it_cannot_delay_the_outcome(error, after, expected):
    given = {"ended": True, "Error": error, "report": {}}
    left = visited("HasTimeToStop", given, later=100 + after, run=known(deadline=100))
    assert left.next == expected


def test_a_stop_before_the_deadline_is_retried_after_the_next_poll():
    given = {"ended": False, "Error": "TargetAccessDenied", "report": {}}
    assert visited("HasTimeToStop", given, run=known()).next == "PollLater"


def test_a_report_mentions_the_failed_stop():
    given = {"Error": "TargetUnavailable", "Cause": "busy", "report": {"outcome": "TimedOut"}}
    assert visited("NotStopped", given, run=known()).output == {
        "outcome": "TimedOut",
        "notStopped": "StopPipelineExecution failed (TargetUnavailable)",
        "cause": "busy",
    }


@pytest.mark.parametrize("outcome", ["Succeeded", "Started", "Skipped", "Idle"])
def test_a_run_without_a_job_can_succeed_even_if_its_report_fails(outcome):
    run = known(target={"pipelineName": "deploy"}, execution=FOLLOWED)
    left = visited("CanSucceedUnreported", {"outcome": outcome}, run=run)
    assert left.next == "Succeeded"
    assert left.output == {
        "message": (
            f"Pipeline deploy: {outcome}. The full report could not be created. The log of the "
            "ReportJobResult function has the reason. To see the run:\npipeline-run show one"
        ),
        "outcome": outcome,
        "pipelineExecutionId": ID,
        "target": {"pipelineName": "deploy"},
        "outputVariables": {"outcome": outcome, "pipelineExecutionId": ID},
    }


@pytest.mark.parametrize(
    "job, report, expected",
    [
        (None, {"outcome": "Failed"}, "NotReported"),
        (None, {"outcome": "Superseded"}, "NotReported"),
        (None, {"outcome": "Superseded", "accepted": True}, "Succeeded"),
        ({"renewAt": at(0)}, {"outcome": "Succeeded"}, "NotReported"),
        ({"renewAt": at(0)}, {"outcome": "Superseded", "accepted": True}, "NotReported"),
    ],
)
def test_an_open_job_or_a_failed_target_keeps_an_unreported_run_from_succeeding(
    job, report, expected
):
    run = known(target={"pipelineName": "deploy"}, job=job)
    left = visited("CanSucceedUnreported", report, run=run)
    assert left.next == expected
    if expected == "Succeeded":
        assert left.output["pipelineExecutionId"] is None
        assert left.output["outputVariables"] == {"outcome": report["outcome"]}


def test_the_cause_of_an_unreported_end_contains_the_outcome_and_stays_short():
    long = {"variables": ["v"], "sourceRevisions": ["r"]}
    request = {"mode": "start", "outputVariables": ["o"], **long}
    details = {"failures": ["f"], "targetVariables": ["t"], "approvals": ["a"], **long}
    given = {"outcome": "Failed", "details": details, "cause": f"{'a' * 2_000}{'b' * 3_000}"}
    run = known(request=request, target={"pipelineName": "deploy"}, execution=FOLLOWED)

    with pytest.raises(StateFailed) as failed:
        visited("NotReported", given, run=run)

    assert failed.value.error == "ResultNotReported"
    assert json.loads(failed.value.cause or "") == {
        "message": (
            "The outcome is in the report below, but could not be reported. The log of the "
            "ReportJobResult function has the reason."
        ),
        "target": {"pipelineName": "deploy"},
        "request": {"mode": "start", **known()["request"]},
        "execution": FOLLOWED,
        "report": {
            "outcome": "Failed",
            "details": {"failures": ["f"]},
            "cause": f"{'a' * 2_000}{'b' * 2_000}",
        },
    }


@pytest.mark.parametrize("details", [{"variables": ["v"]}, {"approvals": ["a"]}])
def test_the_cause_of_an_unreported_end_has_no_details_if_they_could_be_too_long(details):
    with pytest.raises(StateFailed) as failed:
        visited("NotReported", {"outcome": "Failed", "details": details}, run=known())
    assert json.loads(failed.value.cause or "")["report"] == {"outcome": "Failed"}
