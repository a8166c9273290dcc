from __future__ import annotations

import json

import pytest

from tests.mutation import definition

TASK = {
    "Type": "Task",
    "Resource": "arn:${Partition}:states:::lambda:invoke",
    "Arguments": {"FunctionName": "${F}", "Payload": {"job": "{% $job %}", "state": "Work"}},
    "TimeoutSeconds": 45,
    "Retry": [
        {"ErrorEquals": ["A", "B"], "MaxAttempts": 4, "JitterStrategy": "FULL"},
    ],
    "Catch": [
        {"ErrorEquals": ["States.ALL"], "Assign": {"left": 0}, "Next": "Choose"},
    ],
    "Next": "Choose",
}
CHOOSE = {
    "Type": "Choice",
    "Choices": [
        {"Condition": "{% $job = null %}", "Output": {"ended": True}, "Next": "Good"},
        {"Condition": "{% $states.input.then %}", "Next": "Work"},
    ],
    "Default": "Bad",
}
STATES = {
    "Work": TASK,
    "Choose": CHOOSE,
    "Good": {"Type": "Succeed"},
    "Bad": {"Type": "Fail", "Error": "Broken"},
}


MADE = """
StartAt: Work -> Choose |
Work.Arguments.Payload.job: left out | Work
Work.Arguments.Payload.state: left out | Work
Work.Arguments.Payload.state: Work -> changed | Work
Work.TimeoutSeconds: 45 -> 450 | Work
Work.TimeoutSeconds: 45 -> 22 | Work
Work.Retry: left out | Work.Retry
Work.Retry.ErrorEquals: A -> left out | Work: A
Work.Retry.ErrorEquals: B -> left out | Work: B
Work.Retry.MaxAttempts: 4 -> 40 | Work.Retry
Work.Retry.MaxAttempts: 4 -> 2 | Work.Retry
Work.Retry.JitterStrategy: FULL -> left out | Work.Retry
Work.Catch: left out | Work.Catch[0]
Work.Catch.Choose.Assign.left: left out | Work.Catch[0]
Work.Catch.Choose.Assign.left: 0 -> 1 | Work.Catch[0]
Work.Catch.Choose.Next: Choose -> Bad | Work.Catch[0]
Work.Next: Choose -> Bad | Work
Choose.Choices.Good: moved after Work | Choose.Choices[0]
Choose.Choices.Good.Condition: = -> != | Choose.Choices[0]?
Choose.Choices.Good.Output.ended: left out | Choose.Choices[0]
Choose.Choices.Good.Output.ended: True -> False | Choose.Choices[0]
Choose.Choices.Work: left out | Choose.Choices[1]
Choose.Choices.Work.Next: Work -> Choose | Choose.Choices[1]
Choose.Choices.Work.Next: Work -> Good | Choose.Choices[1]
Bad.Error: Broken -> changed | Bad
"""


@pytest.fixture(scope="module")
def made():
    document = {"QueryLanguage": "JSONata", "StartAt": "Work", "States": STATES}
    return {each.name.removeprefix("statemachine."): each for each in definition.of(document)}


def test_each_mutant_names_its_change_and_the_place_to_visit(made):
    assert [f"{name} | {each.place}".strip() for name, each in made.items()] == MADE.split("\n")[
        1:-1
    ]


def test_a_mutant_is_the_definition_with_one_change(made):
    moved = json.loads(made["Choose.Choices.Good: moved after Work"].text)
    assert moved["States"]["Choose"]["Choices"] == CHOOSE["Choices"][::-1]
    assert moved["States"]["Work"] == TASK

    left = json.loads(made["Work.Arguments.Payload.job: left out"].text)
    assert left["States"]["Work"]["Arguments"]["Payload"] == {"state": "Work"}


def test_a_dynamodb_attribute_is_removed_and_a_condition_is_changed():
    arguments = {
        "TableName": "T",
        "Item": {"name": {"S": "{% $name %}"}},
        "ConditionExpression": "heard = :heard OR heard < :now",
    }
    task = {"Type": "Task", "Arguments": arguments, "End": True}
    task["Resource"] = "arn:aws:states:::aws-sdk:dynamodb:putItem"
    document = {"QueryLanguage": "JSONata", "StartAt": "Put", "States": {"Put": task}}
    assert [each.name.partition("Arguments.")[2] for each in definition.of(document)] == [
        "Item.name: left out",
        "ConditionExpression: left out",
        "ConditionExpression: = -> <>",
        "ConditionExpression: OR -> AND",
        "ConditionExpression: < -> >",
    ]
