from __future__ import annotations

from dataclasses import replace

import pytest

from codepipeline_orchestrator.model.documents import from_document, to_document
from codepipeline_orchestrator.model.listening import ANNOUNCED, Listening, waits_key
from tests.function.runs import ID, OTHER, TARGET

KEY = f"222233334444/eu-west-1/deploy/{ID}"
HEARD = Listening(KEY, heard=3)
TOLD = replace(HEARD, end_announced=True, wakes=1)


def test_each_execution_has_its_own_key_and_starts_without_events():
    assert Listening.to(TARGET, ID) == Listening(
        KEY, None, 0, end_announced=False, polls=0, wakes=0
    )
    assert not Listening(KEY).is_proven
    assert Listening.to(TARGET, OTHER).execution != KEY
    assert waits_key("222233334444", "eu-west-1", "deploy", ID) == KEY


@pytest.mark.parametrize("heard, proven", [(None, False), (0, True), (7, True)])
def test_a_counter_shows_that_events_arrive(heard, proven):
    assert Listening(KEY, heard=heard).is_proven is proven


@pytest.mark.interleaving(56)
def test_an_announced_end_is_polled_for_four_times_and_then_dropped():
    listening: Listening | None = TOLD
    polls = []
    while listening is not None and listening.end_announced:
        polls.append(ANNOUNCED[listening.polls])
        listening = listening.after_poll()
    assert polls == [5, 10, 20, 40]
    assert listening == replace(HEARD, wakes=4)  # An event woke the first poll.


def test_a_poll_without_an_announced_end_changes_nothing():
    assert HEARD.after_poll() == HEARD
    assert Listening(KEY, refused=2).after_poll() == Listening(KEY, refused=2)


@pytest.mark.interleaving(62, 68)
@pytest.mark.parametrize("wakes, listens", [(0, True), (199, True), (200, False), (900, False)])
@pytest.mark.parametrize("listening", [HEARD, TOLD])
def test_a_run_is_woken_at_most_200_times(listening, wakes, listens):
    assert (replace(listening, wakes=wakes).after_poll() is not None) is listens


def test_an_end_that_a_poll_has_seen_is_no_longer_announced():
    assert replace(TOLD, polls=2).without_announced_end() == replace(HEARD, wakes=1)


@pytest.mark.parametrize("listening", [Listening(KEY), HEARD, replace(TOLD, polls=2, refused=1)])
def test_the_listening_state_reads_back_unchanged(listening):
    assert from_document(Listening, to_document(listening)) == listening


def test_a_counter_of_zero_is_not_omitted():
    assert to_document(Listening(KEY, heard=0)) == {"execution": KEY, "heard": 0}
