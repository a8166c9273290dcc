from __future__ import annotations

import secrets
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from codepipeline_orchestrator.errors import JobsUnavailable
from codepipeline_orchestrator.job.table import JobsTable, Refused, digest_of
from codepipeline_sandbox.faults import CallFault
from tests.function.odd_answers import Recorded, oddities
from tests.function.runs import START
from tests.unit.job.actions import (
    CONTEXT,
    FAILED,
    FIRST,
    SECOND,
    SUCCEEDED,
    THIRD,
    UNKNOWN,
    context_of,
)

MONTH = 30 * 24 * 3600
DIGEST = digest_of("x")


@pytest.fixture
def opened(jobs):
    return jobs.open(FIRST, CONTEXT)


@pytest.fixture
def state(raw):
    def read():
        item = raw(FIRST)
        return item["job"], int(item["n"]), "answer" in item

    return read


def is_unchanged(raw, attempt):
    before = raw(FIRST)
    with pytest.raises(Refused) as refused:
        attempt()
    assert raw(FIRST) == before
    return refused.value.item


# --- a first job ---


def test_a_new_item_holds_the_first_job_and_its_own_secret(at, jobs, raw):
    at(0)
    opened = jobs.open(FIRST, CONTEXT)
    item = raw(FIRST)
    assert (item["job"], item["n"]) == (FIRST, "1")
    assert int(item["expires"]) == START.timestamp() + MONTH
    assert item["digest"] == digest_of(item["secret"]) == opened.digest
    assert len(item["secret"]) == 32
    assert jobs.open(SECOND, CONTEXT).secret != opened.secret


@pytest.mark.interleaving(2, 3, 5)
def test_a_repeated_first_job_leaves_its_item_unchanged(jobs, opened, raw):
    jobs.file(FIRST, SECOND, 2, opened.secret, CONTEXT)
    jobs.end(FIRST, opened.digest, SUCCEEDED)
    before = raw(FIRST)
    again = jobs.open(FIRST, context_of("a9"))
    assert raw(FIRST) == before
    assert (again.secret, again.job, again.answer) == (opened.secret, SECOND, SUCCEEDED)


def test_a_secret_is_never_logged(opened):
    assert opened.secret not in repr(opened)
    assert str(Refused(opened)) == ""


def test_a_missing_item_reads_as_none(jobs):
    assert jobs.read(FIRST) is None


def test_an_item_reads_back_unchanged(jobs, opened):
    item = jobs.read(FIRST)
    assert (item.run, item.job, item.n) == (FIRST, FIRST, 1)
    assert (item.secret, item.begun, item.answer) == (opened.secret, False, None)
    assert item.context.pipeline_name == "release"
    assert item.context.pipeline_execution_id == "e1"
    assert item.context.action.action_execution_id == "a1"


# --- later jobs ---


@pytest.mark.parametrize("n", [2, 3, 99])
def test_a_newer_job_is_filed(jobs, opened, state, n):
    assert jobs.file(FIRST, SECOND, n, opened.secret, CONTEXT).job == SECOND
    assert state() == (SECOND, n, False)


@pytest.mark.interleaving(13)
def test_an_older_job_changes_nothing(jobs, opened, raw):
    jobs.file(FIRST, THIRD, 3, opened.secret, CONTEXT)
    item = is_unchanged(raw, lambda: jobs.file(FIRST, SECOND, 2, opened.secret, CONTEXT))
    assert (item.job, item.n) == (THIRD, 3)


@pytest.mark.interleaving(14, 15)
def test_a_job_with_the_same_number_is_filed_again_even_with_another_id(jobs, opened, state):
    jobs.file(FIRST, SECOND, 2, opened.secret, CONTEXT)
    jobs.file(FIRST, SECOND, 2, opened.secret, CONTEXT)
    assert state() == (SECOND, 2, False)
    jobs.file(FIRST, THIRD, 2, opened.secret, CONTEXT)
    assert state() == (THIRD, 2, False)


@pytest.mark.interleaving(17)
def test_a_job_that_arrives_after_the_answer_is_not_filed_and_gets_the_answer(jobs, opened, raw):
    jobs.end(FIRST, opened.digest, FAILED)
    item = is_unchanged(raw, lambda: jobs.file(FIRST, SECOND, 2, opened.secret, CONTEXT))
    assert item.answer == FAILED


@pytest.mark.interleaving(48)
@pytest.mark.parametrize(
    "secret, context",
    [("0" * 32, CONTEXT), (None, context_of("a2")), (None, context_of(execution="e2"))],
    ids=["another secret", "another action", "another execution"],
)
def test_a_job_of_another_action_is_not_filed(jobs, opened, raw, secret, context):
    used = opened.secret if secret is None else secret
    item = is_unchanged(raw, lambda: jobs.file(FIRST, SECOND, 2, used, context))
    assert item.secret != secret
    assert item.may_be_of(context) is (context is CONTEXT)


