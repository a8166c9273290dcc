from __future__ import annotations

import pytest

from benchmarks.waiting.peers import play
from benchmarks.waiting.prices import Billed
from benchmarks.waiting.stage_states import waiter_says
from benchmarks.waiting.worlds import Passage, Pipeline, Wait

PIPELINE = Pipeline((20.0, 20.0, 20.0, 40.0), approval=False)


def passage(*seconds, failed=False):
    names = ("Source", "Build", "Test", "Staging", "Production")
    return Passage(tuple(zip(names, seconds, strict=False)), failed)


def wait_for(target, *earlier):
    return Wait(0, PIPELINE, earlier, target)


HUNDRED = passage(0.0, 20.0, 20.0, 20.0, 40.0)


@pytest.mark.parametrize(
    "peer, delay, polls, calls, invocations, transitions",
    [
        ("waiter", 0.02 + 4 * 30.06 - 100, 4, 3 + 4 * 3, 5, 0),
        ("aws-sample", 4 * 30.04 - 100, 7, 3 + 7 + 4 * 2, 2 + 7 + 4, 1 + 7 * 3 + 1),
        ("fixed-30", 4 * 30.02 - 100, 4, 1 + 4, 0, 1 + 4 * 3 + 1),
        ("client-10", 10 * 10.02 - 100, 10, 1 + 10, 0, 0),
        ("events-300", 1.04, 0, 4 + 3, 2, 1),
    ],
)
def test_a_target_of_100_seconds_is_followed_according_to_the_rule(
    peer, delay, polls, calls, invocations, transitions
):
    measured = play(peer, [wait_for(HUNDRED)])

    (answer,) = measured.answers
    assert answer.delay == pytest.approx(delay, abs=0.005)
    assert (answer.polls, answer.transitions) == (polls, transitions)
    assert sum(measured.calls.values()) == calls
    assert sum(measured.invocations.values()) == invocations
    assert answer.right


def test_the_events_peer_still_polls_every_five_minutes_and_every_call_is_charged():
    # The target takes 703 seconds.
    measured = play("events-300", [wait_for(passage(3.0, 700.0))])

    # Each poll reads the target and answers the job. CodePipeline then creates the next job.
    (answer,) = measured.answers
    assert (answer.polls, answer.transitions) == (2, 1 + 2 * 3)
    assert measured.calls == {
        ("events-300", "AssumeRole"): 1,
        ("events-300", "StartPipelineExecution"): 1,
        ("events-300", "StartExecution"): 1,
        ("events-300", "PutItem"): 1,
        ("events-300", "GetPipelineExecution"): 2,
        ("events-300", "PutJobSuccessResult"): 2 + 1,
        ("events-300", "UpdateItem"): 2 + 1,
        ("events-300", "StopExecution"): 1,
    }
    assert measured.invocations == {"events-300": 1 + 2 * 2 + 1}
    assert measured.billed == Billed(writes=1 + 2 + 1, forwarded=1)


def test_an_end_without_an_open_job_is_reported_to_the_next_job():
    # The target ends 5 seconds after its job was answered with a continuation token.
    measured = play("events-300", [wait_for(passage(5.0, 300.0))])

    # The first answer is refused, and the second one goes to CodePipeline's next job.
    (answer,) = measured.answers
    assert answer.delay == pytest.approx(30 - 5 + 4 * 0.02)
    assert measured.calls["events-300", "PutJobSuccessResult"] == 1 + 2


@pytest.mark.parametrize("failed, says", [(True, "failure"), (False, "waits")])
def test_the_waiter_sees_the_current_status_of_the_stages(failed, says):
    # The test stage ends after 40 seconds. Either it fails, or the staging stage follows.
    target = passage(0.0, 20.0, 20.0, failed=True) if failed else HUNDRED
    wait = wait_for(target, passage(0.0, 20.0, failed=True), HUNDRED)

    assert waiter_says(wait, 39.0) == "waits"
    assert waiter_says(wait, 41.0) == says


def test_an_old_failure_of_a_stage_misleads_the_waiter():
    # The target has not started yet, so the state of its pipeline still shows an earlier execution.
    wait = wait_for(HUNDRED, passage(0.0, 20.0, failed=True))

    assert waiter_says(wait, -1.0) == "failure"


def test_a_state_machine_that_polls_every_15_seconds_fills_its_history_within_a_day():
    short, long = (wait_for(passage(3.0, hours * 3600.0)) for hours in (11, 12))

    assert [answer.right for answer in play("aws-sample", [short, long]).answers] == [True, False]
