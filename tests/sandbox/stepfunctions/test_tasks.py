import json

import pytest

from codepipeline_sandbox.awslambda.errors import FunctionNotFound

FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function"


class TargetUnavailable(Exception):
    """An error raised by a function."""


def failing(error, *, times=10_000):
    left = [error] * times

    def handler(event):
        if left:
            raise left.pop()
        return {"given": event}

    return handler


def test_the_result_is_the_answer_of_the_lambda_api(isolated_stepfunctions, run, task):
    # given
    isolated_stepfunctions.functions.handlers["f"] = lambda event: {"got": event}

    # when
    end = run({"Do": task("f", {"x": None})})

    # then
    assert end.output["Payload"] == {"got": {"x": None}}
    assert (end.output["StatusCode"], end.output["ExecutedVersion"]) == (200, "$LATEST")
    assert end.types == [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    assert [event["previousEventId"] for event in end.events] == [0, 0, 2, 3, 4, 5, 6]
    assert end.details[2] == {
        "resourceType": "lambda",
        "resource": "invoke",
        "region": "eu-west-1",
        "parameters": json.dumps(
            {"FunctionName": f"{FUNCTION}:f", "Payload": {"x": None}}, separators=(",", ":")
        ),
    }


def test_a_function_arn_as_resource_returns_only_the_functions_answer(isolated_stepfunctions, run):
    # given
    isolated_stepfunctions.functions.handlers["f"] = lambda event: event["n"] + 1
    do = {"Type": "Task", "Resource": f"{FUNCTION}:f"}

    # when
    end = run(
        {
            "One": {**do, "Output": {"n": "{% $states.result %}"}, "Next": "Two"},
            "Two": {**do, "Arguments": {"n": "{% $states.input.n * 10 %}"}, "End": True},
        },
        {"n": 1},
    )

    # then
    assert end.output == 21
    assert end.types[2:5] == [
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
    ]
    assert end.details[2]["input"] == '{"n":1}'


@pytest.mark.parametrize("by_arn", [True, False])
def test_a_functions_error_has_its_class_name_as_error_and_its_payload_as_cause(
    isolated_stepfunctions, run, task, by_arn
):
    # given
    isolated_stepfunctions.functions.handlers["f"] = failing(TargetUnavailable("busy"))
    plain = {"Type": "Task", "Resource": f"{FUNCTION}:f", "End": True}

    # when
    end = run({"Do": plain if by_arn else task("f")})

    # then
    assert (end.status, end.error) == ("FAILED", "TargetUnavailable")
    assert json.loads(end.cause) == {"errorMessage": "busy", "errorType": "TargetUnavailable"}
    assert end.types[-2] == ("LambdaFunctionFailed" if by_arn else "TaskFailed")


def test_a_catcher_receives_error_and_cause_and_can_set_variables(
    isolated_stepfunctions, run, task
):
    # given
    isolated_stepfunctions.functions.handlers["f"] = failing(TargetUnavailable("busy"))
    catch = {
        "ErrorEquals": ["TargetUnavailable"],
        "Assign": {"error": "{% $states.errorOutput.Error %}"},
        "Output": {"why": "{% $parse($states.errorOutput.Cause).errorMessage %}"},
        "Next": "After",
    }

    # when
    end = run(
        {
            "Do": task("f", Catch=[catch], Assign={"error": "none"}),
            "After": {
                "Type": "Pass",
                "Output": "{% [$error, $states.input.why] %}",
                "End": True,
            },
        }
    )

    # then
    assert end.output == ["TargetUnavailable", "busy"]
    exited = end.details[end.types.index("TaskStateExited")]
    assert exited["output"] == '{"why":"busy"}'
    assert exited["assignedVariables"] == {"error": '"TargetUnavailable"'}


@pytest.mark.rule("L6")
@pytest.mark.parametrize("field", ["Output", "Assign"])
def test_an_error_in_a_catcher_names_the_index_of_the_catcher(
    isolated_stepfunctions, run, task, field
):
    # given
    isolated_stepfunctions.functions.handlers["f"] = failing(TargetUnavailable("busy"))
    catch = [
        {"ErrorEquals": ["Other"], "Next": "After"},
        {"ErrorEquals": ["States.ALL"], field: {"v": "{% $none %}"}, "Next": "After"},
    ]

    # when
    end = run({"Do": task("f", Catch=catch), "After": {"Type": "Succeed"}})

    # then
    assert (end.status, end.error) == ("FAILED", "States.QueryEvaluationError")
    assert f"specified for the field 'Catch[1]/{field}/v' returned nothing" in end.cause


@pytest.mark.rule("L13")
def test_a_catcher_without_output_passes_the_error_output_on(isolated_stepfunctions, run, task):
    # given a function that takes too long
    isolated_stepfunctions.functions.handlers["f"] = lambda _: isolated_stepfunctions.world.sleep(
        60
    )

    # when
    end = run(
        {
            "Do": task(
                "f", TimeoutSeconds=5, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "After"}]
            ),
            "After": {"Type": "Succeed"},
        }
    )

    # then
    assert end.output == {"Error": "States.Timeout", "Cause": ""}


