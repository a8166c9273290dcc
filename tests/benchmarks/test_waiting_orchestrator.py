"""The product is followed from its action to its answer, and everything that it does is counted."""

from __future__ import annotations

import pytest

from benchmarks.waiting.orchestrator import follow
from benchmarks.waiting.worlds import Passage, Pipeline, Wait

PIPELINE = Pipeline((30.0, 20.0, 20.0, 30.0), approval=True)
GOOD = Passage(
    (
        ("Source", 3.0),
        ("Build", 30.0),
        ("Test", 20.0),
        ("Staging", 20.0),
        ("Approve", 60.0),
        ("Production", 30.0),
    ),
    failed=False,
)
BAD = Passage((("Source", 3.0), ("Build", 31.0), ("Test", 22.0)), failed=True)


@pytest.fixture(scope="module")
def measured():
    waits = [Wait(0, PIPELINE, (GOOD, BAD), GOOD), Wait(1, PIPELINE, (GOOD,), BAD)]
    return follow(waits, seed=1)


def test_the_actions_end_as_the_targets_do(measured):
    assert [answer.right for answer in measured.answers] == [True, True]
    assert [answer.failed for answer in measured.answers] == [False, True]


def test_the_delay_is_that_of_the_answer_after_the_end(measured):
    succeeded, failed = measured.answers

    # somebody had to approve, and who waits for people looks seldom
    assert 0 < succeeded.delay < 300
    # a failure is read twice
    assert 10 < failed.delay < 120


def test_each_look_is_an_invocation_of_get_state_with_a_call_at_least(measured):
    looks = sum(answer.polls for answer in measured.answers)
    calls = sum(count for (who, _), count in measured.calls.items() if who == "GetState")

    assert measured.invocations["GetState"] == looks <= calls


def test_only_the_waits_are_counted_and_each_starts_its_target_once(measured):
    assert measured.calls["StartExecution", "StartPipelineExecution"] == 2
    assert measured.invocations["AssumeRole"] == 2
    answered = ("PutJobSuccessResult", "PutJobFailureResult")
    assert all(measured.calls["ReportJobResult", answer] for answer in answered)


def test_the_states_are_counted_as_they_are_billed(measured):
    # then each look is at least two states, and fewer than its events
    for answer in measured.answers:
        assert 2 * answer.polls < answer.transitions < answer.events
