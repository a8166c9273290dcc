from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from benchmarks.waiting.orchestrator import follow
from benchmarks.waiting.products import EVENTS, NATIVE, POLLS
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


WAITS = [Wait(0, PIPELINE, (GOOD, BAD), GOOD), Wait(1, PIPELINE, (GOOD,), BAD)]
HOPS = 1.0  # the seconds that an event needs to cross two buses


@pytest.fixture(scope="module")
def woken():
    return follow(EVENTS, WAITS, seed=1)


@pytest.fixture(scope="module")
def polling():
    return follow(POLLS, WAITS, seed=1)


@pytest.fixture(scope="module")
def native():
    return follow(NATIVE, WAITS, seed=1)


@pytest.fixture(scope="module", params=["woken", "polling", "native"])
def measured(request):
    return request.getfixturevalue(request.param)


def called(measured, caller=None):
    return Counter({name: n for (who, name), n in measured.calls.items() if caller in {None, who}})


def test_the_actions_end_like_their_targets(measured):
    assert [answer.right for answer in measured.answers] == [True, True]
    assert [answer.failed for answer in measured.answers] == [False, True]


def test_the_delay_is_the_time_from_the_end_to_the_answer(native, polling):
    assert all(HOPS < answer.delay < HOPS + 1 for answer in native.answers)
    assert all(0 < answer.delay < 300 for answer in polling.answers)


def test_each_poll_is_one_invocation_of_get_state(measured):
    polls = sum(answer.polls for answer in measured.answers)

    assert measured.invocations["GetState"] == polls <= called(measured, "GetState").total()


def test_only_the_waits_are_counted_and_each_starts_its_target_once(measured):
    assert measured.calls["StartExecution", "StartPipelineExecution"] == 2
    assert measured.invocations["AssumeRole"] == 2


def test_a_native_action_has_no_job_to_answer(woken, native):
    answers = {"PutJobSuccessResult", "PutJobFailureResult"}

    assert answers <= called(woken).keys()
    assert not answers & called(native).keys()
    assert native.invocations["CodePipelineJob"] == 0


def test_the_calls_of_the_state_machine_and_of_wake_are_counted(woken):
    assert called(woken, "StateMachine")["UpdateItem"] >= 2
    assert called(woken, "Wake")["SendTaskSuccess"] >= 2
    assert woken.billed.forwarded >= woken.invocations["Wake"] >= 2


def test_without_events_nothing_is_forwarded_and_no_run_is_woken(polling):
    assert polling.billed.forwarded == polling.invocations["Wake"] == 0
    assert called(polling, "StateMachine") == {}


def test_each_write_to_a_table_costs_at_least_one_unit(measured):
    calls = called(measured)

    assert measured.billed.writes >= calls["PutItem"] + calls["UpdateItem"] > 0


def test_a_lost_end_is_noticed_by_a_poll(woken):
    # All events arrive except the one about the first target's end.
    measured = follow(replace(EVENTS, lost=2), WAITS, seed=1)

    assert measured.billed.forwarded == woken.billed.forwarded - 1
    assert [answer.right for answer in measured.answers] == [True, True]


def test_state_transitions_are_counted_as_aws_bills_them(measured):
    # A poll enters at least two states, and each state adds at least one event to the history.
    for answer in measured.answers:
        assert 2 * answer.polls < answer.transitions < answer.events