@pytest.mark.rule("L14")
def test_a_timeout_ends_the_task_while_the_function_continues(isolated_stepfunctions, run, task):
    # given
    finished = []

    def slow(_):
        isolated_stepfunctions.world.sleep(60)
        finished.append(isolated_stepfunctions.world.now)

    isolated_stepfunctions.functions.handlers["f"] = slow

    # when
    end = run({"Do": task("f", TimeoutSeconds="{% 2 + 3 %}")})
    before = list(finished)
    isolated_stepfunctions.world.run()

    # then
    assert (end.status, end.error, end.cause, end.seconds) == ("FAILED", "States.Timeout", None, 5)
    assert end.types[-2:] == ["TaskTimedOut", "ExecutionFailed"]
    assert end.details[2]["timeoutInSeconds"] == 5
    assert (before, len(finished)) == ([], 1)


def test_retries_back_off_up_to_the_maximum_delay(isolated_stepfunctions, run, task):
    # given
    times = []

    def handler(event):
        times.append((isolated_stepfunctions.world.now, event["attempt"]))
        raise TargetUnavailable("busy")

    isolated_stepfunctions.functions.handlers["f"] = handler
    retry = {
        "ErrorEquals": ["TargetUnavailable"],
        "IntervalSeconds": 2,
        "MaxAttempts": 4,
        "BackoffRate": 3,
        "MaxDelaySeconds": 20,
    }

    # when
    end = run(
        {"Do": task("f", {"attempt": "{% $states.context.State.RetryCount %}"}, Retry=[retry])}
    )

    # then
    start = times[0][0]
    assert [moment - start for moment, _ in times] == [0, 2, 8, 26, 46]
    assert [attempt for _, attempt in times] == [0, 1, 2, 3, 4]
    assert end.error == "TargetUnavailable"
    assert end.types.count("TaskScheduled") == end.types.count("TaskFailed") == 5


def test_every_retrier_counts_its_own_attempts_and_the_first_match_decides(
    isolated_stepfunctions, run, task
):
    # given
    errors = [KeyError("k"), TargetUnavailable("t"), KeyError("k"), TargetUnavailable("t")]

    def handler(_):
        if errors:
            raise errors.pop(0)
        return "done"

    isolated_stepfunctions.functions.handlers["f"] = handler
    retry = [
        {"ErrorEquals": ["KeyError"], "MaxAttempts": 2, "BackoffRate": 1},
        {"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1, "IntervalSeconds": 10},
    ]

    # when the second kind of error occurs again
    end = run({"Do": task("f", Retry=retry)})

    # then the error is not retried
    assert (end.status, end.error) == ("FAILED", "TargetUnavailable")
    assert end.seconds == 1 + 10 + 1


def test_full_jitter_draws_from_the_worlds_seed(isolated_stepfunctions, run, task):
    # given
    isolated_stepfunctions.functions.handlers["f"] = failing(TargetUnavailable("busy"))
    retry = {
        "ErrorEquals": ["States.ALL"],
        "IntervalSeconds": 100,
        "MaxAttempts": 1,
        "JitterStrategy": "FULL",
    }
    states = {"Do": task("f", Retry=[retry])}

    # when
    durations = []
    for name, seed in (("A", 1), ("B", 1), ("C", 2)):
        isolated_stepfunctions.world.random.seed(seed)
        durations.append(round(run(states, name=name).seconds, 2))

    # then
    assert durations[0] == durations[1] != durations[2]
    assert all(0 < seconds < 100 for seconds in durations)


def test_max_attempts_0_means_no_retry(isolated_stepfunctions, run, task):
    # given
    isolated_stepfunctions.functions.handlers["f"] = failing(TargetUnavailable("busy"), times=1)

    # when
    end = run({"Do": task("f", Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 0}])})

    # then
    assert end.status == "FAILED"


TOO_LARGE = "with a size exceeding the maximum number of bytes service limit."
CAUGHT = {"Caught": {"Type": "Pass", "End": True}}


