import pytest


def test_a_choice_takes_the_first_rule_that_matches_with_its_output_and_assign(run):
    # given
    def rule(condition, name):
        return {
            "Condition": condition,
            "Assign": {"by": name},
            "Output": {"rule": name},
            "Next": "End",
        }

    states = {
        "Ask": {
            "Type": "Choice",
            "Choices": [
                rule("{% $states.input.n > 10 %}", "large"),
                rule("{% $states.input.n > 5 %}", "middle"),
                rule(True, "always"),
            ],
            "Assign": {"by": "default"},
        },
        "End": {"Type": "Pass", "Output": "{% [$by, $states.input.rule] %}", "End": True},
    }

    # when / then
    assert run(states, {"n": 11}).output == ["large", "large"]
    assert run(states, {"n": 6}).output == ["middle", "middle"]
    assert run(states, {"n": 1}).output == ["always", "always"]


def test_the_default_of_a_choice_uses_the_states_output_and_assign(run):
    # given
    states = {
        "Ask": {
            "Type": "Choice",
            "Choices": [{"Condition": False, "Next": "End"}],
            "Default": "End",
            "Assign": {"by": "default"},
            "Output": 7,
        },
        "End": {"Type": "Pass", "Output": "{% [$by, $states.input] %}", "End": True},
    }

    # when / then
    assert run(states).output == ["default", 7]


def test_a_choice_without_a_match_fails(run):
    # when
    end = run(
        {
            "Ask": {"Type": "Choice", "Choices": [{"Condition": False, "Next": "End"}]},
            "End": {"Type": "Succeed"},
        }
    )

    # then
    assert (end.status, end.error) == ("FAILED", "States.NoChoiceMatched")
    assert "'Ask' (entered at the event id #2). Failed to transition out of the state" in end.cause


def test_a_condition_must_be_a_boolean(run):
    # when
    end = run(
        {
            "Ask": {"Type": "Choice", "Choices": [{"Condition": "{% 'yes' %}", "Next": "End"}]},
            "End": {"Type": "Succeed"},
        }
    )

    # then
    assert end.error == "States.QueryEvaluationError"
    assert "Expected 'boolean', but was 'string' for value: 'yes'" in end.cause


@pytest.mark.parametrize(
    "wait, seconds",
    [
        ({"Seconds": 0}, 0),
        ({"Seconds": 90}, 90),
        ({"Seconds": "{% $states.input.n %}"}, 7),
        ({"Timestamp": "2026-01-05T10:00:00+00:00"}, 3_600),
        ({"Timestamp": "2026-01-05T09:00:01.900Z"}, 1),
        ({"Timestamp": "{% $fromMillis($millis() + 5000) %}"}, 5),
        ({"Timestamp": "2025-01-05T09:00:00Z"}, 0),
    ],
)
def test_a_wait_lasts_as_long_as_defined(run, wait, seconds):
    # when
    end = run({"Wait": {"Type": "Wait", **wait, "End": True}}, {"n": 7})

    # then
    assert (end.status, end.seconds, end.output) == ("SUCCEEDED", seconds, {"n": 7})
    assert end.types[1:3] == ["WaitStateEntered", "WaitStateExited"]


@pytest.mark.parametrize(
    "wait",
    [
        {"Seconds": "{% 'x' %}"},
        {"Seconds": "{% 1.5 %}"},
        {"Seconds": "{% -1 %}"},
        {"Seconds": "{% 31536001 %}"},
        {"Timestamp": "{% 1 %}"},
    ],
)
def test_an_invalid_wait_fails(run, wait):
    # when
    end = run({"Wait": {"Type": "Wait", **wait, "End": True}})

    # then
    assert (end.status, end.error) == ("FAILED", "States.QueryEvaluationError")
    assert "EvaluationFailed" in end.types


@pytest.mark.rule("L10")
@pytest.mark.parametrize("text", ["tomorrow", "2026-01-05", "2026-01-05 09:00:00Z"])
def test_a_time_in_another_format_fails_a_wait(run, text):
    # when
    end = run({"Wait": {"Type": "Wait", "Timestamp": f"{{% '{text}' %}}", "End": True}})

    # then
    assert (end.status, end.error) == ("FAILED", "States.QueryEvaluationError")
    assert end.cause == (
        "An error occurred while executing the state 'Wait' (entered at the event id #2). The "
        "Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: "
        f"{text}"
    )
    assert [event["previousEventId"] for event in end.events][2:] == [2, 3]


