import pytest

from codepipeline_sandbox.stepfunctions.language import bounds


@pytest.fixture
def value(run):
    def value(template, given=None):
        end = run({"Only": {"Type": "Pass", "Output": template, "End": True}}, given)
        assert end.status == "SUCCEEDED", end.cause
        return end.output

    return value


@pytest.fixture
def problem(run):
    def problem(template, given=None):
        return run({"Only": {"Type": "Pass", "Output": template, "End": True}}, given)

    return problem


def test_expressions_may_appear_anywhere_in_a_value(value):
    # given
    template = {"a": ["{% $states.input.n + 1 %}", {"b": "{% 'x' & 'y' %}"}], "c": "plain", "d": 1}

    # when / then
    assert value(template, {"n": 1}) == {"a": [2, {"b": "xy"}], "c": "plain", "d": 1}


def test_a_variable_is_bound_as_a_value_and_never_becomes_part_of_the_expression(run):
    # given input that tries to break out of a string and call a function
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


@pytest.mark.rule("L6")
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


FAILED = (
    "An error occurred while executing the state 'Only' (entered at the event id #2). The JSONata "
    "expression '{}' specified for the field 'Output/v' threw an error during evaluation{}"
)


@pytest.mark.rule("L6", "L9")
@pytest.mark.parametrize(
    "expression, ending",
    [
        ("$eval('1+1')", ". T1006: Attempted to invoke a non-function"),
        ("$nosuch()", ". T1006: Attempted to invoke a non-function"),
        ("1 + 'x'", '. T2002: The right side of the "+" operator must evaluate to a number'),
        ("$abs('a')", '. T0410: Argument 1 of function "abs" does not match function signature'),
        ("$sum(['a'])", '. T0412: Argument 1 of function "sum" must be an array of "numbers"'),
        ("$join([1])", '. T0412: Argument 1 of function "join" must be an array of "strings"'),
        ("$sqrt(-1)", ". D3060: The sqrt function cannot be applied to a negative number: -1"),
        (
            "1 > 'a'",
            (
                '. T2009: The values 1 and "a" either side of operator ">" must be of the same '
                "data type"
            ),
        ),
        ("$error('on purpose')", ". D3137: on purpose"),
        ("$number('a')", '. D3030: Unable to cast value to a number: "a"'),
        ("$map(['a', 'b'], $number)", '. D3030: Unable to cast value to a number: "a"'),
        (
            "$toMillis('yesterday')",
            (
                ". D3110: The argument of the toMillis function must be an ISO 8601 formatted "
                'timestamp. Given "yesterday"'
            ),
        ),
        (
            "$power(1000, 1000)",
            (
                ". D3061: The power function has resulted in a value that cannot be represented "
                "as a JSON number: base=1000, exponent=1000"
            ),
        ),
        (
            "$sort([1, 'a'])",
            (
                ". D3070: The single argument form of the sort function can only be applied to an "
                "array of strings or an array of numbers.  Use the second argument to specify a "
                "comparison function"
            ),
        ),
        ("1/0 + 1", ". D1001: Number out of range: null"),
    ],
)
def test_the_cause_has_the_code_and_message_of_jsonata(problem_of, expression, ending):
    assert problem_of(expression) == FAILED.format(expression, ending)


@pytest.fixture
def problem_of(problem):
    def cause(expression):
        end = problem({"v": f"{{% {expression} %}}"})
        assert (end.status, end.error) == ("FAILED", "States.QueryEvaluationError")
        return end.cause

    return cause


@pytest.mark.rule("L6")
def test_a_cause_without_a_code_shows_the_message_after_a_colon(problem_of):
    assert problem_of("$partition([1], 0)") == FAILED.format(
        "$partition([1], 0)", ": $partition takes an array and a positive whole number"
    )


TOO_DEEP = (
    ": Stack overflow error: Check for non-terminating recursive function. Consider rewriting as "
    "tail-recursive."
)
TOO_LARGE = ": Expression evaluation memory limit exceeded: Check for excessive memory usage"
ENDLESS = ": Expression evaluation timeout: Check for infinite loop"
DOUBLED = "($twice := function($s, $n) {{ $n = 0 ? $s : $twice($s & $s, $n - 1) }}; $length($twice('x', {})))"  # noqa: E501


@pytest.mark.rule("L7")
@pytest.mark.parametrize(
    "expression, ending",
    [
        ("+".join("1" * 200), TOO_DEEP),
        (" and ".join(["true"] * 200), TOO_DEEP),
        ("($f := function($n) { 1 + $f($n) }; $f(1))", TOO_DEEP),
        ("[1..873783] ~> $count()", TOO_LARGE),
        ("$count($range(1, 873783, 1))", TOO_LARGE),
        ("$length($pad('', 8388608, 'x'))", TOO_LARGE),
        (DOUBLED.format(23), TOO_LARGE),
        ("$reduce($split($pad('', 25, 'x'), ''), function($a, $b) { $a & $a })", TOO_LARGE),
        (
            "($f := function($f, $n) { $n = 0 ? 0 : 1 + $f($f, $n - 1) }; $f ~> $f(500))",
            TOO_DEEP,
        ),
        ("(function($f, $n) { 1 + $f($f, $n) })(function($f, $n) { 1 + $f($f, $n) }, 1)", TOO_DEEP),
    ],
)
def test_an_evaluation_has_limits(problem_of, expression, ending):
    assert problem_of(expression) == FAILED.format(expression, ending)


