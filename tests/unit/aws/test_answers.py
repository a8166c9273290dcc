from __future__ import annotations

from codepipeline_orchestrator.aws.answers import RoleAnswer, read_answer


def test_a_printed_response_shows_no_credentials():
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    answer = read_answer(RoleAnswer, {"Credentials": dict.fromkeys(names, "canary")})
    assert answer.credentials.are_whole
    assert "canary" not in f"{answer!r} {answer.credentials!r}"
