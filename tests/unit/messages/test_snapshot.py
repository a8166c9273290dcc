"""What a state leaves for the people who watch the action, and how that is said."""

from __future__ import annotations

import pytest

from codepipeline_orchestrator.messages.snapshot import describe, standing, standing_before_start
from codepipeline_orchestrator.model.state import Progress
from codepipeline_orchestrator.model.target import Target
from codepipeline_orchestrator.polling.typical_durations import Pace, Step

ID = "aaaaaaaa-1111-2222-3333-444444444444"
TARGET = Target("deploy", "222233334444", "eu-west-1", "aws", "arn", None, "run-1")
SAID = "deploy (account 222233334444, eu-west-1)"
LINK = (
    "https://eu-west-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/deploy/executions/"
    f"{ID}/timeline?region=eu-west-1"
)


def paced(seconds):
    """The pace of a pipeline that usually takes so long; None if it is not known."""
    if seconds is None:
        return None
    half = seconds // 2
    return Pace((Step("S", "A", half, 1), Step("S", "B", seconds - half, 1)), 0.1).to_document()


def test_what_there_is_of_it_is_left():
    progress = Progress(where={"stage": "S", "actions": ["A"]}, pace=paced(120))
    assert standing(TARGET, ID, "InProgress", progress, 30) == {
        "target": SAID,
        "pipelineExecutionId": ID,
        "status": "InProgress",
        "link": LINK,
        "where": {"stage": "S", "actions": ["A"]},
        "percent": 25,
    }
    assert standing(TARGET, ID, "Stopping", Progress()).keys() == {
        "target",
        "pipelineExecutionId",
        "status",
        "link",
    }


@pytest.mark.parametrize(
    "age, typical, percent",
    [
        (0, 100, 0),
        (-5, 100, 0),
        (99.9, 100, 99),
        (100, 100, 99),
        (1_000, 100, 99),
        (1, 1_000, 0),
        (609, 1_000, 60),
        (10, 0, None),
        (10, None, None),
        (None, 100, None),
    ],
)
def test_the_percentage_is_by_the_typical_duration_and_never_100(age, typical, percent):
    made = standing(TARGET, ID, "InProgress", Progress(pace=paced(typical)), age)
    assert made.get("percent") == percent


@pytest.mark.parametrize(
    "left, said",
    [
        (
            standing(TARGET, ID, "InProgress", Progress(where={"stage": "S", "waits": True})),
            f"Waiting for {SAID}, execution {ID}, which is InProgress, in front of stage S: {LINK}",
        ),
        (
            {"target": SAID, "pipelineExecutionId": ID, "status": "Stopping"},
            f"Waiting for {SAID}, execution {ID}, which is Stopping",
        ),
        (
            standing_before_start(TARGET, "InProgress", ["a"]),
            f"Waiting until nothing runs in {SAID}; now its execution a does.",
        ),
        (
            standing_before_start(TARGET, "InProgress", ["a", "b", "c"]),
            f"Waiting until nothing runs in {SAID}; now its executions a and 2 more do.",
        ),
        (
            standing_before_start(TARGET, "unreadable", []),
            f"Waiting to reach {SAID}: AWS could not answer; it is asked again.",
        ),
        (
            standing_before_start(TARGET, "Failed", []),
            f"Waiting until nothing runs in {SAID}; it is Failed at present.",
        ),
        (
            standing_before_start(TARGET, "busy", []),
            (
                f"Waiting to start {SAID}: it has as many executions in progress as CodePipeline "
                "allows."
            ),
        ),
    ],
)
def test_it_is_said_in_words(left, said):
    assert describe(left) == said
