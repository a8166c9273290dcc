import json

import pytest

PASS = {"Type": "Pass", "End": True}
TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
CALL = {"FunctionName": "f"}


@pytest.fixture
def refusal(sfn, machine):
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


def test_a_field_that_only_the_sandbox_does_not_support_is_refused_by_name(refusal):
    assert (
        "The sandbox does not support the field 'Credentials' of state 'Here' at "
        "/States/Here/Credentials"
    ) in refusal({"Here": {**TASK, "Arguments": CALL, "Credentials": {}}})


@pytest.mark.rule("L5")
@pytest.mark.parametrize(
    "state, field",
    [
        ({**PASS, "Result": 1}, "Result"),
        ({**PASS, "InputPath": "$"}, "InputPath"),
        ({**TASK, "Arguments": CALL, "ResultSelector": {}}, "ResultSelector"),
        ({"Type": "Wait", "Seconds": 1, "SecondsPath": "$", "End": True}, "SecondsPath"),
        ({"Type": "Fail", "ErrorPath": "$"}, "ErrorPath"),
    ],
)
def test_a_jsonpath_field_is_refused(refusal, state, field):
    assert refusal({"Here": state}) == (
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The QueryLanguage is set to "
        f"'JSONata', but field '{field}' is only supported for the 'JSONPath' QueryLanguage at "
        "/States/Here'"
    )


CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "Here"}]
RETRY = [{"ErrorEquals": ["States.ALL"]}]
PLAIN: dict[str, dict[str, object]] = {
    "Pass": {},
    "Wait": {"Seconds": 1},
    "Choice": {"Choices": [{"Condition": True, "Next": "Here"}]},
    "Succeed": {},
    "Fail": {},
}


