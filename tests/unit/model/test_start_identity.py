from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepipeline_orchestrator.model.start_identity import start_identity

RUN = "arn:aws:states:eu-west-1:111122223333:execution:Runs:job-1"
TARGET = "arn:aws:codepipeline:eu-west-1:222233334444:deploy"


def identity(run=RUN, at="2026-01-05T09:00:00Z", target=TARGET, token=None):
    return start_identity(run_arn=run, start_time=at, target_arn=target, client_request_token=token)


def test_every_attempt_of_a_run_has_the_same_identity():
    assert identity() == identity()


@pytest.mark.interleaving(36)
def test_a_different_run_deployment_year_or_target_has_a_different_identity():
    others = {
        identity(),
        identity(run=RUN.replace("job-1", "job-2")),
        identity(run=RUN.replace("Runs", "OtherStack")),
        identity(run=RUN.replace("eu-west-1", "eu-west-2")),
        identity(at="2027-01-05T09:00:00Z"),
        identity(target=TARGET.replace("deploy", "other")),
    }
    assert len(others) == 6


def test_runs_with_the_same_token_share_an_identity_only_for_the_same_target():
    assert identity(token="t") == identity(run="arn:other", at="later", token="t")
    assert identity(token="t") != identity(token="t", target="arn:other")
    assert identity(token="t") != identity(token="u")


def test_a_name_has_45_characters():
    assert len(identity()) == 45


@given(st.text(), st.text(min_size=1))
def test_an_identity_is_a_valid_token_and_a_valid_name(run, token):
    made = identity(run=run, token=token)
    assert re.fullmatch(r"[a-zA-Z0-9-]{2,64}", made)
