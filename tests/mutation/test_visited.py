from __future__ import annotations

from tests.mutation import visited
from tests.statemachine import one_visit
from tests.statemachine.canned_answers import TargetUnavailable, started
from tests.statemachine.interpreters import opinions


def _places(play, *arguments, **more):
    found: set[str] = set()
    with visited._seen(found.add):
        play(*arguments, **more)
    return found


def test_a_visit_to_a_choice_records_the_evaluated_rules_and_the_chosen_rule():
    given = {"Error": "TargetUnavailable"}
    run = one_visit.known()
    assert _places(one_visit.visited, "IsTemporary", given, run=run, failedPolls=0) == {
        "IsTemporary",
        "IsTemporary.Choices[0]?",
        "IsTemporary.Choices[1]?",
        "IsTemporary.Choices[1]",
    }


def test_a_visit_to_a_task_records_its_errors_retry_and_catcher():
    busy = TargetUnavailable("busy")
    found = _places(opinions, StartExecution=[busy, busy, busy, started()])
    assert {each for each in found if each.startswith("StartExecution")} == {
        "StartExecution",
        "StartExecution: TargetUnavailable",
        "StartExecution.Retry",
        "StartExecution.Catch[0]",
    }


def test_a_mutant_is_tried_by_tests_that_visit_its_place_or_read_the_definition():
    every = ["quick", "reads", "slow", "elsewhere"]
    places = {
        "GetState": {"slow", "quick"},
        "definition": {"reads"},
        "StopExecution": {"elsewhere"},
    }
    reached = visited.Visited(every, places)
    assert reached.tests_of("GetState") == ["quick", "reads", "slow"]
    assert reached.tests_of(visited.ANYWHERE) == every
