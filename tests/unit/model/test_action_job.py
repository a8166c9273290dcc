from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepipeline_orchestrator.model.action_job import AGAIN, RENEWAL, ActionJob
from codepipeline_orchestrator.model.documents import from_document, to_document
from tests.function.runs import START, moment


def job(renew_at=600, **more):
    seconds = {name: moment(value) for name, value in more.items() if name.endswith("_at")}
    return ActionJob("digest", moment(renew_at), **{**more, **seconds})


@pytest.mark.parametrize(
    "confirmed_at, second, confirmed",
    [({}, 0, False), ({"confirmed_at": 0}, 120, True), ({"confirmed_at": 0}, 120.1, False)],
)
def test_a_confirmation_is_valid_for_two_minutes(confirmed_at, second, confirmed):
    assert job(**confirmed_at).is_confirmed(moment(second)) is confirmed


@pytest.mark.parametrize(
    "renewed_at, second, late",
    [({}, 0, True), ({"renewed_at": 0}, 299.9, False), ({"renewed_at": 0}, 300, True)],
)
def test_the_next_job_counts_as_late_after_five_minutes(renewed_at, second, late):
    assert job(**renewed_at).next_is_late(moment(second)) is late


@pytest.mark.interleaving(67)
@pytest.mark.parametrize(
    "renewed_at, second, soon",
    [
        ({}, 0, 0),
        ({}, 60, 60),
        ({}, 700, 700),
        ({"renewed_at": 0}, 0, 45),
        ({"renewed_at": 0}, 44, 45),
        ({"renewed_at": 0}, 46, 46),
        ({"renewed_at": 590}, 595, 600),
    ],
)
def test_a_retry_leaves_time_for_the_next_job_but_comes_before_the_renewal(
    renewed_at, second, soon
):
    assert job(**renewed_at).soon(moment(second)) == moment(soon)


@given(st.floats(0, 9_999), st.floats(0, 9_999), st.floats(0, 9_999))
def test_a_retry_is_never_later_than_an_overdue_renewal(renew_at, renewed_at, second):
    known = job(renew_at, renewed_at=renewed_at)
    assert known.soon(moment(second)) <= known.renew_at


@pytest.mark.interleaving(26)
def test_three_failed_renewals_stay_within_the_limit_of_codepipeline():
    silence = RENEWAL + 3 * AGAIN
    assert silence < timedelta(minutes=20)


def test_a_job_reads_back_unchanged():
    whole = job(confirmed_at=1, renewed=3, renewed_at=2)
    for each in (job(), whole):
        assert from_document(ActionJob, to_document(each)) == each
    assert to_document(job()) == {"digest": "digest", "renewAt": (moment(600)).isoformat()}
    assert START.isoformat() < to_document(whole)["renewedAt"]


@pytest.mark.parametrize(
    "now, poll_at, expected",
    [(599, 900, 600), (599, 599.5, 599.5), (600, 900, 900), (700, 900, 900)],
)
def test_a_run_waits_until_the_next_renewal_unless_that_is_overdue(now, poll_at, expected):
    assert job(600).before_poll(moment(poll_at), moment(now)) == moment(expected)