@pytest.mark.rule("L5")
@pytest.mark.parametrize("kind", PLAIN)
@pytest.mark.parametrize(
    "field, value", [("TimeoutSeconds", 1), ("Catch", CATCH), ("Retry", RETRY)]
)
def test_a_field_that_the_type_does_not_have_is_refused(refusal, kind, field, value):
    # given
    end = {"End": True} if kind in {"Pass", "Wait"} else {}

    # when / then
    assert refusal({"Here": {"Type": kind, **PLAIN[kind], **end, field: value}}) == (
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Field "
        f"'{field}' is not supported at /States/Here'"
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


@pytest.mark.rule("L5")
@pytest.mark.parametrize(
    "language, problem",
    [
        (
            "JSONPath",
            (
                "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine "
                "at /States/A"
            ),
        ),
        (
            "jsonata",
            "Value should be one of the following: [JSONPath, JSONata] at /States/A/QueryLanguage",
        ),
        ({}, "Expected value of type [STRING] at /States/A/QueryLanguage"),
    ],
)
def test_a_state_in_another_language_is_refused(refusal, language, problem):
    assert f"'SCHEMA_VALIDATION_FAILED: {problem}'" in refusal(
        {"A": {**PASS, "QueryLanguage": language}}
    )


@pytest.mark.parametrize(
    "states, expected",
    [
        ({"A": {"Type": "Pass"}}, "Expected either Next or End: true at /States/A"),
        ({"A": {**PASS, "Next": "A"}}, "Expected either Next or End: true"),
        ({"A": {**PASS, "Assign": {"states": 1}}}, "'states' is not a valid variable name"),
        ({"A": {**PASS, "Assign": {"a-b": 1}}}, "'a-b' is not a valid variable name"),
        ({"A": {**PASS, "Assign": "{% {} %}"}}, "Expected an object at /States/A/Assign"),
        ({"A": {"Type": "Wait", "End": True}}, "Expected either Seconds or Timestamp"),
        ({"A": {"Type": "Wait", "Seconds": -1, "End": True}}, "from 0 to 31536000"),
        ({"A": {"Type": "Wait", "Seconds": 1.5, "End": True}}, "Expected int or a JSONata"),
        (
            {"A": {"Type": "Wait", "Timestamp": "2026-01-05T09:00:00", "End": True}},
            "String does not match RFC3339 timestamp at /States/A/Timestamp",
        ),
        ({"A": {"Type": "Choice", "Choices": []}}, "Expected at least one entry"),
        (
            {"A": {"Type": "Choice", "Choices": [{"Next": "A"}]}},
            "These fields are required: [Condition] at /States/A/Choices[0]",
        ),
        (
            {"A": {"Type": "Choice", "Choices": [{"Condition": "yes", "Next": "A"}]}},
            "Expected bool or a JSONata expression at /States/A/Choices[0]/Condition",
        ),
        (
            {"A": {"Type": "Choice", "Choices": [{"And": [], "Condition": True, "Next": "A"}]}},
            "Field 'And' is not supported at /States/A/Choices[0]",
        ),
        ({"A": TASK}, "Expected an object with FunctionName"),
        ({"A": {**TASK, "Arguments": {**CALL, "Qualifier": "1"}}}, "argument 'Qualifier'"),
        (
            {"A": {**TASK, "Arguments": CALL, "TimeoutSeconds": 5, "HeartbeatSeconds": 5}},
            "Expected a number less than TimeoutSeconds at /States/A/HeartbeatSeconds",
        ),
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
        ({}, "These fields are required: [ErrorEquals] at /States/A/Retry[0]"),
        ({"ErrorEquals": []}, "Expected an array of error names"),
        ({"ErrorEquals": ["States.ALL", "A"]}, "States.ALL must be alone"),
        ({"ErrorEquals": ["A"], "BackoffRate": 0.5}, "from 1 to"),
        ({"ErrorEquals": ["A"], "MaxAttempts": "3"}, "Expected a number"),
        ({"ErrorEquals": ["A"], "JitterStrategy": "SOME"}, "Expected FULL or NONE"),
        (
            {"ErrorEquals": ["A"], "IntervalSeconds": 9, "MaxDelaySeconds": 9},
            "greater than Interval",
        ),
        (
            {"ErrorEquals": ["A"], "Other": 1},
            "Field 'Other' is not supported at /States/A/Retry[0]",
        ),
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


@pytest.mark.rule("L3")
@pytest.mark.parametrize(
    "states, problem",
    [
        ({"A": {"Type": "Pass", "Next": "NOPE"}}, "Missing 'Next' target: NOPE at /States/A/Next"),
        (
            {
                "A": {"Type": "Choice", "Choices": [{"Condition": True, "Next": "X"}]},
                "B": {"Type": "Succeed"},
            },
            "Missing 'Next' target: X at /States/A/Choices[0]/Next",
        ),
        (
            {
                "A": {
                    "Type": "Choice",
                    "Choices": [{"Condition": True, "Next": "A"}],
                    "Default": "X",
                }
            },
            "Missing 'Next' target: X at /States/A/Default",
        ),
        (
            {"A": {**TASK, "Arguments": CALL, "Catch": [{"ErrorEquals": ["E"], "Next": "X"}]}},
            "Missing 'Next' target: X at /States/A/Catch[0]/Next",
        ),
        ({"A": PASS, "C": PASS}, 'State "C" is not reachable. at /States/C'),
        (
            {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}, "C": PASS},
            'State "C" is not reachable. at /States/C',
        ),
    ],
)
def test_transitions_must_lead_to_existing_states_and_reach_all_states(refusal, states, problem):
    assert refusal(states) == (
        f"Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: {problem}'"
    )


@pytest.mark.rule("L3")
def test_the_first_state_must_exist(refusal):
    assert "'MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /StartAt'" in refusal(
        {"A": PASS}, StartAt="X"
    )


@pytest.mark.rule("L3")
@pytest.mark.parametrize(
    "states",
    [
        {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Wait", "Seconds": 1, "Next": "A"}},
        {"A": {"Type": "Choice", "Choices": [{"Condition": True, "Next": "A"}]}},
        # the unreachable state is not reported
        {"A": {"Type": "Pass", "Next": "A"}, "C": {"Type": "Pass", "Next": "A"}},
    ],
)
def test_a_machine_without_a_terminal_state_is_refused(refusal, states):
    assert refusal(states) == (
        "Invalid State Machine Definition: 'MISSING_END_STATE: Workflow has no terminal state at "
        "null'"
    )


def output(template):
    return {"A": {**PASS, "Output": template}}


def catching(**fields):
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "B", **fields}]
    return {"A": {**TASK, "Arguments": CALL, "Catch": catch}, "B": {"Type": "Succeed"}}


@pytest.mark.rule("L1")
@pytest.mark.parametrize(
    "states, name, place",
    [
        (output({"v": "{% phone %}"}), "phone", "A/Output/v"),
        (output({"v": "{% phone[0] %}"}), "phone", "A/Output/v"),
        (output({"a": {"b": ["{% phone %}"]}}), "phone", "A/Output/a/b[0]"),
        (output("{% aaa + bbb %}"), "aaa", "A/Output"),
        (output("{% $.phone %}"), "$", "A/Output"),
        (output("{% {'key': phone.number} %}"), "phone", "A/Output"),
        (output("{% $states.input ? -phone : 1 %}"), "phone", "A/Output"),
        (output("{% $map($states.input.a, function($x) { b }) %}"), "b", "A/Output"),
        (output("{% 'phone'.number %}"), "phone", "A/Output"),
        (output("{% ** %}"), "**", "A/Output"),
        ({"A": {**PASS, "Assign": {"v": "{% phone %}"}}}, "phone", "A/Assign/v"),
        ({"A": {**PASS, "Assign": {"Next": "{% phone %}"}}}, "phone", "A/Assign/Next"),
        (
            {
                "A": {"Type": "Choice", "Choices": [{"Condition": "{% n = 1 %}", "Next": "B"}]},
                "B": {"Type": "Succeed"},
            },
            "n",
            "A/Choices[0]/Condition",
        ),
        ({"A": {"Type": "Wait", "Seconds": "{% n %}", "End": True}}, "n", "A/Seconds"),
        ({"A": {"Type": "Fail", "Cause": "{% why %}"}}, "why", "A/Cause"),
        (
            {"A": {**TASK, "Arguments": {**CALL, "Payload": {"Comment": "{% p %}"}}}},
            "p",
            "A/Arguments/Payload/Comment",
        ),
        ({"A": {**TASK, "Arguments": CALL, "TimeoutSeconds": "{% n %}"}}, "n", "A/TimeoutSeconds"),
        (catching(Output={"v": "{% phone %}"}), "phone", "A/Catch[0]/Output/v"),
        (catching(Assign={"Retry": "{% phone %}"}), "phone", "A/Catch[0]/Assign/Retry"),
    ],
)
def test_a_name_without_a_variable_is_refused_in_every_field(refusal, states, name, place):
    assert refusal(states) == (
        f"Invalid State Machine Definition: 'UNSUPPORTED_JSONATA_EXPRESSION: Reference to '{name}' "
        f"at the top level is not supported. at /States/{place}'"
    )


@pytest.mark.rule("L1")
@pytest.mark.parametrize(
    "expression",
    [
        "$states.input.items[value > 3]",
        "$states.input.(a & b)",
        "$states.input.items^(price).name",
        "$states.input.items{name: $sum(price)}",
        "$states.input ~> |items|{'price': price * 2}|",
        "$map($states.input.items, function($item) { $item.name })",
        "$variable[0]",
        "[1..3].($ * 2)",
        "$states.input.**.name",
    ],
)
def test_a_name_below_a_value_is_accepted(machine, expression):
    assert machine(output(f"{{% {expression} %}}"))


@pytest.mark.rule("L2")
@pytest.mark.parametrize("expression", ["$$", "$$.phone", "$states.input.items[$ = $$.name]"])
def test_the_root_of_the_context_is_refused(refusal, expression):
    assert refusal(output(f"{{% {expression} %}}")) == (
        "Invalid State Machine Definition: 'UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$$' is "
        "not supported. at /States/A/Output'"
    )


@pytest.mark.rule("L2")
@pytest.mark.parametrize(
    "states, member, place",
    [
        (output("{% $states.errorOutput.Error %}"), "errorOutput", "Output"),
        (output("{% $exists($states.errorOutput) %}"), "errorOutput", "Output"),
        ({"A": {**PASS, "Assign": {"e": "{% $states.errorOutput %}"}}}, "errorOutput", "Assign/e"),
        (
            {"A": {**TASK, "Arguments": {**CALL, "Payload": "{% $states.errorOutput %}"}}},
            "errorOutput",
            "Arguments/Payload",
        ),
        (
            {"A": {**TASK, "Arguments": CALL, "Output": "{% $states.errorOutput %}"}},
            "errorOutput",
            "Output",
        ),
        (output("{% $states.result %}"), "result", "Output"),
        (
            {"A": {**TASK, "Arguments": {**CALL, "Payload": "{% $states.result %}"}}},
            "result",
            "Arguments/Payload",
        ),
        (catching(Output="{% $states.result %}"), "result", "Catch[0]/Output"),
    ],
)
def test_an_unavailable_member_of_states_is_refused(refusal, states, member, place):
    assert refusal(states) == (
        "Invalid State Machine Definition: 'UNSUPPORTED_JSONATA_EXPRESSION: Field "
        f"'$states.{member}' does not exist. at /States/A/{place}'"
    )


@pytest.mark.rule("L2")
@pytest.mark.parametrize(
    "states",
    [
        catching(Output="{% $states.errorOutput %}"),
        catching(Assign={"e": "{% $states.errorOutput.Error %}"}),
        {"A": {**TASK, "Arguments": CALL, "Output": "{% $states.result %}"}},
        {"A": {**TASK, "Arguments": CALL, "Assign": {"r": "{% $states.result %}"}}},
    ],
)
def test_an_available_member_of_states_is_accepted(machine, states):
    assert machine(states)


@pytest.mark.rule("L4")
@pytest.mark.parametrize(
    "expression, problem",
    [
        ("$a[1,2)", 'Expected "]", got ","'),
        ('"unterminated', "String literal must be terminated by a matching quote"),
        ("1 +", "Unexpected end of expression"),
        ('{"a":}', 'The symbol "}" cannot be used as a unary operator'),
        ("$x :=", "Unexpected end of expression"),
        ('$match("a", /abc', "No terminating / in regular expression"),
        ("$phone %.other", 'The symbol "." cannot be used as a unary operator'),
        ("", "Unexpected end of expression"),
        (
            "+".join("1" * 10_000),
            "The sandbox does not support expressions that are nested this deeply",
        ),
    ],
)
def test_an_expression_that_cannot_be_parsed_is_refused(refusal, expression, problem):
    assert refusal(output({"v": f"{{% {expression} %}}"})) == (
        f"Invalid State Machine Definition: 'INVALID_JSONATA_EXPRESSION: {problem} at "
        "/States/A/Output/v'"
    )


@pytest.mark.rule("L5")
@pytest.mark.parametrize("field", ["StartAt", "States"])
def test_a_machine_without_a_required_field_is_refused(sfn, field):
    # given
    definition = {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": PASS}}
    del definition[field]

    # when
    with pytest.raises(sfn.exceptions.InvalidDefinition) as refused:
        sfn.create_state_machine(
            name="M",
            definition=json.dumps(definition),
            roleArn="arn:aws:iam::111122223333:role/Machine",
        )

    # then
    assert f"'SCHEMA_VALIDATION_FAILED: These fields are required: [{field}] at /'" in str(
        refused.value
    )


def test_a_definition_that_is_not_json_is_refused(sfn):
    with pytest.raises(sfn.exceptions.InvalidDefinition, match="'INVALID_JSON_DESCRIPTION: "):
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
