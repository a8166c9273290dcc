"""Definitions that are refused at creation, and their error messages."""

import json

import pytest

PASS = {"Type": "Pass", "End": True}
TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
CALL = {"FunctionName": "f"}


@pytest.fixture
def refusal(sfn, machine):
    """Returns the error message with which the states are refused."""

    def refusal(states, **more):
        with pytest.raises(sfn.exceptions.InvalidDefinition) as refused:
            machine(states, **more)
        return refused.value.response["Error"]["Message"]

    return refusal


@pytest.mark.parametrize("kind", ["Map", "Parallel", "Dance"])
def test_an_unsupported_type_is_refused_by_name(refusal, kind):
    assert refusal({"Each": {"Type": kind, "End": True}}) == (
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The sandbox does not support "
        f"the type '{kind}' of state 'Each' at /States/Each/Type'"
    )


@pytest.mark.parametrize(
    "state, field",
    [
        ({**PASS, "Result": 1}, "Result"),
        ({**PASS, "InputPath": "$"}, "InputPath"),
        ({**TASK, "Arguments": CALL, "Credentials": {}}, "Credentials"),
        ({**TASK, "Arguments": CALL, "ResultSelector": {}}, "ResultSelector"),
        ({"Type": "Wait", "Seconds": 1, "SecondsPath": "$", "End": True}, "SecondsPath"),
        ({"Type": "Succeed", "End": True}, "End"),
        ({"Type": "Fail", "ErrorPath": "$"}, "ErrorPath"),
        ({"Type": "Succeed", "Assign": {"a": 1}}, "Assign"),
    ],
)
def test_an_unsupported_field_is_refused_by_state_and_name(refusal, state, field):
    # when
    message = refusal({"Here": state})

    # then
    assert (
        f"does not support the field '{field}' of state 'Here' at /States/Here/{field}" in message
    )


@pytest.mark.parametrize("language", ["JSONPath", None])
def test_a_state_machine_in_jsonpath_is_refused(sfn, language):
    # given
    definition = {"StartAt": "A", "States": {"A": PASS}}
    if language:
        definition["QueryLanguage"] = language

    # when
    with pytest.raises(sfn.exceptions.InvalidDefinition) as refused:
        sfn.create_state_machine(
            name="M",
            definition=json.dumps(definition),
            roleArn="arn:aws:iam::111122223333:role/Machine",
        )

    # then
    assert "The sandbox only supports JSONata" in str(refused.value)


def test_a_state_in_jsonpath_is_refused(refusal):
    assert "the QueryLanguage of state 'A' is 'JSONPath' at /States/A/QueryLanguage" in refusal(
        {"A": {**PASS, "QueryLanguage": "JSONPath"}}
    )


