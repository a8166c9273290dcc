import json

import pytest

from codepipeline_sandbox.kernel import here
from tests.sandbox.refused import error_code

TASK = {"Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken"}


@pytest.fixture
def tokens(isolated_stepfunctions):
    given = []
    isolated_stepfunctions.functions.handlers["f"] = lambda event: given.append(event["token"])
    return given


@pytest.fixture
def started(isolated_stepfunctions, sfn, machine, task):
    def started(**more):
        state = task("f", {"token": "{% $states.context.Task.Token %}"}, **TASK, **more)
        arn = sfn.start_execution(stateMachineArn=machine({"Hold": state}))["executionArn"]
        isolated_stepfunctions.world.run(until=isolated_stepfunctions.world.now)
        return arn

    return started


def test_the_answer_becomes_the_result_of_the_task(
    isolated_stepfunctions, sfn, started, tokens, follow
):
    # given
    arn = started()
    isolated_stepfunctions.world.sleep(3_600)

    # when
    sfn.send_task_success(taskToken=tokens[0], output='{"job": "j2"}')
    isolated_stepfunctions.world.run()

    # then
    end = follow(arn)
    assert (end.status, end.output, end.seconds) == ("SUCCEEDED", {"job": "j2"}, 3_600)
    assert end.types[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]
    assert end.details[2]["resource"] == "invoke.waitForTaskToken"
    assert 600 < len(tokens[0]) < 700


def test_the_history_shows_the_request_the_submission_and_the_answer(
    isolated_stepfunctions, sfn, started, tokens, follow
):
    # given a function whose return value is not the task's result
    isolated_stepfunctions.functions.handlers["f"] = lambda event: (
        tokens.append(event["token"]) or {"left": "open"}
    )
    assign = {"held": "{% $states.result.job %}"}
    arn = started(TimeoutSeconds=300, Assign=assign, Output={})

    # when
    sfn.send_task_success(taskToken=tokens[0], output='{"job": "j2"}')
    isolated_stepfunctions.world.run()

    # then
    end = follow(arn)
    scheduled, begun, submitted, succeeded, exited = end.details[2:7]
    what = {"resource": "invoke.waitForTaskToken", "resourceType": "lambda"}
    function = "arn:aws:lambda:eu-west-1:111122223333:function:f"
    parameters = {"FunctionName": function, "Payload": {"token": tokens[0]}}
    assert json.loads(scheduled.pop("parameters")) == parameters
    assert scheduled == {**what, "region": "eu-west-1", "timeoutInSeconds": 300}
    assert begun == what
    assert json.loads(submitted["output"])["Payload"] == {"left": "open"}
    details = {"output": '{"job":"j2"}', "outputDetails": {"truncated": False}}
    assert succeeded == {**what, **details}
    assert (exited["assignedVariables"], exited["output"]) == ({"held": '"j2"'}, "{}")


def test_a_failure_has_the_senders_error_and_cause(
    isolated_stepfunctions, sfn, started, tokens, follow
):
    # given
    arn = started()

    # when
    sfn.send_task_failure(taskToken=tokens[0], error="Lost", cause="the job is closed")
    isolated_stepfunctions.world.run()

    # then
    end = follow(arn)
    assert (end.status, end.error, end.cause) == ("FAILED", "Lost", "the job is closed")


@pytest.mark.rule("L13")
@pytest.mark.parametrize("given", [{}, {"error": "Lost"}, {"cause": "the job is closed"}])
def test_a_catcher_sees_null_for_a_missing_error_or_cause(
    isolated_stepfunctions, sfn, machine, task, tokens, follow, given
):
    # given
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    state = task("f", {"token": "{% $states.context.Task.Token %}"}, **TASK, Catch=catch)
    arn = machine({"Hold": state, "Caught": {"Type": "Succeed"}})
    execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    isolated_stepfunctions.world.run()

    # when
    sfn.send_task_failure(taskToken=tokens[0], **given)
    isolated_stepfunctions.world.run()

    # then
    assert follow(execution).output == {"Error": given.get("error"), "Cause": given.get("cause")}


def test_an_answer_may_come_before_the_function_returns(
    isolated_stepfunctions, sfn, started, follow
):
    # given a function that reports the task's result before it returns
    def handler(event):
        sfn.send_task_success(taskToken=event["token"], output="1")
        isolated_stepfunctions.world.sleep(100)

    isolated_stepfunctions.functions.handlers["f"] = handler

    # when
    arn = started()
    isolated_stepfunctions.world.sleep(50)

    # then
    assert follow(arn).output == 1


