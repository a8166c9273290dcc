from typing import Any

import pytest

from codepipeline_sandbox.iam.policies.errors import UnsupportedPolicy
from codepipeline_sandbox.iam.policies.evaluate import Effect, Policy, Verdict, evaluate

PIPELINE = "arn:aws:codepipeline:eu-west-1:222233334444:app"
START = "codepipeline:StartPipelineExecution"


def policy(*statements: dict[str, Any], **more: Any) -> Policy:
    document = {"Version": "2012-10-17", "Statement": list(statements), **more}
    return Policy("Permissions", document)


def allow(**more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": START, "Resource": "*", "Sid": "Allow", **more}


def deny(**more: Any) -> dict[str, Any]:
    return {**allow(**more), "Effect": "Deny", "Sid": "Deny"}


def verdict(*policies: Policy, **context: str) -> Verdict:
    values = {f"aws:{key}": value for key, value in context.items()}
    return evaluate(policies, action=START, resource=PIPELINE, context=values)


def without(statement: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name != key}


@pytest.mark.parametrize(
    "statement, allowed",
    [
        (allow(), True),
        (allow(Action="CODEPIPELINE:startpipelineexecution"), True),
        (allow(Action=["s3:*", "codepipeline:Start*"]), True),
        (allow(Action="codepipeline:*Execution"), True),
        (allow(Action="*"), True),
        (allow(Action="codepipeline:StopPipelineExecution"), False),
        (allow(Action="codepipeline"), False),
        (allow(Resource=PIPELINE), True),
        (allow(Resource=[f"{PIPELINE}-2", f"{PIPELINE}*"]), True),
        (allow(Resource=f"{PIPELINE}-2"), False),
        (allow(Resource="arn:aws:codepipeline:*:${aws:PrincipalAccount}:app"), True),
        (allow(Resource="arn:aws:codepipeline:*:${aws:userid}:app"), False),
        (allow(Condition={"StringEquals": {"aws:PrincipalAccount": "222233334444"}}), True),
        (allow(Condition={"StringEquals": {"aws:PrincipalAccount": "1"}}), False),
        (without(allow(NotAction="codepipeline:Stop*"), "Action"), True),
        (without(allow(NotAction="codepipeline:*"), "Action"), False),
        (without(allow(NotResource=f"{PIPELINE}-2"), "Resource"), True),
        (without(allow(NotResource=f"{PIPELINE}*"), "Resource"), False),
    ],
)
def test_a_statement_allows_what_it_names(statement: dict[str, Any], allowed: bool) -> None:
    found = verdict(policy(statement), PrincipalAccount="222233334444")

    expected = Verdict(Effect.ALLOWED, "Permissions", "Allow")
    assert found == (expected if allowed else Verdict(Effect.IMPLICIT_DENY))


def test_a_statement_need_not_be_in_a_list() -> None:
    assert verdict(Policy("Permissions", {"Statement": allow()})).allowed


def test_an_explicit_deny_always_wins() -> None:
    denied = Verdict(Effect.EXPLICIT_DENY, "Permissions", "Deny")

    assert verdict(policy(allow(), deny())) == denied
    assert verdict(policy(deny()), policy(allow())) == denied
    assert verdict(policy(allow()), policy(deny(Resource=f"{PIPELINE}-2"))).allowed


def test_without_a_policy_everything_is_implicitly_denied() -> None:
    assert verdict().effect is Effect.IMPLICIT_DENY


@pytest.mark.parametrize(
    "statement, message",
    [
        (allow(Effect="Permit"), "Effect must be Allow or Deny"),
        (without(allow(), "Action"), "either Action or NotAction"),
        (allow(NotAction="*"), "either Action or NotAction"),
        (without(allow(), "Resource"), "either Resource or NotResource"),
        (allow(NotResource="*"), "either Resource or NotResource"),
        (allow(Principal="*"), "Principal is required in"),
        (allow(NotPrincipal="*"), "NotPrincipal is not supported"),
        (allow(Conditions={}), "Permissions, statement Allow: Conditions is not supported"),
    ],
)
def test_an_unsupported_statement_is_an_error(statement: dict[str, Any], message: str) -> None:
    with pytest.raises(UnsupportedPolicy, match=message):
        verdict(policy(statement))


def test_an_unknown_policy_element_is_an_error() -> None:
    with pytest.raises(UnsupportedPolicy, match="Statements is not supported"):
        verdict(policy(allow(), Statements=[]))


def test_a_condition_applies_only_to_its_own_action() -> None:
    elsewhere = allow(
        Action="iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "x"}}
    )

    assert verdict(policy(elsewhere, allow())).allowed