@pytest.mark.rule("L11", "L12")
@pytest.mark.parametrize("name", ["States.ALL", "States.TaskFailed", "States.DataLimitExceeded"])
@pytest.mark.parametrize("by_arn", [True, False])
def test_a_tasks_result_of_more_than_256_kib_can_be_caught(
    isolated_stepfunctions, run, task, name, by_arn
):
    # given
    isolated_stepfunctions.functions.handlers["f"] = lambda _: "x" * 262_144
    catch = [{"ErrorEquals": [name], "Next": "Caught"}]
    plain = {"Type": "Task", "Resource": f"{FUNCTION}:f", "End": True, "Catch": catch}

    # when
    end = run({"Do": plain if by_arn else task("f", Catch=catch), **CAUGHT})

    # then
    what = f"{FUNCTION}:f" if by_arn else "lambda"
    assert end.output == {
        "Error": "States.DataLimitExceeded",
        "Cause": f"The state/task '{what}' returned a result {TOO_LARGE}",
    }


@pytest.mark.rule("L11", "L12")
@pytest.mark.parametrize("by_arn", [True, False])
def test_arguments_of_more_than_256_kib_are_not_sent(isolated_stepfunctions, run, task, by_arn):
    # given
    large = "{% $pad('', 262144, 'x') %}"
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    plain = {"Type": "Task", "Resource": f"{FUNCTION}:f", "Arguments": large, "End": True}

    # when
    end = run(
        {"Do": {**plain, "Catch": catch} if by_arn else task("f", large, Catch=catch), **CAUGHT}
    )

    # then
    what = f"{FUNCTION}:f" if by_arn else "lambda"
    assert end.output["Cause"] == f"The state/task '{what}' provided parameters {TOO_LARGE}"
    assert isolated_stepfunctions.functions.calls == []


@pytest.mark.rule("L11")
def test_no_catcher_sees_an_output_of_more_than_256_kib(isolated_stepfunctions, run, task):
    # given a result within the limit
    isolated_stepfunctions.functions.handlers["f"] = lambda _: "x" * 200_000
    catch = [{"ErrorEquals": ["States.DataLimitExceeded"], "Next": "Caught"}]
    twice = "{% [$states.result.Payload, $states.result.Payload] %}"

    # when
    end = run({"Do": task("f", Output=twice, Catch=catch), **CAUGHT})

    # then
    assert (end.status, end.error) == ("FAILED", "States.DataLimitExceeded")
    assert end.cause == f"The state/task 'Do' returned a result {TOO_LARGE}"


@pytest.mark.rule("L11")
@pytest.mark.parametrize("name", ["States.ALL", "States.TaskFailed", "States.Runtime"])
def test_no_retrier_or_catcher_matches_a_runtime_error(isolated_stepfunctions, run, task, name):
    # given arguments with which the task cannot start
    handler = [{"ErrorEquals": [name], "Next": "Caught"}]
    retry = [{"ErrorEquals": [name]}]
    state = task("f", Arguments="{% {} %}", Catch=handler, Retry=retry)

    # when
    end = run({"Do": state, **CAUGHT})

    # then
    assert (end.status, end.error) == ("FAILED", "States.Runtime")
    assert end.types.count("TaskScheduled") == 1


@pytest.mark.rule("L14")
@pytest.mark.parametrize("by_arn", [True, False])
def test_any_task_can_have_heartbeats_but_only_a_token_can_send_them(
    isolated_stepfunctions, run, task, by_arn
):
    # given
    isolated_stepfunctions.functions.handlers["quick"] = lambda _: 1
    isolated_stepfunctions.functions.handlers["slow"] = lambda _: (
        isolated_stepfunctions.world.sleep(60)
    )
    limits = {"HeartbeatSeconds": "{% 2 + 3 %}", "TimeoutSeconds": 50}

    def state(name):
        plain = {"Type": "Task", "Resource": f"{FUNCTION}:{name}", "End": True, **limits}
        return {"Do": plain if by_arn else task(name, **limits)}

    # when
    quick, slow = run(state("quick"), name="A"), run(state("slow"), name="B")

    # then
    scheduled = quick.details[2]
    assert scheduled["timeoutInSeconds"] == 50
    assert scheduled.get("heartbeatInSeconds") == (None if by_arn else 5)
    assert quick.status == "SUCCEEDED"
    assert (slow.error, slow.seconds) == ("States.Timeout", 5)


