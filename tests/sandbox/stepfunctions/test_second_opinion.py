"""The same machines on moto's interpreter and on ours: outcomes and entered states agree."""

import json

import pytest

from sandbox.stepfunctions.second_opinion import Opinion, second_opinion


class Unavailable(Exception):
    """An error that is worth another attempt."""


class Hopeless(Exception):
    """An error that is not."""


def handlers(*answers):
    """Make a function `f` that gives the answers in turn, or raises those that are errors."""
    left = list(answers)

    def f(event):
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return {**answer, "given": event}

    return {"f": f}


@pytest.fixture
def both(isolated_stepfunctions, run):
    """The two opinions on the states, ours first."""

    def both(states, given, *answers):
        isolated_stepfunctions.functions.handlers = handlers(*answers)
        end = run(states, given)
        ours = Opinion(end.status, tuple(end.entered), end.output, end.error, end.cause)
        definition = {
            "QueryLanguage": "JSONata",
            "StartAt": next(iter(states)),
            "States": states,
        }
        return ours, second_opinion(json.dumps(definition), given, handlers(*answers))

    return both


@pytest.fixture
def poll(task):
    """A machine with everything in it: retry, catch, variables, choice, wait, both ends."""
    return {
        "Get": task(
            "f",
            {"input": "{% $states.input %}", "attempt": "{% $states.context.State.RetryCount %}"},
            Retry=[{"ErrorEquals": ["Unavailable"], "MaxAttempts": 2, "IntervalSeconds": 30}],
            Catch=[
                {
                    "ErrorEquals": ["States.ALL"],
                    "Assign": {"caught": "{% $states.errorOutput.Error %}"},
                    "Output": {"why": "{% $parse($states.errorOutput.Cause).errorMessage %}"},
                    "Next": "Failed",
                }
            ],
            Assign={"last": "{% $states.result.Payload.text %}"},
            Output="{% $states.result.Payload %}",
            Next="HasEnded",
        ),
        "HasEnded": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.ended %}", "Next": "Shape"}],
            "Default": "WaitForMore",
        },
        "WaitForMore": {"Type": "Wait", "Seconds": 3_600, "Next": "Get"},
        "Shape": {"Type": "Pass", "Output": {"said": "{% $last & '!' %}"}, "Next": "Done"},
        "Done": {"Type": "Succeed"},
        "Failed": {
            "Type": "Fail",
            "Error": "{% 'Our' & $caught %}",
            "Cause": "{% $states.input.why %}",
        },
    }


@pytest.mark.parametrize(
    "answers, status",
    [
        ([{"ended": True, "text": "at once"}], "SUCCEEDED"),
        ([{"ended": False, "text": "a"}, {"ended": True, "text": 'say "b" \\ $c'}], "SUCCEEDED"),
        ([Unavailable("1"), Unavailable("2"), {"ended": True, "text": "late"}], "SUCCEEDED"),
        ([Unavailable("1"), Unavailable("2"), Unavailable("3")], "FAILED"),
        ([{"ended": False, "text": "a"}, Hopeless('it is "over"')], "FAILED"),
    ],
)
def test_both_interpreters_agree_on_a_poll_loop(both, poll, answers, status):
    # when
    ours, motos = both(poll, {"name": "x", "none": None}, *answers)

    # then
    assert ours == motos
    assert ours.status == status


def test_both_interpreters_agree_on_an_uncaught_error(both, task):
    # when
    ours, motos = both({"Do": task("f")}, {}, Hopeless("no"))

    # then
    assert ours == motos
    assert ours.error == "Hopeless"