@pytest.mark.parametrize(
    "states, expected",
    [
        ({"A": {"Type": "Pass", "Next": "B"}}, "There is no state 'B' at /States/A"),
        ({"A": PASS, "B": PASS}, "State 'B' is not reachable at /States/B"),
        ({"A": {"Type": "Pass"}}, "Expected either Next or End: true at /States/A"),
        ({"A": {**PASS, "Next": "A"}}, "Expected either Next or End: true"),
        ({"A": {**PASS, "Output": "{% 1 + %}"}}, "Invalid JSONata expression"),
        ({"A": {**PASS, "Assign": {"states": 1}}}, "'states' is not a valid variable name"),
        ({"A": {**PASS, "Assign": {"a-b": 1}}}, "'a-b' is not a valid variable name"),
        ({"A": {**PASS, "Assign": "{% {} %}"}}, "Expected an object at /States/A/Assign"),
        ({"A": {"Type": "Wait", "End": True}}, "Expected either Seconds or Timestamp"),
        ({"A": {"Type": "Wait", "Seconds": -1, "End": True}}, "from 0 to 31536000"),
        ({"A": {"Type": "Wait", "Seconds": 1.5, "End": True}}, "Expected int or a JSONata"),
        ({"A": {"Type": "Wait", "Timestamp": "now", "End": True}}, "RFC 3339"),
        ({"A": {"Type": "Choice", "Choices": []}}, "Expected at least one entry"),
        ({"A": {"Type": "Choice", "Choices": [{"Next": "A"}]}}, "'Condition' is required"),
        (
            {"A": {"Type": "Choice", "Choices": [{"Condition": "yes", "Next": "A"}]}},
            "Expected bool or a JSONata expression at /States/A/Choices[0]/Condition",
        ),
        (
            {"A": {"Type": "Choice", "Choices": [{"And": [], "Condition": True, "Next": "A"}]}},
            "does not support the field 'And' of state 'A' at /States/A/Choices[0]/And",
        ),
        ({"A": TASK}, "Expected an object with FunctionName"),
        ({"A": {**TASK, "Arguments": {**CALL, "Qualifier": "1"}}}, "argument 'Qualifier'"),
        ({"A": {**TASK, "Arguments": CALL, "HeartbeatSeconds": 1}}, "with a token"),
        (
            {"A": {**TASK, "Resource": "arn:aws:states:::sqs:sendMessage"}},
            "does not support the Resource 'arn:aws:states:::sqs:sendMessage'",
        ),
        ({"A": {**TASK, "Resource": "{% $a %}"}}, "Expected a plain string, not an expression"),
        ({"A": {**TASK, "Arguments": CALL, "TimeoutSeconds": 0}}, "from 1 to 99999999"),
        ({"A": []}, "Expected an object at /States/A"),
        ({"A" * 81: PASS}, "at most 80 characters"),
        ({}, "at least one state"),
    ],
)
def test_an_invalid_definition_is_refused(refusal, states, expected):
    assert expected in refusal(states)


@pytest.mark.parametrize(
    "retrier, expected",
    [
        ({}, "'ErrorEquals' is required"),
        ({"ErrorEquals": []}, "Expected an array of error names"),
        ({"ErrorEquals": ["States.ALL", "A"]}, "States.ALL must stand alone"),
        ({"ErrorEquals": ["A"], "BackoffRate": 0.5}, "from 1 to"),
        ({"ErrorEquals": ["A"], "MaxAttempts": "3"}, "Expected a number"),
        ({"ErrorEquals": ["A"], "JitterStrategy": "SOME"}, "Expected FULL or NONE"),
        ({"ErrorEquals": ["A"], "IntervalSeconds": 9, "MaxDelaySeconds": 9}, "more than Interval"),
        ({"ErrorEquals": ["A"], "Other": 1}, "does not support the field 'Other' of state 'A'"),
    ],
)
def test_an_invalid_retrier_is_refused(refusal, retrier, expected):
    assert expected in refusal({"A": {**TASK, "Arguments": CALL, "Retry": [retrier]}})


def test_states_all_must_be_the_last_catcher(refusal):
    # given
    catch = [{"ErrorEquals": [name], "Next": "B"} for name in ("States.ALL", "X")]

    # when / then
    assert "in the last entry at /States/A/Catch[0]" in refusal(
        {"A": {**TASK, "Arguments": CALL, "Catch": catch}, "B": PASS}
    )


def test_a_definition_that_is_not_json_is_refused(sfn):
    with pytest.raises(sfn.exceptions.InvalidDefinition, match="not JSON"):
        sfn.create_state_machine(
            name="M", definition="States: {}", roleArn="arn:aws:iam::111122223333:role/Machine"
        )


def test_an_update_is_validated_and_changes_only_later_executions(
    isolated_stepfunctions, sfn, machine, follow
):
    # given a running execution
    arn = machine({"A": {"Type": "Wait", "Seconds": 5, "Output": "old", "End": True}})
    first = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    new = {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {**PASS, "Output": "new"}}}

    # when
    with pytest.raises(sfn.exceptions.InvalidDefinition):
        sfn.update_state_machine(stateMachineArn=arn, definition="{}")
    sfn.update_state_machine(stateMachineArn=arn, definition=json.dumps(new))
    second = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    isolated_stepfunctions.world.run()

    # then
    assert (follow(first).output, follow(second).output) == ("old", "new")
    then = sfn.describe_state_machine_for_execution(executionArn=first)
    assert '"old"' in then["definition"]
