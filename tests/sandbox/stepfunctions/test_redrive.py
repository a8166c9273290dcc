"""An execution that is redriven continues where it failed or was stopped.

https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
"""

import json
from datetime import timedelta

import pytest

from codepipeline_sandbox.stepfunctions import acceptance
from codepipeline_sandbox.stepfunctions.runs import redrives
from tests.sandbox.refused import error_code

TOKEN = {"Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken"}
WAIT = {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}
FAIL = {"No": {"Type": "Fail", "Error": "E", "Cause": "C"}}
BEFORE = {"Type": "Pass", "Assign": {"who": "{% $states.input.name %}"}, "Output": {"n": 1}}


@pytest.fixture
def redrive(isolated_stepfunctions, sfn, follow):
    def redrive(arn):
        sfn.redrive_execution(executionArn=arn)
        isolated_stepfunctions.world.run()
        return follow(arn)

    return redrive


@pytest.mark.rule("D1")
@pytest.mark.rule("D2")
def test_the_failed_state_runs_again_with_its_input_and_the_variables(
    isolated_stepfunctions, run, redrive, task
):
    # given a task that fails at first, after a state that sets a variable
    calls = []

    def function(payload):
        calls.append(payload)
        if len(calls) == 1:
            raise KeyError("k")
        return "done"

    isolated_stepfunctions.functions.handlers["f"] = function
    payload = {"n": "{% $states.input.n %}", "who": "{% $who %}"}
    output = {"Output": "{% $states.result.Payload %}"}
    first = run(
        {"Before": {**BEFORE, "Next": "Do"}, "Do": task("f", payload, **output)}, {"name": "a"}
    )
    isolated_stepfunctions.world.sleep(3_600)

    # when
    end = redrive(first.arn)

    # then
    assert (first.status, end.status, end.output) == ("FAILED", "SUCCEEDED", "done")
    assert calls == [{"n": 1, "who": "a"}] * 2
    assert end.events[: len(first.events)] == first.events
    assert end.types[len(first.events) :] == [
        "ExecutionRedriven",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]


@pytest.mark.rule("D4")
def test_rerun_events_refer_to_the_states_first_entered_event(run, redrive, task):
    # given a function that does not exist at first
    first = run({"Do": task("f")})

    # when
    end = redrive(first.arn)

    # then
    redriven, scheduled, started = end.events[6:9]
    assert (redriven["id"], redriven["previousEventId"]) == (7, 0)
    assert redriven["executionRedrivenEventDetails"] == {"redriveCount": 1}
    entered = first.events[1]
    assert (entered["type"], scheduled["previousEventId"]) == ("TaskStateEntered", entered["id"])
    assert started["previousEventId"] == scheduled["id"]


@pytest.mark.rule("D2")
@pytest.mark.rule("D7")
def test_the_context_shows_redrives_and_restarts_the_retry_count(
    isolated_stepfunctions, run, redrive, task
):
    # given a task whose retries all fail
    calls = []

    def function(payload):
        calls.append(payload)
        raise KeyError("k")

    isolated_stepfunctions.functions.handlers["f"] = function
    retry = [{"ErrorEquals": ["KeyError"], "MaxAttempts": 1, "IntervalSeconds": 5}]
    context = "{% $states.context %}"
    arn = run({"Do": task("f", {"c": context}, Retry=retry)}).arn
    isolated_stepfunctions.world.sleep(60)

    # when
    redrive(arn)
    redrive(arn)

    # then
    contexts = [call["c"]["Execution"] for call in calls]
    assert [call["c"]["State"]["RetryCount"] for call in calls] == [0, 1] * 3
    assert [one["RedriveCount"] for one in contexts] == [0, 0, 1, 1, 2, 2]
    assert "RedriveTime" not in contexts[0]
    assert [one["RedriveTime"] for one in contexts[2::2]] == [
        "2026-01-05T09:01:05.000Z",
        "2026-01-05T09:01:10.000Z",
    ]
    assert {one["StartTime"] for one in contexts} == {"2026-01-05T09:00:00.000Z"}


