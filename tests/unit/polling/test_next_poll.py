"""When to poll again, and when to tell the invoking action before that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.model.documents import from_document, to_document
from codepipeline_orchestrator.model.progress import Progress
from codepipeline_orchestrator.model.state import Execution, Memory
from codepipeline_orchestrator.polling.next_poll import next_poll
from codepipeline_orchestrator.polling.pace import Pace, Step
from tests.function.runs import ID, OTHER, START, STATE, asked, moment

pytestmark = pytest.mark.usefixtures("at")  # polls are a minute after the start

PACE = to_document(Pace((Step("Build", "Make", 600, 20), Step("Deploy", "Put", 300, 10)), 0.1))
BUILD = {"stage": "Build", "actions": ["Make"]}
APPROVAL = {"stage": "Gate", "approval": {"action": "Ask"}}


def began(where, action, second):
    latest = {"action": action, "since": moment(second).isoformat()}
    return {**where, "latest": latest, "seen": clock.now().isoformat()}


def polled(before, now, state=STATE):
    """The next poll after one that found the run so and leaves it so."""
    return to_document(next_poll(replace(state, memory=before), now, clock.now()))


def running(where=None, pace=None, polls=4):
    progress = from_document(Progress, where) if where else None
    return Memory(polls, "InProgress", progress=progress, pace=pace or {})


# --- when ---


@pytest.mark.parametrize("second, seconds", [(0, 14), (600, 20), (3_000, 33)])
def test_without_a_history_the_wait_grows_with_the_age(second, seconds, at):
    at(second)
    assert polled(running(), running())["waitSeconds"] == seconds


def test_an_execution_whose_start_is_not_known_is_taken_for_new(at):
    at(3_000)
    state = replace(STATE, execution=Execution(ID))
    assert polled(running(), running(), state)["waitSeconds"] == 14


def test_the_history_and_the_position_say_when(at):
    # given an execution in its last action, which takes five minutes
    at(700)
    inside = running(began({"stage": "Deploy", "actions": ["Put"]}, "Put", 690), PACE)

    # then there is time, and shortly before its end there is none
    assert polled(inside, inside)["waitSeconds"] > 60
    at(985)
    inside = running(began({"stage": "Deploy", "actions": ["Put"]}, "Put", 690), PACE)
    assert polled(inside, inside)["waitSeconds"] <= 6


def test_the_deployment_says_what_a_poll_costs(at):
    at(3_000)
    dear = polled(running(), running(), asked(pollCost=4.8))["waitSeconds"]
    assert dear == pytest.approx(4 * 34, rel=0.1)


@pytest.mark.parametrize("cost", [0.01, 0.3, 60])
def test_a_failure_is_polled_again_after_ten_seconds_whatever_a_poll_costs(cost, at):
    failed = Memory(5, "Failed", pace={})
    assert polled(running(), failed, asked(pollCost=cost))["waitSeconds"] == 10


@pytest.mark.parametrize("left, seconds", [(10, 10), (4, 4), (0.5, 1)])
def test_the_second_poll_of_a_failure_is_not_later_than_the_deadline(left, seconds, at):
    at(3_600 - left)
    assert polled(running(), Memory(5, "Failed", pace={}))["waitSeconds"] == seconds


@pytest.mark.parametrize("since, seconds", [(2_999.5, 10), (2_998, 8), (2_990.5, 1)])
def test_a_failure_that_was_read_a_moment_ago_is_waited_for_as_long_as_it_takes(since, seconds, at):
    at(3_000)
    failed = Memory(5, "Failed", pace={}, failed_since=moment(since))
    assert polled(replace(failed, polls=4), failed)["waitSeconds"] == seconds


def test_a_failure_that_is_certain_is_being_retried_and_is_waited_for(at):
    at(3_000)
    failed = Memory(5, "Failed", pace={}, failed_since=moment(2_990))
    assert polled(replace(failed, polls=4), failed)["waitSeconds"] == 33


def test_all_polls_of_the_first_day_are_counted(at):
    many = running(polls=200)
    assert polled(many, running(polls=201))["waitSeconds"] == 51 * 64 - 60


@pytest.mark.parametrize("second, seconds", [(3_000, 7), (3_010, 1)])
def test_no_wait_passes_the_lease(second, seconds, at):
    at(second)
    assert polled(running(), running(), leased(3_007))["waitSeconds"] == seconds


# --- what to tell ---


def leased(second, state=STATE):
    """The run with a job whose lease is over at this second."""
    return replace(state, renew_at=moment(second))


@pytest.mark.parametrize(
    "before, now, tell",
    [
        (BUILD, BUILD, False),
        (None, None, False),
        (None, BUILD, True),  # for how long, nobody knows
        (BUILD, None, False),
        (None, APPROVAL, True),
        (BUILD, APPROVAL, True),
        (APPROVAL, APPROVAL, False),
        (BUILD, {"stage": "Deploy", "transition": {}}, True),
        (BUILD, {"stage": "Deploy", "behind": OTHER}, True),
        (BUILD, {"stage": "Deploy", "waits": True}, True),
    ],
)
def test_without_a_history_people_are_told_at_once_where_it_has_come_to(before, now, tell):
    assert polled(running(before), running(now))["tell"] is tell


@pytest.mark.parametrize("seconds, tell", [(60, False), (3_600, True)])
@pytest.mark.parametrize("before, news", [(None, True), ({"stage": "Build"}, False)])
def test_people_are_told_at_once_of_a_stage_that_usually_lasts(seconds, tell, before, news):
    pace = Pace((Step("Build", "Make", seconds, 6), Step("Deploy", "Put", 60, 6)), 0.1)
    inside = running(began(BUILD, "Make", 50), to_document(pace))
    assert polled(running(before), inside)["tell"] is (tell and news)


def near_the_end(second=600):
    """In the last action, which ends about second 900, give or take 10."""
    return running(began({"stage": "Deploy", "actions": ["Put"]}, "Put", second), PACE)


@pytest.mark.parametrize(
    "over, tell", [(879, False), (881, True), (900, True), (919, True), (921, False)]
)
def test_a_lease_that_is_over_about_the_likely_end_is_renewed_before(over, tell, at):
    at(690)
    made = polled(near_the_end(), near_the_end(), leased(over))
    assert made["waitSeconds"] > 115
    assert made["tell"] is tell


def test_without_a_lease_there_is_nothing_to_renew(at):
    at(690)
    assert polled(near_the_end(), near_the_end())["tell"] is False


def test_a_renewal_takes_too_long_when_the_next_poll_is_near(at):
    at(840)
    made = polled(near_the_end(), near_the_end(), leased(900))
    assert made["waitSeconds"] < 60
    assert made["tell"] is False


def test_a_lease_that_leaves_time_for_another_poll_is_not_renewed_with_each_of_them(at):
    # given an end that may come at any time of twenty minutes
    vague = to_document(Pace((Step("Deploy", "Put", 7_200, 300),), 0.1))
    inside = running(began({"stage": "Deploy", "actions": ["Put"]}, "Put", 0), vague)
    state = asked(pollCost=1.2, deadline=moment(99_999).isoformat())

    # then it is renewed early only if there is one more poll at most, and never when it is new
    at(6_500)
    seconds = polled(inside, inside, state)["waitSeconds"]
    assert 60 <= seconds < 150
    assert polled(inside, inside, leased(6_500 + 2 * seconds, state))["tell"] is True
    assert polled(inside, inside, leased(6_501 + 2 * seconds, state))["tell"] is False
    dear = replace(state, request=replace(state.request, poll_cost=9.6))
    assert polled(inside, inside, dear)["waitSeconds"] > 200
    assert polled(inside, inside, leased(6_800, dear))["tell"] is True
    assert polled(inside, inside, leased(6_801, dear))["tell"] is False


APPROVED_FROM = {"stage": "Gate", "approval": {"action": "Ask", "since": START.isoformat()}}


def test_while_it_waits_for_people_the_poll_after_a_renewal_is_soon_enough(at):
    at(1_260)
    waiting, state = running(APPROVED_FROM), asked(deadline=moment(99_999).isoformat())
    seconds = polled(waiting, waiting, state)["waitSeconds"]

    def within(left):
        return polled(waiting, waiting, leased(1_260 + left, state))["waitSeconds"]

    # then it waits for the renewal, unless that is more than another poll away
    assert 300 < seconds < 400
    assert within(2 * seconds) == seconds
    assert within(2 * seconds - 1) == 2 * seconds - 1
    assert within(seconds - 100) == seconds - 100


def test_a_wait_for_people_never_passes_the_deadline(at):
    at(1_260)
    waiting = running(APPROVED_FROM)
    state = leased(1_260 + 600, asked(deadline=moment(1_260 + 400).isoformat()))
    assert polled(waiting, waiting, state)["waitSeconds"] <= 400
