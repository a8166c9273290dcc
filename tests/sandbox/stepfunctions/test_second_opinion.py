"""moto's interpreter and ours reach the same outcomes and enter the same states."""

import json

import pytest

from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.stepfunctions.second_opinion import Opinion, second_opinion
from tests.sandbox.stepfunctions.test_dynamodb import ALLOWED, Machines, call, read, register


class Unavailable(Exception):
    """An error that should be retried."""


class Hopeless(Exception):
    """An error that should not be retried."""


def handlers(*answers):
    left = list(answers)

    def f(event):
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return {**answer, "given": event}

    return {"f": f}


@pytest.fixture
def both(isolated_stepfunctions, run):
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


WAIT = {
    "Wait": register(
        heard="{% $string($states.input.heard) %}",
        TimeoutSeconds="{% 60 * 15 %}",
        Next="Write",
        Catch=[
            {"ErrorEquals": ["States.Timeout"], "Next": "Read"},
            {"ErrorEquals": ["DynamoDb.ConditionalCheckFailedException"], "Next": "Read"},
        ],
        Assign={"heard": "{% $states.result.heard %}"},
    ),
    "Write": call(
        "updateItem",
        {
            "UpdateExpression": "SET heard = :heard",
            "ExpressionAttributeValues": {":heard": {"N": "{% $string($heard) %}"}},
            "ReturnValues": "ALL_NEW",
        },
        Output="{% $states.result.Attributes.heard %}",
    ),
    "Read": read(),
}


@pytest.fixture
def both_with_tables():
    """Returns the results of our interpreter and of moto's, each from its own world."""

    def both(given, sent):
        states = {name: {**state} for name, state in WAIT.items()}
        del states["Wait"]["End"]
        definition = {"QueryLanguage": "JSONata", "StartAt": "Wait", "States": states}
        with Cloud(seed=1) as cloud:
            machines = Machines(cloud, ALLOWED)
            arn = machines.start(states, given)
            if sent:
                machines.sfn.send_task_success(taskToken=machines.token, output=json.dumps(sent[0]))
            end = machines.end(arn)
        with Cloud(seed=1) as cloud:
            client = Machines(cloud, ALLOWED).dynamodb
            theirs = second_opinion(json.dumps(definition), given, {}, dynamodb=client, told=sent)
        return Opinion(end.status, tuple(end.entered), end.output, end.error, end.cause), theirs

    return both


@pytest.mark.parametrize(
    "heard, sent, entered, output",
    [
        (3, [{"heard": 4}], ("Wait", "Write"), {"N": "4"}),
        (3, [], ("Wait", "Read"), {"Item": {"heard": {"N": "3"}}}),
        (2, [], ("Wait", "Read"), {"Item": {"heard": {"N": "3"}}}),
    ],
)
def test_both_interpreters_agree_on_states_that_call_dynamodb(
    both_with_tables, heard, sent, entered, output
):
    ours, motos = both_with_tables({"heard": heard}, sent)

    assert ours == motos
    assert (ours.entered, ours.output) == (entered, output)


def test_motos_interpreter_reports_that_it_needs_a_client():
    definition = json.dumps({"StartAt": "Read", "States": {"Read": read()}})

    with pytest.raises(ValueError, match="calls DynamoDB"):
        second_opinion(definition, {}, {})