@pytest.mark.rule("D2")
@pytest.mark.rule("D4")
def test_a_fail_state_is_entered_again_and_fails_again(run, redrive):
    # given
    first = run({"Before": {**BEFORE, "Next": "No"}, **FAIL}, {"name": "a"})

    # when
    end = redrive(first.arn)

    # then
    assert (end.status, end.error, end.cause) == ("FAILED", "E", "C")
    assert end.types[5:] == ["ExecutionRedriven", "FailStateEntered", "ExecutionFailed"]
    entered, again = first.events[3], end.events[6]
    assert again["previousEventId"] == entered["previousEventId"]
    assert again["stateEnteredEventDetails"] == entered["stateEnteredEventDetails"]


@pytest.mark.rule("D3")
def test_a_stopped_wait_starts_over_but_ends_immediately_if_its_timestamp_has_passed(
    isolated_stepfunctions, sfn, machine, redrive
):
    # given
    until = {"Wait": {"Type": "Wait", "Timestamp": "2026-01-05T09:01:00Z", "End": True}}
    arns = []
    for name, states in (("seconds", WAIT), ("until", until)):
        execution = sfn.start_execution(stateMachineArn=machine(states, name=name))
        arns.append(execution["executionArn"])
    isolated_stepfunctions.world.sleep(50)
    for arn in arns:
        sfn.stop_execution(executionArn=arn)
    isolated_stepfunctions.world.sleep(50)

    # when
    seconds, timestamp = (redrive(arn) for arn in arns)

    # then
    assert (seconds.status, seconds.seconds) == ("SUCCEEDED", 100 + 60)
    assert (timestamp.status, timestamp.seconds) == ("SUCCEEDED", 160)
    assert seconds.types.count("WaitStateEntered") == timestamp.types.count("WaitStateEntered") == 1


@pytest.mark.rule("D2")
def test_a_choice_is_evaluated_again(run, redrive):
    # given
    choice = {"Type": "Choice", "Choices": [{"Condition": "{% $x %}", "Next": "Done"}]}
    first = run({"Which": choice, "Done": {"Type": "Succeed"}})

    # when
    end = redrive(first.arn)

    # then
    assert (first.error, end.error) == ("States.QueryEvaluationError",) * 2
    assert end.types[-3:] == ["ExecutionRedriven", "EvaluationFailed", "ExecutionFailed"]


@pytest.mark.rule("D2")
@pytest.mark.rule("D8")
def test_a_task_that_waited_for_its_token_gets_a_new_one(
    isolated_stepfunctions, sfn, machine, task, follow
):
    # given an execution that was stopped while it was waiting
    tokens = []
    isolated_stepfunctions.functions.handlers["f"] = lambda event: tokens.append(event["token"])
    state = task("f", {"token": "{% $states.context.Task.Token %}"}, **TOKEN)
    arn = sfn.start_execution(stateMachineArn=machine({"Hold": state}))["executionArn"]
    isolated_stepfunctions.world.sleep(10)
    sfn.stop_execution(executionArn=arn)

    # when
    sfn.redrive_execution(executionArn=arn)
    isolated_stepfunctions.world.sleep(10)

    # then
    old, new = tokens
    assert error_code(sfn.send_task_success, taskToken=old, output="1") == "TaskTimedOut"
    assert follow(arn).status == "RUNNING"
    sfn.send_task_success(taskToken=new, output="2")
    isolated_stepfunctions.world.run()
    assert (follow(arn).status, follow(arn).output) == ("SUCCEEDED", 2)


def test_an_execution_stopped_before_its_first_state_starts_with_it(sfn, machine, redrive):
    # given
    arn = sfn.start_execution(stateMachineArn=machine(WAIT))["executionArn"]
    sfn.stop_execution(executionArn=arn)

    # when
    end = redrive(arn)

    # then
    assert end.types == [
        "ExecutionStarted",
        "ExecutionAborted",
        "ExecutionRedriven",
        "WaitStateEntered",
        "WaitStateExited",
        "ExecutionSucceeded",
    ]
    assert end.events[3]["previousEventId"] == 0


@pytest.mark.rule("D3")
def test_an_execution_stopped_between_two_states_continues_with_the_next(
    isolated_stepfunctions, sfn, machine, redrive
):
    # given an execution stopped after leaving Wait and before entering Done
    wait = {"Type": "Wait", "Seconds": 60, "Next": "Done"}
    states = {"Wait": wait, "Done": {"Type": "Succeed"}}
    arn = sfn.start_execution(stateMachineArn=machine(states))["executionArn"]
    isolated_stepfunctions.world.run_until(
        lambda: (
            sfn.get_execution_history(executionArn=arn)["events"][-1]["type"] == "WaitStateExited"
        )
    )
    sfn.stop_execution(executionArn=arn)

    # when
    end = redrive(arn)

    # then
    assert end.types[3:] == [
        "ExecutionAborted",
        "ExecutionRedriven",
        "SucceedStateEntered",
        "SucceedStateExited",
        "ExecutionSucceeded",
    ]
    assert end.events[5]["previousEventId"] == 3


