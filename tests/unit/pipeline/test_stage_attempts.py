from __future__ import annotations

import pytest

from codepipeline_orchestrator.aws.answers import ActionDetail, read_answer
from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.pipeline.stage_attempts import newest_stages, stage_attempts
from tests.function.runs import moment


def acted(stage, name, start, end, status="Succeeded"):
    return {
        "stageName": stage,
        "actionName": name,
        "status": status,
        "startTime": moment(start),
        "lastUpdateTime": moment(end),
    }


def attempts(*actions, outcome=Outcome.SUCCEEDED):
    return stage_attempts([read_answer(ActionDetail, each) for each in actions[::-1]], outcome)


def told(*actions, outcome=Outcome.SUCCEEDED):
    return [
        (
            each.name,
            each.status,
            (each.start_time - moment(0)).total_seconds(),
            (each.end_time - moment(0)).total_seconds() if each.end_time else None,
            [action.name for action in each.actions],
        )
        for each in attempts(*actions, outcome=outcome)
    ]


def test_a_stage_lasts_from_its_first_start_to_its_last_end():
    found = told(
        acted("Build", "Compile", 3, 40), acted("Build", "Lint", 3, 11), acted("Live", "Go", 41, 50)
    )

    assert found == [
        ("Build", "Succeeded", 3, 40, ["Compile", "Lint"]),
        ("Live", "Succeeded", 41, 50, ["Go"]),
    ]


def test_actions_that_start_after_a_failure_are_another_attempt():
    found = told(
        acted("Live", "Go", 0, 10, "Failed"),
        acted("Live", "Check", 0, 20),
        acted("Live", "Go", 20, 30),
        acted("Live", "Verify", 30, 40),
    )

    assert found == [
        ("Live", "Failed", 0, 20, ["Go", "Check"]),
        ("Live", "Succeeded", 20, 40, ["Go", "Verify"]),
    ]


def test_an_action_that_starts_while_another_one_fails_belongs_to_the_same_attempt():
    found = told(
        acted("Live", "Go", 0, 10, "Failed"),
        acted("Live", "Check", 9, 20),
        acted("Live", "Verify", 15, 18),
    )

    assert found == [("Live", "Failed", 0, 20, ["Go", "Check", "Verify"])]


def test_a_stage_with_an_action_in_progress_has_not_ended():
    going = acted("Live", "Go", 0, 10, "InProgress")

    (stage,) = attempts(acted("Live", "Check", 0, 5, "Failed"), going, outcome=None)

    assert (stage.status, stage.end_time) == ("InProgress", None)
    assert "endTime" not in to_document(stage)["actions"][1]


@pytest.mark.parametrize(
    "status, shown",
    [("Failed", "Failed"), ("Abandoned", "Stopped"), ("Succeeded", "Succeeded"), (None, None)],
)
def test_the_actions_show_the_status_of_a_stage(status, shown):
    (stage,) = attempts(acted("Live", "Check", 0, 5), acted("Live", "Go", 0, 5, status))

    assert stage.status == shown


@pytest.mark.parametrize(
    "outcome, status",
    [
        (Outcome.SUCCEEDED, "Succeeded"),
        (Outcome.SUPERSEDED, "Succeeded"),
        (Outcome.STOPPED, None),
        (Outcome.FAILED, None),
        (None, None),
    ],
)
def test_the_last_stage_may_have_ended_before_all_of_its_actions_began(outcome, status):
    found = attempts(acted("Build", "Do", 0, 5), acted("Live", "Go", 5, 9), outcome=outcome)

    assert [each.status for each in found] == ["Succeeded", status]


def test_actions_without_a_name_or_a_start_are_ignored():
    whole = acted("Live", "Go", 0, 5)
    lacking = [{**whole, member: None} for member in ("stageName", "actionName", "startTime")]

    assert attempts(*lacking) == ()


def test_the_oldest_stages_lose_their_actions_if_there_are_too_many():
    stages = attempts(
        acted("Source", "Checkout", 0, 1),
        *(acted("Build", f"A{number}", 2, 3) for number in range(60)),
        *(acted("Live", f"B{number}", 4, 5) for number in range(41)),
    )

    kept = newest_stages(stages)

    assert [len(each.actions) for each in kept] == [0, 0, 41]
    assert [each.start_time for each in kept] == [moment(0), moment(2), moment(4)]


def test_a_hundred_actions_are_kept():
    stages = attempts(
        *(acted("Build", f"A{number}", 2, 3) for number in range(60)),
        *(acted("Live", f"B{number}", 4, 5) for number in range(40)),
    )

    assert newest_stages(stages) == stages


def test_at_most_100_attempts_are_kept():
    stages = attempts(*(acted(f"S{number}", "Do", number, number) for number in range(101)))

    assert [each.name for each in newest_stages(stages)][::99] == ["S1", "S100"]
