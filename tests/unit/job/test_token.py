from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepipeline_orchestrator.errors import InvalidContinuationToken
from codepipeline_orchestrator.job.table import digest_of
from codepipeline_orchestrator.job.token import Token, is_waiters
from tests.unit.job.actions import FIRST

SECRET = "0123456789abcdef" * 2
TOKEN = Token(FIRST, SECRET, 2)
WAITERS = '{"previous_job_id": "0"}'

names = st.from_regex(r"[0-9A-Za-z_-]{1,80}", fullmatch=True)
secrets = st.from_regex(r"[0-9a-f]{32}", fullmatch=True)


@given(names, secrets, st.integers(2, 3_000))
def test_a_token_is_short_and_reads_back_unchanged(run, secret, n):
    token = Token(run, secret, n)
    assert Token.of(token.text) == token
    assert len(token.text) < 200
    assert not is_waiters(token.text)


def test_a_token_has_the_same_form_in_every_version():
    # After an update, an action that was already waiting still sends a token of the old version.
    assert TOKEN.text == f'{{"run":"{FIRST}","secret":"{SECRET}","n":2}}'


@pytest.mark.interleaving(15)
def test_each_job_has_its_own_number():
    assert TOKEN.following() == Token(FIRST, SECRET, 3)


WRONG: dict[str, list[Any]] = {
    "run": [None, 7, "", "a/b", "a" * 81, "a\n", "ä"],
    "secret": [None, 7, "", ["s"], "ä", "\ud800"],
    "n": [None, "2", 2.0, True, 1, 0, -1],
}


@pytest.mark.parametrize(
    "name, value", [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_token_with_an_impossible_part_is_refused(name, value):
    with pytest.raises(InvalidContinuationToken, match=r"^The job's .* to start the action again"):
        Token.of(json.dumps({**json.loads(TOKEN.text), name: value}))


@pytest.mark.parametrize("name", ["run", "secret", "n"])
def test_a_token_that_lacks_a_part_is_refused(name):
    document = json.loads(TOKEN.text)
    del document[name]
    with pytest.raises(InvalidContinuationToken):
        Token.of(json.dumps(document))


@pytest.mark.parametrize(
    "text", [None, "", "[" * 2_000, "{}", "[]", "3", "null", "MY_TOKEN", WAITERS, "1" * 5_000]
)
def test_text_that_is_not_a_token_is_refused(text):
    with pytest.raises(InvalidContinuationToken):
        Token.of(text)


@given(
    st.text()
    | st.fixed_dictionaries(
        {"run": names | st.text(), "secret": st.text(), "n": st.integers() | st.booleans()}
    ).map(json.dumps)
)
def test_every_accepted_token_has_a_valid_run_name_and_secret(text):
    try:
        token = Token.of(text)
    except InvalidContinuationToken:
        return
    assert re.fullmatch("[0-9A-Za-z_-]{1,80}", token.run)
    assert len(digest_of(token.secret)) == 64
    assert token.n > 1


@pytest.mark.parametrize(
    "text, waiters",
    [
        (WAITERS, True),
        (TOKEN.text, False),
        ('{"previous_job_id": "0", "more": 1}', False),
        (None, False),
        ("[1]", False),
        ("x", False),
    ],
)
@pytest.mark.interleaving(40)
def test_the_tokens_of_the_old_waiter_are_recognized(text, waiters):
    assert is_waiters(text) is waiters