@pytest.mark.rule("L6")
def test_an_error_in_a_choice_rule_names_the_index_of_the_rule(run):
    # given
    def fail(**fields):
        rules = [{"Condition": False, "Next": "End"}, {"Condition": True, "Next": "End", **fields}]
        return run(
            {"Ask": {"Type": "Choice", "Choices": rules}, "End": {"Type": "Succeed"}},
            name=next(iter(fields)),
        )

    # when
    output, assign = fail(Output={"v": "{% $none %}"}), fail(Assign={"v": "{% $none %}"})

    # then
    assert "specified for the field 'Choices[1]/Output/v' returned nothing" in output.cause
    assert "specified for the field 'Choices[1]/Assign/v' returned nothing" in assign.cause
    assert output.details[-2]["location"] == "Choices[1]/Output/v"


def test_a_succeed_state_ends_the_execution_with_its_output(run):
    # when
    end = run({"Done": {"Type": "Succeed", "Output": {"n": "{% $states.input.n %}"}}}, {"n": 1})

    # then
    assert (end.status, end.output) == ("SUCCEEDED", {"n": 1})
    assert end.types[1:] == ["SucceedStateEntered", "SucceedStateExited", "ExecutionSucceeded"]


def test_a_fail_state_needs_neither_error_nor_cause(run):
    # when
    end = run({"No": {"Type": "Fail"}})

    # then
    assert (end.status, end.error, end.cause) == ("FAILED", None, None)


def test_a_cause_holds_at_most_32768_characters(run):
    # given
    def fail(length):
        return {"No": {"Type": "Fail", "Error": "E", "Cause": f"{{% $pad('', {length}, 'x') %}}"}}

    # when / then
    assert run(fail(32_768), name="A").error == "E"
    assert run(fail(32_769), name="B").error == "States.QueryEvaluationError"


def test_the_context_object_shows_execution_state_and_machine(isolated_stepfunctions, run):
    # given
    states = {
        "Wait": {"Type": "Wait", "Seconds": 2, "Next": "Tell"},
        "Tell": {"Type": "Pass", "Output": "{% $states.context %}", "End": True},
    }

    # when
    end = run(states, {"a": [None]})

    # then
    machine = "arn:aws:states:eu-west-1:111122223333:stateMachine:Machine"
    assert end.output == {
        "Execution": {
            "Id": end.arn,
            "Input": {"a": [None]},
            "Name": end.arn.rsplit(":", 1)[-1],
            "RoleArn": "arn:aws:iam::111122223333:role/Machine",
            "StartTime": "2026-01-05T09:00:00.000Z",
            "RedriveCount": 0,
        },
        "State": {"Name": "Tell", "EnteredTime": "2026-01-05T09:00:02.000Z"},
        "StateMachine": {"Id": machine, "Name": "Machine"},
    }
    assert isolated_stepfunctions.world.datetime().isoformat() == "2026-01-05T09:00:02+00:00"


def test_an_output_of_more_than_256_kib_fails_the_execution(run):
    # when
    end = run({"Big": {"Type": "Pass", "Output": "{% $pad('', 262143, 'x') %}", "End": True}})

    # then
    assert end.error == "States.DataLimitExceeded"
    assert end.cause.startswith("The state/task 'Big' returned a result with a size exceeding")


@pytest.mark.rule("N2")
def test_a_state_machines_timeout_ends_the_execution_and_cannot_be_caught(
    run, task, isolated_stepfunctions
):
    # given
    isolated_stepfunctions.functions.handlers["f"] = lambda _: isolated_stepfunctions.world.sleep(
        60
    )
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]

    # when
    end = run(
        {"Do": task("f", Catch=catch), "Caught": {"Type": "Succeed"}},
        TimeoutSeconds=10,
    )

    # then
    assert (end.status, end.error, end.cause, end.seconds) == ("TIMED_OUT", None, None, 10)
    assert end.types[-1] == "ExecutionTimedOut"
    assert end.details[-1] == {"error": "States.Timeout"}
    assert end.events[-1]["previousEventId"] == 0
    assert end.described["redriveStatus"] == "REDRIVABLE"
