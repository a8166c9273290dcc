from typing import Any

import pytest

from codepipeline_sandbox.iam.policies.conditions import met, normalized
from codepipeline_sandbox.iam.policies.errors import UnsupportedPolicy

CONTEXT = normalized(
    {
        "aws:PrincipalArn": "arn:aws:iam::111122223333:role/Orchestrator",
        "aws:PrincipalAccount": "111122223333",
        "aws:CurrentTime": "2026-01-05T09:00:00Z",
        "aws:EpochTime": "1767603600",
        "aws:SecureTransport": "true",
        "sts:RoleSessionName": "Run-1",
        "aws:TagKeys": ["stage", "team"],
    }
)


def is_met(operator: str, key: str, expected: Any, *, variables: bool = True) -> bool:
    return met({operator: {key: expected}}, CONTEXT, variables=variables)


@pytest.mark.parametrize(
    "operator, key, expected, result",
    [
        ("StringEquals", "sts:RoleSessionName", "Run-1", True),
        ("StringEquals", "STS:rolesessionname", ["other", "Run-1"], True),
        ("StringEquals", "sts:RoleSessionName", "run-1", False),
        ("StringEquals", "sts:RoleSessionName", "Run-*", False),
        ("StringEquals", "sts:ExternalId", "x", False),
        ("StringEqualsIfExists", "sts:ExternalId", "x", True),
        ("StringEqualsIfExists", "sts:RoleSessionName", "x", False),
        ("StringNotEquals", "sts:RoleSessionName", "Run-1", False),
        ("StringNotEquals", "sts:RoleSessionName", ["a", "Run-1"], False),
        ("StringNotEquals", "sts:RoleSessionName", ["a", "b"], True),
        ("StringNotEquals", "sts:ExternalId", "x", True),
        ("StringEqualsIgnoreCase", "sts:RoleSessionName", "run-1", True),
        ("StringNotEqualsIgnoreCase", "sts:RoleSessionName", "run-1", False),
        ("StringLike", "sts:RoleSessionName", "Run-?", True),
        ("StringLike", "aws:PrincipalArn", "*:${aws:PrincipalAccount}:role/*", True),
        ("StringNotLike", "sts:RoleSessionName", "R*", False),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/Orch*", True),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam:*:role/Orchestrator", False),
        ("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/Orchestrator", True),
        ("ArnNotEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/Orchestrator", False),
        ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/Other", True),
        ("ArnLike", "aws:SourceArn", "*", False),
        ("Bool", "aws:SecureTransport", "true", True),
        ("Bool", "aws:SecureTransport", True, True),
        ("Bool", "aws:SecureTransport", "false", False),
        ("Bool", "aws:MultiFactorAuthPresent", "true", False),
        ("BoolIfExists", "aws:MultiFactorAuthPresent", "true", True),
        ("Null", "sts:ExternalId", "true", True),
        ("Null", "sts:ExternalId", "false", False),
        ("Null", "sts:RoleSessionName", "false", True),
        ("NumericEquals", "aws:EpochTime", 1767603600, True),
        ("NumericNotEquals", "aws:EpochTime", "1767603600", False),
        ("NumericLessThan", "aws:EpochTime", "1767603600", False),
        ("NumericLessThanEquals", "aws:EpochTime", "1767603600", True),
        ("NumericGreaterThan", "aws:EpochTime", "1767603599.5", True),
        ("NumericGreaterThanEquals", "aws:EpochTime", "1767603601", False),
        ("DateEquals", "aws:CurrentTime", "2026-01-05T10:00:00+01:00", True),
        ("DateNotEquals", "aws:CurrentTime", "2026-01-05T09:00:00Z", False),
        ("DateLessThan", "aws:CurrentTime", "2026-01-06", True),
        ("DateGreaterThan", "aws:CurrentTime", "2026-01-06T00:00:00Z", False),
        ("DateGreaterThanEquals", "aws:CurrentTime", "1767603600", True),
        ("DateLessThanEquals", "aws:CurrentTime", "1767603599", False),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ["team", "cost"], True),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ["cost"], False),
        ("ForAnyValue:StringEquals", "sts:ExternalId", "x", False),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["team", "cost"], False),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["team", "stage"], True),
        ("ForAllValues:StringLike", "sts:ExternalId", "x", True),
        ("ForAnyValue:StringNotEquals", "aws:TagKeys", "team", True),
        ("ForAllValues:StringNotEquals", "aws:TagKeys", "team", False),
    ],
)
def test_an_operator_compares_as_documented(
    operator: str, key: str, expected: Any, result: bool
) -> None:
    assert is_met(operator, key, expected) is result


def test_every_operator_and_every_key_must_be_met() -> None:
    name = {"sts:RoleSessionName": "Run-1"}
    account = {"aws:PrincipalAccount": "222233334444"}

    assert met({"StringEquals": name}, CONTEXT, variables=True)
    assert not met({"StringEquals": {**name, **account}}, CONTEXT, variables=True)
    assert not met({"StringEquals": name, "StringLike": account}, CONTEXT, variables=True)


def test_policies_in_the_old_version_have_no_variables() -> None:
    expected = "arn:aws:iam::${aws:PrincipalAccount}:role/Orchestrator"

    assert is_met("StringEquals", "aws:PrincipalArn", expected)
    assert not is_met("StringEquals", "aws:PrincipalArn", expected, variables=False)


@pytest.mark.parametrize(
    "operator, key, expected, message",
    [
        ("IpAddress", "aws:PrincipalAccount", "10.0.0.0/8", "IpAddress is not supported"),
        ("BinaryEquals", "aws:PrincipalAccount", "QQ==", "BinaryEquals is not supported"),
        ("stringequals", "aws:PrincipalAccount", "1", "stringequals is not supported"),
        ("ForSome:StringEquals", "aws:TagKeys", "a", "ForSome:StringEquals is not supported"),
        ("NullIfExists", "aws:TagKeys", "true", "NullIfExists is not supported"),
        ("StringEquals", "aws:ResourceTag/team", "a", "not provide the condition key"),
        ("Null", "aws:TagKeys", "yes", "takes true or false"),
        ("Bool", "aws:SecureTransport", "yes", "neither true nor false"),
        ("NumericEquals", "aws:EpochTime", "soon", "not a number"),
        ("DateEquals", "aws:CurrentTime", "soon", "not a date"),
    ],
)
def test_an_unsupported_condition_is_an_error(
    operator: str, key: str, expected: str, message: str
) -> None:
    with pytest.raises(UnsupportedPolicy, match=message):
        is_met(operator, key, expected)


def test_an_unknown_operator_is_detected_even_after_a_condition_that_is_not_met() -> None:
    condition = {"StringEquals": {"sts:RoleSessionName": "x"}, "Matches": {"aws:TagKeys": "x"}}

    with pytest.raises(UnsupportedPolicy, match="Matches"):
        met(condition, CONTEXT, variables=True)