@pytest.mark.rule("D8")
@pytest.mark.parametrize("call", ["success", "failure", "heartbeat"])
def test_a_used_token_is_refused(isolated_stepfunctions, sfn, started, tokens, call):
    # given
    started()
    sfn.send_task_success(taskToken=tokens[0], output="1")

    # when / then, both immediately and later
    parameters = {"output": "1"} if call == "success" else {}
    for _ in range(2):
        refused = error_code(getattr(sfn, f"send_task_{call}"), taskToken=tokens[0], **parameters)
        assert refused == "TaskTimedOut"
        isolated_stepfunctions.world.run()


def test_the_token_of_an_earlier_attempt_is_refused(
    isolated_stepfunctions, sfn, started, tokens, follow
):
    # given an attempt that times out and is retried
    retry = [{"ErrorEquals": ["States.Timeout"], "MaxAttempts": 1}]
    arn = started(TimeoutSeconds=300, Retry=retry)
    isolated_stepfunctions.world.sleep(302)

    # when / then
    assert len(set(tokens)) == 2
    assert error_code(sfn.send_task_success, taskToken=tokens[0], output="1") == "TaskTimedOut"
    sfn.send_task_success(taskToken=tokens[1], output="2")
    isolated_stepfunctions.world.run()
    assert follow(arn).output == 2


@pytest.mark.rule("D8")
def test_the_token_of_a_stopped_execution_is_refused(sfn, started, tokens):
    # given
    sfn.stop_execution(executionArn=started())

    # when / then
    assert error_code(sfn.send_task_heartbeat, taskToken=tokens[0]) == "TaskTimedOut"


@pytest.mark.rule("D8")
def test_an_unknown_token_and_another_accounts_token_are_invalid(
    isolated_stepfunctions, sfn, started, tokens
):
    # given
    started()
    other = isolated_stepfunctions.session("222233334444", "eu-west-1").client("stepfunctions")

    # when / then
    assert error_code(sfn.send_task_success, taskToken="x", output="1") == "InvalidToken"
    assert error_code(other.send_task_heartbeat, taskToken=tokens[0]) == "InvalidToken"


def test_output_that_is_not_json_leaves_the_task_waiting(sfn, started, tokens, follow):
    # given
    arn = started()

    # when / then
    assert error_code(sfn.send_task_success, taskToken=tokens[0], output="{") == "InvalidOutput"
    assert follow(arn).status == "RUNNING"


def test_heartbeats_keep_a_task_alive_until_they_stop(
    isolated_stepfunctions, sfn, started, tokens, follow
):
    # given
    arn = started(HeartbeatSeconds=60, TimeoutSeconds=1_000)

    # when
    for _ in range(3):
        isolated_stepfunctions.world.sleep(50)
        sfn.send_task_heartbeat(taskToken=tokens[0])
    isolated_stepfunctions.world.run()

    # then
    end = follow(arn)
    assert (end.error, end.seconds) == ("States.Timeout", 150 + 60)
    assert end.types[-2:] == ["TaskTimedOut", "ExecutionFailed"]


def test_heartbeats_do_not_extend_the_timeout(isolated_stepfunctions, sfn, started, tokens, follow):
    # given
    arn = started(HeartbeatSeconds=60, TimeoutSeconds=100)

    # when
    for _ in range(2):
        isolated_stepfunctions.world.sleep(45)
        sfn.send_task_heartbeat(taskToken=tokens[0])
    isolated_stepfunctions.world.run()

    # then
    assert follow(arn).seconds == 100


def test_a_missed_heartbeat_can_be_caught_by_its_own_name(sfn, machine, task, tokens, follow):
    # given
    catch = [{"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "Missed"}]
    state = task(
        "f",
        {"token": "{% $states.context.Task.Token %}"},
        **TASK,
        HeartbeatSeconds=5,
        Catch=catch,
    )
    arn = sfn.start_execution(
        stateMachineArn=machine({"Hold": state, "Missed": {"Type": "Succeed"}})
    )["executionArn"]

    # when
    here.current().world.run()

    # then
    end = follow(arn)
    assert (end.status, end.output["Error"]) == ("SUCCEEDED", "States.Timeout")
    assert len(tokens) == 1


def test_a_failing_function_ends_the_wait(isolated_stepfunctions, started, follow):
    # given
    def handler(_):
        raise KeyError("k")

    isolated_stepfunctions.functions.handlers["f"] = handler

    # when
    end = follow(started())

    # then
    assert (end.status, end.error) == ("FAILED", "KeyError")
    assert json.loads(end.cause)["errorType"] == "KeyError"
    assert "TaskSubmitted" not in end.types