@pytest.mark.rule("L7")
def test_an_endless_evaluation_ends(problem_of, monkeypatch):
    monkeypatch.setattr(bounds, "LONGEST", 10_000)
    expression = "($f := function($n) { $f($n + 1) }; $f(1))"

    assert problem_of(expression) == FAILED.format(expression, ENDLESS)


@pytest.mark.rule("L7")
@pytest.mark.parametrize(
    "expression, expected",
    [
        ("[1..873782] ~> $count()", 873_782),
        (DOUBLED.format(22), 4_194_304),
        ("+".join("1" * 90), 90),
        ("$count($map([1..1000], function($n) { $n * 2 }))", 1_000),
    ],
)
def test_an_evaluation_within_the_limits_succeeds(value, expression, expected):
    assert value(f"{{% {expression} %}}") == expected


@pytest.mark.rule("L7")
def test_an_expression_can_be_evaluated_again_after_it_reached_a_limit(run):
    # given
    expression = "($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f($states.input.n))"
    states = {"Only": {"Type": "Pass", "Output": f"{{% {expression} %}}", "End": True}}

    # when / then
    assert [run(states, {"n": n}).status for n in (5, 500, 5)] == [
        "SUCCEEDED",
        "FAILED",
        "SUCCEEDED",
    ]


@pytest.mark.rule("L8")
@pytest.mark.parametrize(
    "expression, expected",
    [
        ("[1/0]", ["Infinity"]),
        ("{'k': 1/0}", {"k": "Infinity"}),
        ("1/0", "Infinity"),
        ("-1/0", "-Infinity"),
        ("1e308 * 10", "Infinity"),
        ("[0/0, 5 % 0]", ["NaN", "NaN"]),
    ],
)
def test_a_number_that_json_cannot_represent_becomes_a_string(value, expression, expected):
    assert value(f"{{% {expression} %}}") == expected


@pytest.mark.rule("L6")
@pytest.mark.parametrize("field", ["Output", "Assign", "Arguments"])
@pytest.mark.parametrize("first", [True, False])
def test_a_failed_evaluation_follows_the_event_before_the_state(run, task, field, first):
    # given
    bad = {"FunctionName": "{% $none %}"}
    kind = task("f") if field == "Arguments" else {"Type": "Pass", "End": True}
    before = {} if first else {"Before": {"Type": "Pass", "Next": "Here"}}

    # when
    end = run({**before, "Here": {**kind, field: bad}})

    # then
    failed = end.events[end.types.index("EvaluationFailed")]
    entered = failed["id"] - 1
    assert end.types[entered - 1].endswith("StateEntered")
    assert failed["previousEventId"] == (0 if first else entered - 1)
    assert end.events[-1]["previousEventId"] == failed["id"]


@pytest.mark.rule("L6")
def test_a_failed_evaluation_after_the_call_follows_the_call(isolated_stepfunctions, run, task):
    # given
    isolated_stepfunctions.functions.handlers["f"] = lambda _: 1

    # when
    end = run({"Do": task("f", Output="{% $none %}")})

    # then
    failed = end.types.index("EvaluationFailed")
    assert end.types[failed - 1] == "TaskSucceeded"
    assert end.events[failed]["previousEventId"] == end.events[failed - 1]["id"]


@pytest.mark.rule("L9")
@pytest.mark.parametrize(
    "expression, expected",
    [
        ("$random(42)", 0.7275636800328681),
        ("$random(42) = $random(42)", True),
        ("$hash('input', 'SHA-1')", "140f86aae51ab9e1cda9b4254fe98a74eb54c1a1"),
        ("$range(0, 6, 2)", [0, 2, 4, 6]),
        ("$partition([1, 2, 3, 4], 2)", [[1, 2], [3, 4]]),
        ('$parse("{\\"a\\":1}").a', 1),
    ],
)
def test_functions_return_the_same_values_as_on_aws(value, expression, expected):
    assert value(f"{{% {expression} %}}") == expected


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("$partition([1,2,3,4,5], 2)", [[1, 2], [3, 4], [5]]),
        ("$sort([3, 1, 2])", [1, 2, 3]),
        ("$sort([1, 2, 3], function($a, $b) { $a < $b })", [3, 2, 1]),
        ("[$number('2'), $power(2, 3), ['4'].$number()]", [2, 8, 4]),
        ("$toMillis('2026-01-05T09:00:00Z')", 1_767_603_600_000),
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
def test_functions_added_by_step_functions_can_be_called(value, expression, expected):
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
