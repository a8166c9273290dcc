"""Who may assume a role, according to its trust policy and the caller's own policies."""

from typing import Any

import pytest

from codepipeline_sandbox.iam import Access
from codepipeline_sandbox.iam.policies.errors import UnsupportedPolicy
from tests.sandbox.iam.accounts import (
    LAMBDA,
    TARGET,
    TOOLS,
    Account,
    allows,
    client,
    denial,
    trusts,
)

CALLER = f"arn:aws:iam::{TOOLS}:role/apps/Caller"
SESSION = f"arn:aws:sts::{TOOLS}:assumed-role/Caller/get_state"
MAY_ASSUME = allows("sts:AssumeRole", "arn:aws:iam::*:role/Target")
MAY_NOT = {**MAY_ASSUME, "Effect": "Deny"}


@pytest.fixture
def caller(tools: Account) -> Account:
    tools.role("Caller", trusts("Service", LAMBDA), Path="/apps/")
    return tools


def assume(the_access: Access, role: str, **more: Any) -> Any:
    sts = client("sts", the_access.service_session(CALLER, LAMBDA, "get_state"))
    return sts.assume_role(RoleArn=role, RoleSessionName="run-1", **more)


@pytest.mark.parametrize("named", [CALLER, SESSION, "*"])
def test_within_one_account_a_trust_policy_that_names_the_caller_is_enough(
    the_access: Access, caller: Account, named: str
) -> None:
    role = caller.role("Target", trusts("AWS", named))

    assert assume(the_access, role)


@pytest.mark.parametrize("named", [TOOLS, f"arn:aws:iam::{TOOLS}:root"])
def test_within_one_account_trusting_the_account_leaves_the_decision_to_the_callers_policies(
    the_access: Access, caller: Account, named: str
) -> None:
    role = caller.role("Target", trusts("AWS", named))

    message = denial(assume, the_access=the_access, role=role)
    caller.allow("Caller", MAY_ASSUME)

    assert message.endswith("because no identity-based policy allows the sts:AssumeRole action")
    assert assume(the_access, role)


@pytest.mark.parametrize("named", [TOOLS, f"arn:aws:iam::{TOOLS}:root", CALLER, SESSION, "*"])
def test_across_accounts_both_sides_must_allow_the_call(
    the_access: Access, caller: Account, target: Account, named: str
) -> None:
    role = target.role("Target", trusts("AWS", named))

    message = denial(assume, the_access=the_access, role=role)
    caller.allow("Caller", MAY_ASSUME)

    assert message.endswith("because no identity-based policy allows the sts:AssumeRole action")
    assert assume(the_access, role)


@pytest.mark.parametrize(
    "named",
    [
        TARGET,
        CALLER.replace("/apps", ""),
        f"{CALLER}2",
        SESSION.replace("get_state", "other"),
        f"arn:aws:iam::{TOOLS}:user/get_state",
    ],
)
def test_a_trust_policy_that_names_another_principal_does_not_admit_the_caller(
    the_access: Access, caller: Account, target: Account, named: str
) -> None:
    role = target.role("Target", trusts("AWS", named))
    caller.allow("Caller", MAY_ASSUME)

    assert denial(assume, the_access=the_access, role=role).endswith(f"on resource: {role}")


def test_trusting_a_service_does_not_trust_the_services_callers(
    the_access: Access, caller: Account
) -> None:
    role = caller.role("Target", trusts("Service", LAMBDA))
    caller.allow("Caller", MAY_ASSUME)

    assert denial(assume, the_access=the_access, role=role).endswith(f"on resource: {role}")


@pytest.mark.parametrize(
    "key, right, wrong",
    [
        ("aws:PrincipalArn", CALLER, CALLER.replace("/apps", "")),
        ("aws:PrincipalAccount", TOOLS, TARGET),
        ("aws:PrincipalType", "AssumedRole", "User"),
        ("sts:RoleSessionName", "run-1", "run-2"),
        ("sts:ExternalId", "release-7", "release-8"),
        ("aws:RequestedRegion", "us-east-1", "eu-west-1"),
        ("aws:CurrentTime", "2026-01-05T09:00:00Z", "2026-01-05T09:00:01Z"),
    ],
)
def test_a_trust_policy_can_have_further_conditions(
    the_access: Access, caller: Account, key: str, right: str, wrong: str
) -> None:
    satisfied = caller.role(
        "Satisfied", trusts("AWS", CALLER, Condition={"StringEquals": {key: right}})
    )
    asking = caller.role("Asking", trusts("AWS", CALLER, Condition={"StringEquals": {key: wrong}}))

    assert assume(the_access, satisfied, ExternalId="release-7")
    message = denial(assume, the_access=the_access, role=asking, ExternalId="release-7")
    assert message.startswith("AccessDenied: ")


def test_an_explicit_deny_in_the_callers_policies_wins(the_access: Access, caller: Account) -> None:
    role = caller.role("Target", trusts("AWS", SESSION))
    caller.allow("Caller", MAY_ASSUME, MAY_NOT)

    message = denial(assume, the_access=the_access, role=role)

    assert message.endswith("with an explicit deny in an identity-based policy")


def test_an_explicit_deny_in_the_trust_policy_wins(the_access: Access, caller: Account) -> None:
    forbidden = {**trusts("AWS", TOOLS), "Effect": "Deny"}
    role = caller.role("Target", [trusts("AWS", CALLER), forbidden])

    message = denial(assume, the_access=the_access, role=role)

    assert message.endswith("with an explicit deny in the role trust policy")


def test_a_boundary_limits_the_role_but_not_a_directly_trusted_session(
    the_access: Access, tools: Account
) -> None:
    boundary = tools.managed_policy("Boundary", allows("logs:*"))
    tools.role(
        "Caller", trusts("Service", LAMBDA), MAY_ASSUME, Path="/apps/", PermissionsBoundary=boundary
    )
    by_role = tools.role("ByRole", trusts("AWS", CALLER))
    by_session = tools.role("BySession", trusts("AWS", SESSION))

    message = denial(assume, the_access=the_access, role=by_role)

    assert message.endswith("because no permissions boundary allows the sts:AssumeRole action")
    assert assume(the_access, by_session)


@pytest.mark.parametrize("named", [f"arn:aws:iam::{TOOLS}:role/*", "Caller", "AIDAEXAMPLE"])
def test_an_unsupported_principal_is_an_error(
    the_access: Access, caller: Account, named: str
) -> None:
    role = caller.role("Target", trusts("AWS", named))

    with pytest.raises(UnsupportedPolicy, match="cannot name the principal"):
        assume(the_access, role)


def test_a_trust_policy_can_name_a_user(tools: Account, target: Account) -> None:
    iam = tools.client("iam")
    user = iam.create_user(UserName="ada")["User"]["Arn"]
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    role = target.role("Target", trusts("AWS", user))
    sts = tools.client_of_user("sts", key)

    message = denial(sts.assume_role, RoleArn=role, RoleSessionName="run-1")
    tools.allow_user("ada", MAY_ASSUME)

    assert message.startswith(f"AccessDenied: User: {user} is not authorized to perform: ")
    assert sts.assume_role(RoleArn=role, RoleSessionName="run-1")
    assert sts.get_caller_identity()["Arn"] == user