PARTS = [
    UNKNOWN,
    context_of(action=None),
    context_of(execution=None),
    context_of(pipeline=None),
    context_of("a2", execution=None),
]


@pytest.mark.parametrize(
    "first, later", [*((CONTEXT, each) for each in PARTS), *((each, CONTEXT) for each in PARTS)]
)
def test_unknown_fields_of_an_action_match_anything(jobs, state, first, later):
    item = jobs.open(FIRST, first)
    jobs.file(FIRST, SECOND, 2, item.secret, later)
    assert state() == (SECOND, 2, False)
    assert item.may_be_of(later)


@pytest.mark.interleaving(48)
def test_a_job_for_an_unknown_run_is_not_filed(jobs, raw):
    with pytest.raises(Refused) as refused:
        jobs.file(FIRST, SECOND, 2, "secret", CONTEXT)
    assert (refused.value.item, raw(FIRST)) == (None, None)


# --- the run begins ---


def test_a_run_can_be_marked_as_begun_more_than_once(jobs, opened, raw):
    assert jobs.begin(FIRST, opened.digest).begun
    assert jobs.begin(FIRST, opened.digest).begun
    assert raw(FIRST)["begun"] is True


def test_a_run_whose_action_has_an_answer_is_not_marked_as_begun(jobs, opened, raw):
    jobs.end(FIRST, opened.digest, FAILED)
    item = is_unchanged(raw, lambda: jobs.begin(FIRST, opened.digest))
    assert (item.answer, item.begun) == (FAILED, False)


# --- the end ---


@pytest.mark.interleaving(16)
def test_the_first_answer_is_kept(jobs, opened, state):
    assert jobs.end(FIRST, opened.digest, SUCCEEDED).answer == SUCCEEDED
    assert jobs.end(FIRST, opened.digest, FAILED).answer == SUCCEEDED
    assert state() == (FIRST, 1, True)


@pytest.mark.interleaving(17)
def test_storing_an_answer_returns_the_newest_job(jobs, opened):
    jobs.file(FIRST, SECOND, 2, opened.secret, CONTEXT)
    assert jobs.end(FIRST, opened.digest, SUCCEEDED).job == SECOND


@pytest.mark.interleaving(49)
@pytest.mark.parametrize(
    "write",
    [lambda jobs: jobs.begin(FIRST, DIGEST), lambda jobs: jobs.end(FIRST, DIGEST, FAILED)],
    ids=["begin", "end"],
)
def test_a_run_with_a_different_digest_writes_nothing(jobs, opened, raw, write):
    item = is_unchanged(raw, lambda: write(jobs))
    assert item.digest == opened.digest
    with pytest.raises(Refused):
        jobs.begin(SECOND, DIGEST)
    with pytest.raises(Refused):
        jobs.end(SECOND, DIGEST, FAILED)
    assert raw(SECOND) is None


# --- a run that never began ---


@pytest.mark.interleaving(1)
@pytest.mark.parametrize("is_there", [True, False])
def test_a_run_that_never_began_can_be_closed_with_or_without_an_item(jobs, raw, is_there):
    secret = jobs.open(FIRST, CONTEXT).secret if is_there else ""
    item = jobs.end_unbegun(FIRST, FIRST, FAILED)
    assert (item.job, item.n, item.answer, item.secret) == (FIRST, 1, FAILED, secret)
    assert "expires" in raw(FIRST)


@pytest.mark.interleaving(43)
def test_a_run_that_has_begun_cannot_be_closed_as_never_begun(jobs, opened, raw):
    jobs.begin(FIRST, opened.digest)
    item = is_unchanged(raw, lambda: jobs.end_unbegun(FIRST, FIRST, FAILED))
    assert item.begun


@pytest.mark.interleaving(43)
@pytest.mark.parametrize("is_there", [True, False])
def test_a_run_that_was_closed_before_it_began_cannot_begin(jobs, is_there):
    if is_there:
        jobs.open(FIRST, CONTEXT)
    jobs.end_unbegun(FIRST, FIRST, FAILED)
    item = jobs.open(FIRST, CONTEXT)
    assert item.answer == FAILED
    with pytest.raises(Refused):
        jobs.begin(FIRST, item.digest)


def test_closing_a_run_that_never_began_keeps_an_existing_answer(jobs, opened):
    jobs.end(FIRST, opened.digest, SUCCEEDED)
    assert jobs.end_unbegun(FIRST, SECOND, FAILED).answer == SUCCEEDED
    assert jobs.read(FIRST).job == FIRST


