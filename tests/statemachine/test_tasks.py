from __future__ import annotations

import pytest

from tests.statemachine.one_visit import EXECUTION, NOW, at, attempted, known

ID = "aaaaaaaa-1111-2222-3333-444444444444"
TARGET = {"account": "222233334444", "region": "eu-west-1", "pipelineName": "deploy"}
RUN = known(
    run=EXECUTION["Id"],
    target=TARGET,
    execution={"pipelineExecutionId": ID},
    memory={"polls": 4, "superseded": "x"},
    job={"digest": "d", "renewAt": at(60)},
    pollAt=at(90),
    listening={
        "execution": "key",
        "heard": 3,
        "endAnnounced": False,
        "polls": 7,
        "refused": 1,
        "wakes": 5,
    },
)
SECONDS = int(NOW.timestamp())
FAILURE = {"Error": "Broken", "Cause": "why"}
CHANGED = {"memory": {"polls": 5}, "pollAt": at(200)}


def _asked(name, given=None, **more):
    return attempted(name, given, answer=ANSWER, run=RUN, failedPolls=0, **more).arguments[
        "Payload"
    ]


ANSWER = {"Payload": {"changes": CHANGED, "ended": False, "report": {"outcome": "Failed"}}}


def test_assume_role_receives_the_input_and_returns_the_state_of_the_run():
    given = {"pipelineName": "deploy"}
    done = attempted("AssumeRole", given, answer=ANSWER)
    assert done.arguments["Payload"] == {
        "run": EXECUTION["Id"],
        "startTime": EXECUTION["StartTime"],
        "attempt": 0,
        "input": given,
    }
    assert done.left.assign == {"run": CHANGED, "failedPolls": 0, "stopped": None}
    assert (done.left.next, done.left.output) == ("ChooseNext", ANSWER["Payload"])


@pytest.mark.parametrize(
    "given, job",
    [
        ({"job": {"secret": "d"}}, {"digest": "d", "renewAt": EXECUTION["StartTime"]}),
        ({"job": {"secret": 1}}, None),
        ({"job": "none"}, None),
        ({}, None),
    ],
)
def test_a_run_that_cannot_begin_still_answers_its_job(given, job):
    left = attempted("AssumeRole", given, error="Broken", execution={"Input": given}).left
    assert left.next == "ReportJobResult"
    assert left.assign == {"run": {"run": EXECUTION["Id"], "job": job}}
    assert left.output == {"outcome": "Error", "error": "Broken", "cause": "why"}


