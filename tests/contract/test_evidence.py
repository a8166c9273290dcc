from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.contract import evidence
from tests.contract.calls import Answer
from tests.contract.evidence import scrub
from tests.contract.verification import Outcome

MINE = "444455556666"


@pytest.mark.parametrize(
    "value, shown",
    [
        ("arn:aws:iam::444455556666:role/x", "arn:aws:iam::111122223333:role/x"),
        ("owned by 999988887777", "owned by 222233334444"),
        ("account 444455556666.", "account 111122223333."),
        (
            "arn:aws:sts::444455556666:assumed-role/Admin/me@example.com",
            "arn:aws:sts::111122223333:assumed-role/caller",
        ),
        (
            "User: arn:aws:iam::444455556666:user/team/me is",
            "User: arn:aws:iam::111122223333:user/caller is",
        ),
        ("key ASIAIOSFODNN7EXAMPLE", "key removed"),
        ("AROAIOSFODNN7EXAMPLE:session", "removed:session"),
        ("write to me@example.com", "write to removed"),
        ("404; Request ID: 1a2b-3c; Proxy: null", "404; Request ID: removed; Proxy: null"),
        ("RequestId: 1a2b-3c", "RequestId: removed"),
        ("?X-Amz-Signature=abc&x=1", "?X-Amz-Signature=removed&x=1"),
        (
            {"accessKeyId": "a", "secretAccessKey": "b"},
            {"accessKeyId": "removed", "secretAccessKey": "removed"},
        ),
        ({"SessionToken": "a", "nonce": "1"}, {"SessionToken": "removed", "nonce": "removed"}),
        ({"token": "a", "taskToken": "b"}, {"token": "removed", "taskToken": "removed"}),
        ({"ResponseMetadata": {"RequestId": "a"}, "jobs": []}, {"jobs": []}),
        ({"Owner": {"ID": "a", "DisplayName": "b"}}, {"Owner": "removed"}),
        ({"owner": "AWS"}, {"owner": "AWS"}),
        ('{"account": "444455556666"}', '{"account": "111122223333"}'),
        (['{"sessionToken": "a"}'], ['{"sessionToken": "removed"}']),
        (b"bytes", "removed"),
        (datetime(2026, 1, 5, tzinfo=UTC), "2026-01-05T00:00:00+00:00"),
        ("x " * 3_000, "x " * 1_000 + "... (6000 characters)"),
        ("a token: " + "Ab1+/" * 40 + "=", "a token: removed"),
        (1234567890123, 1234567890123),
        ("1234567890123", "1234567890123"),
        (None, None),
    ],
)
def test_what_identifies_somebody_is_removed(value, shown):
    assert scrub(value, MINE) == shown


def test_a_record_contains_the_last_answer_to_each_request(aws, tmp_path):
    answers = [
        Answer("codepipeline:PollForJobs", {}, {"jobs": []}),
        Answer("codepipeline:PollForJobs", {}, {"jobs": [{"id": "a", "nonce": "b"}]}),
    ]
    outcome = Outcome("test_a", ["E1"], "holds", "", {"parallel_actions": 5}, {}, answers)
    record = evidence.document(aws, [outcome], None)
    (test,) = record["tests"]

    assert (record["date"], record["region"], record["endpoint"]) == (
        "2026-01-05",
        "eu-west-1",
        None,
    )
    assert test["settings"] == {"parallel_actions": 5}
    assert [each["answer"] for each in test["answers"]] == [
        {"jobs": [{"id": "a", "nonce": "removed"}]}
    ]
    assert json.loads(evidence.write(record, tmp_path).read_text("utf-8")) == record