@pytest.mark.rule("D2")
def test_the_timeout_of_the_state_machine_starts_over(run, redrive):
    # given
    first = run(WAIT, TimeoutSeconds=30)

    # when
    end = redrive(first.arn)

    # then
    assert (first.status, end.status, end.seconds) == ("TIMED_OUT", "TIMED_OUT", 60)
    assert end.types[3:] == ["ExecutionRedriven", "ExecutionTimedOut"]


@pytest.mark.rule("D1")
@pytest.mark.rule("D7")
def test_a_redriven_execution_is_running_with_a_redrive_count_and_date(
    isolated_stepfunctions, sfn, run, machine, follow
):
    # given
    arn = run(WAIT, TimeoutSeconds=30).arn
    other = sfn.start_execution(stateMachineArn=machine(WAIT, TimeoutSeconds=30), name="other")
    isolated_stepfunctions.world.run()

    # when
    date = sfn.redrive_execution(executionArn=arn)["redriveDate"]

    # then
    described = follow(arn).described
    assert date.isoformat() == "2026-01-05T09:01:00+00:00"
    assert (described["status"], described["redriveCount"]) == ("RUNNING", 1)
    assert (described["redriveDate"], described["redriveStatus"]) == (date, "NOT_REDRIVABLE")
    assert described["redriveStatusReason"] == "Execution is RUNNING and cannot be redriven"
    assert not {"stopDate", "error", "cause"} & set(described)
    listed = {
        chosen: sfn.list_executions(
            stateMachineArn=described["stateMachineArn"], redriveFilter=chosen
        )["executions"]
        for chosen in ("REDRIVEN", "NOT_REDRIVEN")
    }
    (redriven,), (never,) = listed.values()
    assert (redriven["redriveCount"], redriven["redriveDate"]) == (1, date)
    assert (never["executionArn"], never["redriveCount"]) == (other["executionArn"], 0)


@pytest.mark.rule("D7")
def test_a_redrive_sends_the_same_events_as_a_start(isolated_stepfunctions, run, redrive):
    # when
    redrive(run(FAIL).arn)

    # then
    details = [event["detail"] for _, _, event in isolated_stepfunctions.events.put_events]
    assert [one["status"] for one in details] == ["RUNNING", "FAILED"] * 2
    assert [one["redriveCount"] for one in details] == [0, 0, 1, 1]
    redriven = details[2]
    assert redriven["redriveDate"] == redriven["startDate"] == 1_767_603_600_000
    assert (redriven["stopDate"], redriven["error"]) == (None, None)
    assert redriven["redriveStatus"] == "NOT_REDRIVABLE"


@pytest.mark.rule("D6")
def test_the_same_client_token_redrives_only_once(isolated_stepfunctions, sfn, run):
    # given
    arn = run(FAIL).arn
    request = {"executionArn": arn, "clientToken": "one"}
    first = sfn.redrive_execution(**request)["redriveDate"]
    isolated_stepfunctions.world.sleep(60)

    # when
    again = sfn.redrive_execution(**request)["redriveDate"]
    isolated_stepfunctions.world.sleep(15 * 60)
    later = sfn.redrive_execution(**request)["redriveDate"]

    # then a client token is valid for 15 minutes
    assert (again, later - first) == (first, timedelta(minutes=16))
    assert sfn.describe_execution(executionArn=arn)["redriveCount"] == 2


@pytest.mark.rule("D6")
def test_ten_client_tokens_are_remembered(isolated_stepfunctions, sfn, run):
    # given
    arn = run(FAIL).arn
    for number in range(11):
        sfn.redrive_execution(executionArn=arn, clientToken=str(number))
        isolated_stepfunctions.world.run()

    # when / then
    for number, count in ((1, 11), (0, 12)):
        sfn.redrive_execution(executionArn=arn, clientToken=str(number))
        isolated_stepfunctions.world.run()
        assert sfn.describe_execution(executionArn=arn)["redriveCount"] == count


