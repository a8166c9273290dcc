"""How states evaluate JSONata expressions."""

import pytest


@pytest.fixture
def value(run):
    """Returns the output of a Pass state whose Output is the template."""

    def value(template, given=None):
        end = run({"Only": {"Type": "Pass", "Output": template, "End": True}}, given)
        assert end.status == "SUCCEEDED", end.cause
        return end.output

    return value


@pytest.fixture
def problem(run):
    """Returns the failed execution of a single state whose Output is the template."""

    def problem(template, given=None):
        return run({"Only": {"Type": "Pass", "Output": template, "End": True}}, given)

    return problem


def test_expressions_may_appear_anywhere_in_a_value(value):
    # given
    template = {"a": ["{% $states.input.n + 1 %}", {"b": "{% 'x' & 'y' %}"}], "c": "plain", "d": 1}

    # when / then
    assert value(template, {"n": 1}) == {"a": [2, {"b": "xy"}], "c": "plain", "d": 1}


def test_a_variable_is_bound_as_a_value_and_never_becomes_part_of_the_expression(run):
    # given an input that tries to end the string and call a function
    nasty = "\" & $uuid() & \"say 'hi' \\ ${x} {% 1 %}"
    states = {
        "Set": {"Type": "Pass", "Assign": {"v": "{% $states.input.v %}"}, "Next": "Use"},
        "Use": {"Type": "Pass", "Output": "{% $v & '!' %}", "End": True},
    }

    # when / then
    assert run(states, {"v": nasty}).output == f"{nasty}!"


def test_null_is_a_value_and_not_undefined(value):
    # given
    template = {
        "same": "{% $states.input.a %}",
        "exists": "{% $exists($states.input.a) %}",
        "isNull": "{% $states.input.a = null %}",
        "inside": "{% $states.input.list %}",
        "literal": None,
    }

    # when / then
    assert value(template, {"a": None, "list": [1, None, {"x": None}]}) == {
        "same": None,
        "exists": True,
        "isNull": True,
        "inside": [1, None, {"x": None}],
        "literal": None,
    }


def test_an_undefined_member_of_a_constructed_object_is_left_out(value):
    assert value("{% {'there': 1, 'not': $states.input.nothing} %}") == {"there": 1}


def test_an_undefined_result_fails_the_state_with_an_error_that_names_the_expression(problem):
    # when
    end = problem({"deep": ["{% $states.input.nothing %}"]})

    # then
    assert (end.status, end.error) == ("FAILED", "States.QueryEvaluationError")
    assert end.cause == (
        "An error occurred while executing the state 'Only' (entered at the event id #2). The "
        "JSONata expression '$states.input.nothing' specified for the field 'Output/deep[0]' "
        "returned nothing (undefined)."
    )
    assert end.types[-2:] == ["EvaluationFailed", "ExecutionFailed"]
    assert end.details[-2] == {
        "error": end.error,
        "cause": end.cause,
        "location": "Output/deep[0]",
        "state": "Only",
    }


@pytest.mark.parametrize(
    "expression",
    [
        "$eval('1')",
        "$nosuchfunction()",
        "1 + 'x'",
        "$error('on purpose')",
        "$parse('{')",
        "function($x) { $x }",
        "$hash('x', 'CRC')",
        "$partition([1], 0)",
        "$range(1, 2, 0)",
        "$toMillis('yesterday')",
    ],
)
def test_a_failing_expression_fails_the_state(problem, expression):
    # when
    end = problem(f"{{% {expression} %}}")

    # then
    assert (end.status, end.error) == ("FAILED", "States.QueryEvaluationError")
    assert expression in end.cause


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("$partition([1,2,3,4,5], 2)", [[1, 2], [3, 4], [5]]),
        ("$range(0, 10, 5)", [0, 5, 10]),
        ("$range(3, 1, -1)", [3, 2, 1]),
        ("$hash('abc', 'MD5')", "900150983cd24fb0d6963f7d28e17f72"),
        ("$hash('abc', 'SHA-1')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("$parse('{\"a\":[null,1.0]}')", {"a": [None, 1]}),
        ("$random(7) = $random(7)", True),
        ("$now()", "2026-01-05T09:00:00.000Z"),
        ("$millis()", 1_767_603_600_000),
        ("$count($shuffle([1,2,3]))", 3),
        ("$length($uuid())", 36),
        ("$exists($partition($states.input.none, 2))", False),
        ("$exists($hash($states.input.none, 'MD5'))", False),
        ("10 / 4", 2.5),
        ("$states.input.whole / 2", 2),
    ],
)
def test_functions_added_by_step_functions(value, expression, expected):
    assert value(f"{{% {expression} %}}", {"whole": 4.0}) == expected


def test_random_values_come_from_the_worlds_seed(isolated_stepfunctions, run):
    # given
    template = {"uuid": "{% $uuid() %}", "random": "{% $random() %}", "s": "{% $shuffle([1..9]) %}"}
    states = {"Only": {"Type": "Pass", "Output": template, "End": True}}

    # when
    outputs = []
    for name, seed in (("A", 1), ("B", 1), ("C", 2)):
        isolated_stepfunctions.world.random.seed(seed)
        outputs.append(run(states, name=name).output)

    # then
    assert outputs[0] == outputs[1] != outputs[2]


def test_a_string_with_an_expression_inside_is_plain_text(value):
    assert value("see {% 1 %}") == "see {% 1 %}"