# --- DynamoDB is unavailable ---

WRITES = {
    "open": lambda jobs, _: jobs.open(FIRST, CONTEXT),
    "file": lambda jobs, secret: jobs.file(FIRST, SECOND, 2, secret, CONTEXT),
    "begin": lambda jobs, secret: jobs.begin(FIRST, digest_of(secret)),
    "end": lambda jobs, secret: jobs.end(FIRST, digest_of(secret), SUCCEEDED),
    "end_unbegun": lambda jobs, _: jobs.end_unbegun(FIRST, FIRST, FAILED),
}


@pytest.mark.interleaving(14, 16)
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_write_that_the_sdk_repeats_succeeds(cloud, jobs, opened, raw, write):
    lost = CallFault("lost", "dynamodb:UpdateItem", times=1, callers="everybody")
    cloud.faults.add(lost)
    item = write(jobs, opened.secret)
    assert cloud.faults.struck(lost) == 1
    assert raw(FIRST)["job"] == item.job


@pytest.mark.parametrize("kind", ["throttled", "unavailable", "denied", "unreachable", "lost"])
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_write_without_a_response_can_be_repeated_later(cloud, jobs, opened, kind, write):
    cloud.faults.add(CallFault(kind, "dynamodb:UpdateItem", callers="everybody"))
    with pytest.raises(JobsUnavailable, match="jobs table could not be used"):
        write(jobs, opened.secret)


@pytest.mark.parametrize("kind", ["throttled", "denied", "unreachable"])
def test_a_read_without_a_response_can_be_repeated_later(cloud, jobs, opened, kind):
    cloud.faults.add(CallFault(kind, "dynamodb:GetItem", callers="everybody"))
    with pytest.raises(JobsUnavailable, match="jobs table could not be used"):
        jobs.read(FIRST)


def test_a_missing_table_is_not_a_missing_item(jobs, dynamodb):
    dynamodb.delete_table(TableName="Jobs")
    with pytest.raises(JobsUnavailable):
        jobs.read(FIRST)
    with pytest.raises(JobsUnavailable):
        jobs.open(FIRST, CONTEXT)


# --- malformed responses and items ---


@pytest.fixture
def same_secret(monkeypatch, at):
    monkeypatch.setattr(secrets, "token_hex", lambda length: "0" * 2 * length)


@pytest.mark.parametrize("write", [*WRITES.values(), None], ids=[*WRITES, "read"])
def test_a_malformed_response_is_refused_or_changes_nothing(same_secret, dynamodb, write):
    def do(client: Any) -> Any:
        jobs = JobsTable("Jobs", client)
        return write(jobs, "0" * 32) if write else jobs.read(FIRST)

    JobsTable("Jobs", dynamodb).open(FIRST, CONTEXT)
    recorded = Recorded(dynamodb)
    usual = do(recorded)
    every = oddities(dict(recorded.answers))
    assert len(every) > 20
    refused = 0
    for odd in every:
        try:
            found = do(recorded.oddly([odd]))
        except JobsUnavailable:
            refused += 1
            continue
        if odd.path == ("Item",):  # The response lacks the item.
            assert found is None
            continue
        written = (found.run, found.job, found.n, found.answer)
        assert written == (usual.run, usual.job, usual.n, usual.answer), str(odd)
        # An item that has an answer does not need its secret.
        assert found.secret == usual.secret or found.answer is not None, str(odd)
        assert found.may_be_of(CONTEXT), str(odd)
    assert 0 < refused < len(every)


@pytest.mark.parametrize("name", ["run", "job", "n", "secret"])
def test_a_malformed_item_in_a_refused_write_is_ignored(jobs, opened, monkeypatch, name):
    item: dict[str, Any] = {
        "run": {"S": FIRST},
        "job": {"S": FIRST},
        "n": {"N": "1"},
        "secret": {"S": "s"},
    }
    error = ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "UpdateItem")

    def refuse(**_):
        raise error

    monkeypatch.setattr(jobs.dynamodb, "update_item", refuse)
    error.response["Item"] = item  # type: ignore[typeddict-unknown-key] # of this exception
    with pytest.raises(Refused):
        jobs.begin(FIRST, DIGEST)
    for value in ({}, {"S": None}, {"N": "x"}):
        item[name] = value
        with pytest.raises(JobsUnavailable):
            jobs.begin(FIRST, DIGEST)


def test_a_read_returns_the_latest_write():
    asked: dict[str, Any] = {}
    dynamodb: Any = SimpleNamespace(get_item=lambda **request: asked.update(request) or {})
    assert JobsTable("Jobs", dynamodb).read(FIRST) is None
    assert asked == {"TableName": "Jobs", "Key": {"run": {"S": FIRST}}, "ConsistentRead": True}