@pytest.mark.parametrize(
    "names, caught",
    [
        (["States.TaskFailed"], False),
        (["States.Timeout"], True),
        (["States.HeartbeatTimeout"], False),
        (["TargetUnavailable", "States.Timeout"], True),
    ],
)
def test_only_matching_names_catch_a_timeout(isolated_stepfunctions, run, task, names, caught):
    # given
    isolated_stepfunctions.functions.handlers["f"] = lambda _: isolated_stepfunctions.world.sleep(
        60
    )
    catch = [{"ErrorEquals": names, "Next": "Caught"}]

    # when
    end = run(
        {"Do": task("f", TimeoutSeconds=1, Catch=catch), "Caught": {"Type": "Succeed"}},
    )

    # then
    assert (end.status == "SUCCEEDED") is caught


@pytest.mark.parametrize("field", ["Arguments", "Output", "Assign"])
def test_a_failing_expression_in_a_task_can_be_caught(isolated_stepfunctions, run, task, field):
    # given
    isolated_stepfunctions.functions.handlers["f"] = lambda _: 1
    bad = {"FunctionName": "{% $nothing %}", "v": "{% $nothing %}"}
    state = task("f", Catch=[{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "Caught"}])
    state[field] = {"FunctionName": "{% $nothing %}"} if field == "Arguments" else bad

    # when
    end = run({"Do": state, "Caught": {"Type": "Succeed"}})

    # then
    assert (end.status, end.output["Error"]) == ("SUCCEEDED", "States.QueryEvaluationError")
    assert "EvaluationFailed" in end.types


def test_a_role_that_no_longer_trusts_step_functions_cannot_invoke_functions(
    isolated_stepfunctions, run, task
):
    # given a machine whose role was trusted when the machine was created
    isolated_stepfunctions.functions.handlers["first"] = lambda _: (
        isolated_stepfunctions.access.denied.add("states.amazonaws.com")
    )
    isolated_stepfunctions.functions.handlers["second"] = lambda _: "done"

    # when
    end = run({"First": task("first", Next="Second"), "Second": task("second")})

    # then
    assert [name for name, _ in isolated_stepfunctions.functions.calls] == ["first"]
    assert (end.status, end.error) == ("FAILED", "Lambda.AWSLambdaException")
    assert "states.amazonaws.com may not assume" in end.cause


def test_a_denied_invocation_fails_as_on_aws(isolated_stepfunctions, run, task):
    # given
    isolated_stepfunctions.access.denied.add("lambda:InvokeFunction")

    # when
    end = run({"Do": task("f")})

    # then
    assert end.error == "Lambda.AWSLambdaException"
    assert end.cause.startswith("User: arn:aws:iam::111122223333:role/Machine is not authorized")
    assert "Status Code: 403; Error Code: AccessDeniedException; Request ID:" in end.cause
    assert isolated_stepfunctions.functions.calls == []


@pytest.mark.rule("I8")
def test_a_missing_function_fails_as_on_aws(isolated_stepfunctions, run, task):
    # given
    isolated_stepfunctions.functions.handlers["f"] = failing(
        FunctionNotFound(f"Function not found: {FUNCTION}:f")
    )

    # when
    end = run({"Do": task("f")})

    # then
    assert end.error == "Lambda.ResourceNotFoundException"
    details = "Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException"
    assert f" ({details}; Request ID: " in end.cause
    assert end.cause.endswith("; Proxy: null)")
    assert end.cause.startswith(
        f"Function not found: {FUNCTION}:f (Service: AWSLambda; Status Code: 404"
    )


def test_a_bare_function_name_refers_to_the_callers_account(isolated_stepfunctions, run, task):
    # given
    isolated_stepfunctions.functions.handlers["f"] = lambda _: "here"
    state = task("f")
    state["Arguments"] = "{% {'FunctionName': 'f', 'Payload': 1} %}"

    # when / then
    assert run({"Do": state}).output["Payload"] == "here"
    assert isolated_stepfunctions.functions.calls == [("f", 1)]


def test_assign_takes_effect_in_the_next_state_and_is_evaluated_together_with_output(run):
    # given
    states = {
        "One": {"Type": "Pass", "Assign": {"v": 1, "w": "old"}, "Next": "Two"},
        "Two": {
            "Type": "Pass",
            "Assign": {"v": "{% $v + 1 %}", "w": "{% $v %}"},
            "Output": "{% $v %}",
            "Next": "Three",
        },
        "Three": {"Type": "Pass", "Output": "{% [$states.input, $v, $w] %}", "End": True},
    }

    # when / then
    assert run(states).output == [1, 2, 1]


def test_an_assign_of_more_than_256_kib_fails(run):
    # given
    big = "{% $pad('', 200000, 'x') %}"

    # when
    end = run({"One": {"Type": "Pass", "Assign": {"a": big, "b": big}, "End": True}})

    # then
    assert end.error == "States.DataLimitExceeded"
