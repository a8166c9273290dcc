from datetime import timedelta
from typing import Any

import pytest

from codepipeline_sandbox.iam import Access
from codepipeline_sandbox.kernel.world import World
from tests.sandbox.iam.accounts import (
    LAMBDA,
    TARGET,
    TOOLS,
    Account,
    allows,
    client,
    credentials,
    denial,
    trusts,
)

EXTERNAL_ID = {"StringEquals": {"sts:ExternalId": "release-7"}}


@pytest.fixture
def orchestrator(tools: Account) -> str:
    grant = allows("sts:AssumeRole", f"arn:aws:iam::{TARGET}:role/*", Sid="AssumeTargets")
    return tools.role("Orchestrator", trusts("Service", LAMBDA), grant)


@pytest.fixture
def sts(the_access: Access, orchestrator: str) -> Any:
    return client("sts", the_access.service_session(orchestrator, LAMBDA, "get_state"))


def test_a_trusted_role_in_another_account_gets_a_session(
    sts: Any, orchestrator: str, target: Account, world: World
) -> None:
    role = target.role("Target", trusts("AWS", orchestrator, Condition=EXTERNAL_ID))

    answer = sts.assume_role(RoleArn=role, RoleSessionName="run-1", ExternalId="release-7")

    arn = f"arn:aws:sts::{TARGET}:assumed-role/Target/run-1"
    assert answer["AssumedRoleUser"]["Arn"] == arn
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
    assert answer["Credentials"]["Expiration"] == world.datetime() + timedelta(hours=1)
    session = client("sts", credentials(answer))
    identity = session.get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == (TARGET, arn)


@pytest.mark.parametrize("external_id", [{}, {"ExternalId": "release-8"}])
def test_a_missing_or_wrong_external_id_is_denied_without_a_reason(
    sts: Any, orchestrator: str, target: Account, external_id: dict[str, str]
) -> None:
    role = target.role("Target", trusts("AWS", orchestrator, Condition=EXTERNAL_ID))

    message = denial(sts.assume_role, RoleArn=role, RoleSessionName="run-1", **external_id)

    assert message == (
        f"AccessDenied: User: arn:aws:sts::{TOOLS}:assumed-role/Orchestrator/get_state is not "
        f"authorized to perform: sts:AssumeRole on resource: {role}"
    )


def test_a_role_that_does_not_exist_is_denied_like_one_that_does_not_trust_the_caller(
    sts: Any, target: Account
) -> None:
    distrustful = target.role("Distrustful", trusts("AWS", "333344445555"))

    of_distrustful = denial(sts.assume_role, RoleArn=distrustful, RoleSessionName="run-1")
    missing = distrustful.replace("Distrustful", "Missing")
    of_missing = denial(sts.assume_role, RoleArn=missing, RoleSessionName="run-1")

    assert of_missing == of_distrustful.replace("Distrustful", "Missing")


def test_across_accounts_a_trust_policy_alone_is_not_enough(
    the_access: Access, tools: Account, target: Account
) -> None:
    powerless = tools.role("Powerless", trusts("Service", LAMBDA))
    role = target.role("Target", trusts("AWS", powerless))
    sts = client("sts", the_access.service_session(powerless, LAMBDA, "get_state"))

    message = denial(sts.assume_role, RoleArn=role, RoleSessionName="run-1")

    assert message.endswith(
        f"on resource: {role} because no identity-based policy allows the sts:AssumeRole action"
    )


def test_every_decision_is_recorded_with_the_statement_that_allowed_it(
    sts: Any, the_access: Access, orchestrator: str, target: Account
) -> None:
    role = target.role("Target", trusts("AWS", orchestrator))

    sts.assume_role(RoleArn=role, RoleSessionName="run-1")

    last = the_access.decisions[-1]
    assert (last.action, last.resource, last.allowed) == ("sts:AssumeRole", role, True)
    assert (last.policy, last.sid) == ("Permissions", "AssumeTargets")