@pytest.mark.rule("D1")
def test_a_running_successful_or_unknown_execution_cannot_be_redriven(
    isolated_stepfunctions, sfn, machine
):
    # given
    arn = sfn.start_execution(stateMachineArn=machine(WAIT))["executionArn"]

    # when / then
    assert error_code(sfn.redrive_execution, executionArn=arn) == "ExecutionNotRedrivable"
    isolated_stepfunctions.world.run()
    assert error_code(sfn.redrive_execution, executionArn=arn) == "ExecutionNotRedrivable"
    missing = arn.rpartition(":")[0] + ":none"
    assert error_code(sfn.redrive_execution, executionArn=missing) == "ExecutionDoesNotExist"
    assert error_code(sfn.redrive_execution, executionArn="arn:aws:x") == "InvalidArn"
    bad = {"executionArn": arn, "clientToken": "a b"}
    assert error_code(sfn.redrive_execution, **bad) == "ValidationException"


@pytest.mark.rule("D5")
@pytest.mark.parametrize(
    "limit, value, reason",
    [
        ("TOO_MANY_EVENTS", 3, "Execution history event limit exceeded"),
        ("LONGEST", timedelta(0), "Execution has exceeded the max execution time"),
    ],
)
def test_an_execution_beyond_a_limit_cannot_be_redriven(
    sfn, run, follow, monkeypatch, limit, value, reason
):
    # given
    arn = run(FAIL).arn
    assert follow(arn).described["redriveStatus"] == "REDRIVABLE"

    # when
    monkeypatch.setattr(redrives, limit, value)

    # then
    described = follow(arn).described
    assert (described["redriveStatus"], described["redriveStatusReason"]) == (
        "NOT_REDRIVABLE",
        reason,
    )
    assert error_code(sfn.redrive_execution, executionArn=arn) == "ExecutionNotRedrivable"


@pytest.mark.rule("D5")
def test_a_redrive_is_refused_after_fourteen_days(isolated_stepfunctions, sfn, run, follow):
    # given
    arn = run(FAIL).arn
    isolated_stepfunctions.world.sleep(14 * 86_400)
    assert follow(arn).described["redriveStatus"] == "REDRIVABLE"

    # when
    isolated_stepfunctions.world.sleep(1)

    # then
    reason = follow(arn).described["redriveStatusReason"]
    assert reason == "Execution redrivable period exceeded"
    assert error_code(sfn.redrive_execution, executionArn=arn) == "ExecutionNotRedrivable"


@pytest.mark.rule("D5")
def test_the_accounts_limit_on_open_executions_applies(sfn, run, machine, monkeypatch):
    # given
    arn = run(FAIL).arn
    sfn.start_execution(stateMachineArn=machine(WAIT, name="Other"))
    monkeypatch.setattr(acceptance, "OPEN_EXECUTIONS", 1)

    # when / then
    assert error_code(sfn.redrive_execution, executionArn=arn) == "ExecutionLimitExceeded"
    code = error_code(sfn.start_execution, stateMachineArn=machine(WAIT, name="Other"))
    assert code == "ExecutionLimitExceeded"


def test_the_promise_of_a_redriven_executions_end_waits_for_its_new_end(
    isolated_stepfunctions, sfn, run
):
    # given
    failed = run({"Wait": {"Type": "Wait", "Seconds": 60, "Next": "No"}, **FAIL})
    first = isolated_stepfunctions.state_machines.ended(failed.arn)

    # when
    sfn.redrive_execution(executionArn=failed.arn)
    second = isolated_stepfunctions.state_machines.ended(failed.arn)

    # then
    assert (first.done, second.done) == (True, False)
    assert isolated_stepfunctions.world.result_of(second)["redriveCount"] == 1


def test_starting_with_the_same_name_and_input_returns_the_redriven_execution(
    sfn, machine, isolated_stepfunctions
):
    # given
    request = {"stateMachineArn": machine(WAIT), "name": "one", "input": json.dumps({"a": 1})}
    arn = sfn.start_execution(**request)["executionArn"]
    sfn.stop_execution(executionArn=arn)
    assert error_code(sfn.start_execution, **request) == "ExecutionAlreadyExists"

    # when
    sfn.redrive_execution(executionArn=arn)

    # then
    assert sfn.start_execution(**request)["executionArn"] == arn
    isolated_stepfunctions.world.run()