FUNCTIONS = ["ConfirmAction", "StartExecution", "GetState", "RetryStage", "RenewJob"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_result_of_a_function_updates_the_state_of_the_run(name):
    given = {"report": {"outcome": "Failed"}, "snapshot": {"status": "InProgress"}}
    left = attempted(name, given, answer=ANSWER, run=RUN, failedPolls=3).left
    counted = {"failedPolls": 0} if name == "GetState" else {}
    assert left.assign == {"run": {**RUN, **CHANGED}, **counted}


@pytest.mark.parametrize("name", ["StartExecution", "GetState", "RetryStage"])
def test_the_result_of_a_function_decides_the_next_state(name):
    given = {"report": {"outcome": "Failed"}}
    left = attempted(name, given, answer=ANSWER, run=RUN, failedPolls=0).left
    assert (left.next, left.output) == ("ChooseNext", ANSWER["Payload"])


@pytest.mark.parametrize("name", ["ConfirmAction", "StartExecution", "GetState"])
def test_the_error_of_a_function_decides_whether_the_run_tries_again(name):
    left = attempted(name, {}, error="Broken", run=RUN, failedPolls=1).left
    assert (left.next, left.output) == ("IsTemporary", FAILURE)


def test_each_function_receives_the_state_of_the_run():
    report, snapshot = {"outcome": "Failed"}, {"status": "InProgress"}
    given = {"report": report, "snapshot": snapshot}
    assert _asked("ConfirmAction") == {**RUN, "state": "ConfirmAction", "redrives": 2}
    assert _asked("StartExecution") == {**RUN, "attempt": 2}
    assert _asked("GetState") == RUN
    assert _asked("RetryStage", given) == {**RUN, "attempt": 2, "report": report}
    assert _asked("RenewJob", given) == {**RUN, "state": "RenewJob", "snapshot": snapshot}
    assert _asked("RenewJob", {}) == {**RUN, "state": "RenewJob"}
    assert _asked("ReportJobResult", report) == {
        **RUN,
        "state": "ReportJobResult",
        "startTime": EXECUTION["StartTime"],
        "report": report,
    }


@pytest.mark.parametrize("name", ["StartExecution", "RetryStage"])
@pytest.mark.parametrize("retries, redrives, attempt", [(0, 0, 0), (2, 0, 2), (0, 3, 3), (2, 3, 5)])
def test_a_function_receives_the_number_of_its_attempt(name, retries, redrives, attempt):
    given = {"report": {"outcome": "Failed"}}
    redriven = {"RedriveCount": redrives}
    done = _asked(name, given, retries=retries, execution=redriven)
    assert done["attempt"] == attempt


@pytest.mark.parametrize("memory", [None, {"superseded": "x"}])
def test_after_a_failed_start_the_run_searches_for_its_execution_first(memory):
    assigned = attempted(
        "StartExecution", error="Broken", run={**RUN, "memory": memory}
    ).left.assign
    expected = {"polls": 1, **(memory or {}), "startTriedAt": at(205)}
    assert assigned == {"run": {**RUN, "memory": expected}}


def test_failed_polls_are_counted():
    assert attempted("GetState", error="Broken", run=RUN, failedPolls=3).left.assign == {
        "failedPolls": 4
    }


@pytest.mark.parametrize(
    "memory, details, since",
    [
        ({}, {"endTime": at(-20)}, at(-20)),
        ({}, {}, at(-10)),
        ({}, None, at(-10)),
        ({"retryUnsureSince": at(-99)}, {"endTime": at(-20)}, at(-99)),
    ],
)
def test_after_a_failed_retry_the_run_searches_for_later_actions(memory, details, since):
    report = {"outcome": "Failed", "seenAt": at(-10), "details": details}
    given = {"report": {name: each for name, each in report.items() if each is not None}}
    run = {**RUN, "memory": {"polls": 4, **memory}}
    left = attempted("RetryStage", given, error="Broken", run=run).left
    assert left.assign == {"run": {**run, "memory": {"polls": 4, "retryUnsureSince": since}}}
    failed = {"notRetried": "RetryStageExecution failed (Broken)", "cause": "why"}
    assert left.output == {**FAILURE, "report": {**given["report"], **failed}}
    assert left.next == "IsTemporary"


def test_a_run_takes_the_turn_for_five_minutes():
    done = attempted("TakeTurn", answer={}, run=RUN)
    assert {name: each for name, each in done.arguments.items() if name != "TableName"} == {
        "Item": {
            "execution": {"S": "222233334444/eu-west-1/deploy/turn"},
            "run": {"S": "one"},
            "until": {"N": str(SECONDS + 300)},
            "expires": {"N": str(SECONDS + 86_400)},
        },
        "ConditionExpression": "attribute_not_exists(execution) OR #until < :now OR #run = :run",
        "ExpressionAttributeNames": {"#until": "until", "#run": "run"},
        "ExpressionAttributeValues": {":now": {"N": str(SECONDS)}, ":run": {"S": "one"}},
    }
    assert done.left.assign == {"run": {**RUN, "turnUntil": at(300)}}
    assert done.left.next == "StartExecution"


@pytest.mark.parametrize("taken", [0, 0.001, 0.5, 0.999])
def test_a_turn_becomes_free_within_a_second_of_its_end_and_never_earlier(taken):
    first = attempted("TakeTurn", answer={}, run=RUN, later=taken)
    until = int(first.arguments["Item"]["until"]["N"])
    assert first.left.assign["run"]["turnUntil"] == at(taken + 300)

    def now(seconds):
        later = attempted("TakeTurn", answer={}, run=RUN, later=taken + seconds)
        return int(later.arguments["ExpressionAttributeValues"][":now"]["N"])

    # Times are whole seconds, so `until < now` becomes true at most a second after the turn's end.
    assert not until < now(300)
    assert until < now(301)


def test_a_run_that_cannot_reach_the_table_starts_the_target():
    left = attempted("TakeTurn", error="DynamoDb.Unknown", run=RUN).left
    assert left.assign == {"run": {**RUN, "turnUntil": at(300)}}
    assert left.next == "StartExecution"


@pytest.mark.parametrize("deadline, poll_at", [(3_600, 60), (30, 30), (30.5, 31)])
def test_a_run_waits_a_minute_while_another_run_has_the_turn(deadline, poll_at):
    run = known(deadline=deadline)
    error = "DynamoDb.ConditionalCheckFailedException"
    left = attempted("TakeTurn", error=error, run={**RUN, **run}).left
    assert left.assign == {"run": {**RUN, **run, "pollAt": at(poll_at)}}
    assert (left.next, left.output) == ("ChooseNext", {"ended": False})


UNKNOWN = {"execution": "key", "endAnnounced": False, "polls": 7, "refused": 2, "wakes": 5}


def test_the_count_of_events_is_read_before_a_poll():
    done = attempted("ReadEventCount", answer={}, run=RUN)
    assert done.arguments["Key"] == {"execution": {"S": "key"}}
    assert done.arguments["ConsistentRead"] is True
    assert done.arguments["ProjectionExpression"] == "heard"
    assert done.left.next == "GetState"


@pytest.mark.parametrize("heard", ["0", "1", "12"])
def test_a_run_that_knows_the_count_waits_for_the_next_event(heard):
    item = {"Item": {"heard": {"N": heard}}}
    left = attempted("ReadEventCount", answer=item, run=RUN).left
    listening = {
        "heard": int(heard),
        "endAnnounced": heard != "0",
        "polls": 0,
        "refused": 0,
        "wakes": 6,
    }
    assert left.assign == {"run": {**RUN, "listening": {"execution": "key", **listening}}}


@pytest.mark.parametrize("more", [{"answer": {}}, {"error": "Broken"}])
def test_a_run_that_does_not_know_the_count_does_not_wait_for_events(more):
    left = attempted("ReadEventCount", run=RUN, **more).left
    assert left.assign == {"run": {**RUN, "listening": UNKNOWN}}
    assert left.next == "GetState"

    # This run has not read the count before.
    first = {**RUN, "listening": {"execution": "key"}}
    left = attempted("ReadEventCount", run=first, **more).left
    assert left.assign == {"run": {**RUN, "listening": {"execution": "key", "refused": 1}}}


@pytest.mark.parametrize("poll_at, timeout", [(90, 90), (0.001, 1), (1.001, 2), (0, 1), (-7, 1)])
def test_a_run_waits_for_an_event_until_the_next_poll_is_due(poll_at, timeout):
    given = {"heard": 4, "endAnnounced": False}
    done = attempted("WaitForEvent", answer=given, run={**RUN, "pollAt": at(poll_at)})
    assert {name: each for name, each in done.arguments.items() if name != "TableName"} == {
        "Key": {"execution": {"S": "key"}},
        "UpdateExpression": "SET #wait = :token",
        "ConditionExpression": "heard = :heard",
        "ExpressionAttributeNames": {"#wait": "wait:one"},
        "ExpressionAttributeValues": {":token": {"S": "token"}, ":heard": {"N": "3"}},
    }
    assert done.timeout == timeout


@pytest.mark.parametrize(
    "announced_before, announced, heard, expected",
    [
        (False, False, 4, False),
        (False, True, 4, True),
        (True, False, 4, True),
        # The run missed an event, which may have announced the target's end.
        (False, False, 5, True),
    ],
)
def test_an_event_ends_the_wait_and_may_announce_the_end(
    announced_before, announced, heard, expected
):
    run = {**RUN, "listening": {**RUN["listening"], "endAnnounced": announced_before}}
    left = attempted(
        "WaitForEvent", answer={"heard": heard, "endAnnounced": announced}, run=run
    ).left
    listening = {"heard": heard, "endAnnounced": expected, "polls": 0, "refused": 0, "wakes": 6}
    assert left.assign == {"run": {**RUN, "listening": {"execution": "key", **listening}}}
    assert left.next == "GetState"


@pytest.mark.parametrize(
    "error, expected",
    [
        ("States.Timeout", "GetState"),
        ("DynamoDb.ConditionalCheckFailedException", "ReadEventCount"),
    ],
)
def test_a_wait_without_an_event_changes_nothing(error, expected):
    left = attempted("WaitForEvent", error=error, run=RUN).left
    assert (left.next, left.assign) == (expected, {})


@pytest.mark.parametrize("deadline, poll_at", [(3_600, 30), (20, 20), (20.5, 21)])
def test_a_run_polls_soon_if_the_table_fails(deadline, poll_at):
    run = {**RUN, **known(deadline=deadline)}
    left = attempted("WaitForEvent", error="DynamoDb.Unknown", run=run).left
    assert left.assign == {"run": {**run, "listening": UNKNOWN, "pollAt": at(poll_at)}}
    assert left.next == "WaitForTarget"


@pytest.mark.parametrize("poll_at, expected", [(90, 90), (500, 120), (120, 120)])
def test_a_failed_renewal_is_due_again_after_two_minutes(poll_at, expected):
    run = {**RUN, "pollAt": at(poll_at)}
    left = attempted("RenewJob", {}, error="Broken", run=run).left
    job = {"digest": "d", "renewAt": at(120)}
    assert left.assign == {"run": {**run, "job": job, "pollAt": at(expected)}}
    assert (left.next, left.output) == ("ChooseNext", {"ended": False})


@pytest.mark.parametrize("abandoned", [True, False])
@pytest.mark.parametrize("execution", [None, {"pipelineExecutionId": ID}])
def test_a_run_whose_action_was_abandoned_before_the_start_returns_to_start_execution(
    abandoned, execution
):
    answer = {"Payload": {"changes": {"abandoned": abandoned}}}
    left = attempted("RenewJob", {}, answer=answer, run={**RUN, "execution": execution}).left
    then = "StartExecution" if abandoned and execution is None else None
    assert (left.next, left.output) == ("ChooseNext", {"ended": False, "then": then})


@pytest.mark.parametrize("report", [{}, {"report": {"outcome": "TimedOut"}}])
@pytest.mark.parametrize(
    "then, why",
    [
        ({}, "Abandoned action"),
        ({"then": "StopExecution"}, "Deadline"),
        ({"then": None}, "Abandoned action"),
    ],
)
def test_stop_execution_receives_the_reason_for_the_stop(report, then, why):
    given = {"ended": True, **report, **then}
    done = attempted("StopExecution", given, answer=ANSWER, run=RUN)
    assert done.arguments["Payload"] == {**RUN, "report": report.get("report", {}), "why": why}
    assert done.left.assign == {"stopped": ID}
    assert done.left.output == {"ended": True, "report": ANSWER["Payload"]}
    assert done.left.next == "ChooseNext"

    left = attempted("StopExecution", given, error="Broken", run=RUN).left
    assert (left.next, left.output, left.assign) == ("HasTimeToStop", {**given, **FAILURE}, {})


def test_after_the_report_the_run_ends():
    report = {"outcome": "Succeeded"}
    left = attempted("ReportJobResult", report, answer=ANSWER, run=RUN).left
    assert (left.next, left.output) == ("HasSucceeded", ANSWER["Payload"])
    left = attempted("ReportJobResult", report, error="Broken", run=RUN).left
    assert (left.next, left.output) == ("CanSucceedUnreported", report)
