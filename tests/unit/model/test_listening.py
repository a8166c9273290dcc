"""What a run knows of the events about its target."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codepipeline_orchestrator.model.documents import from_document, to_document
from codepipeline_orchestrator.model.listening import ANNOUNCED, Listening, waits_key
from tests.function.runs import ID, OTHER, TARGET

KEY = f"222233334444/eu-west-1/deploy/{ID}"
HEARD = Listening(KEY, heard=3)
TOLD = replace(HEARD, told=True, wakes=1)


def test_an_execution_has_a_key_of_its_own_and_nothing_is_heard_of_it_yet():
    assert Listening.to(TARGET, ID) == Listening(KEY)
    assert not Listening(KEY).is_proven
    assert Listening.to(TARGET, OTHER).execution != KEY
    assert waits_key("222233334444", "eu-west-1", "deploy", ID) == KEY


@pytest.mark.parametrize("heard, proven", [(None, False), (0, True), (7, True)])
def test_a_counter_proves_that_events_arrive(heard, proven):
    assert Listening(KEY, heard=heard).is_proven is proven


@pytest.mark.interleaving(56)
def test_an_end_that_was_told_is_polled_for_four_times_and_then_forgotten():
    listening: Listening | None = TOLD
    polls = []
    while listening is not None and listening.told:
        polls.append(ANNOUNCED[listening.polls])
        listening = listening.after_poll()
    assert polls == [5, 10, 20, 40]
    assert listening == replace(HEARD, wakes=4)  # the first poll was woken by the event


def test_a_poll_that_nothing_was_told_of_changes_nothing():
    assert HEARD.after_poll() == HEARD
    assert Listening(KEY, refused=2).after_poll() == Listening(KEY, refused=2)


@pytest.mark.interleaving(62, 68)
@pytest.mark.parametrize("wakes, listens", [(0, True), (199, True), (200, False), (900, False)])
@pytest.mark.parametrize("listening", [HEARD, TOLD])
def test_a_run_is_woken_200_times_at_most(listening, wakes, listens):
    assert (replace(listening, wakes=wakes).after_poll() is not None) is listens


def test_an_end_that_has_shown_is_told_no_more():
    assert replace(TOLD, polls=2).untold() == replace(HEARD, wakes=1)


@pytest.mark.parametrize("listening", [Listening(KEY), HEARD, replace(TOLD, polls=2, refused=1)])
def test_it_is_handed_on_as_it_is(listening):
    assert from_document(Listening, to_document(listening)) == listening


def test_a_counter_of_nothing_is_handed_on():
    assert to_document(Listening(KEY, heard=0)) == {"execution": KEY, "heard": 0}
