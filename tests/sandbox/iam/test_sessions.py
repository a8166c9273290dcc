from datetime import timedelta
from typing import Any

import pytest

from codepipeline_sandbox.iam import Access, Credentials
from codepipeline_sandbox.kernel.protocols import AccessDenied
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


@pytest.fixture
def role(tools: Account) -> str:
    return tools.role("Target", trusts("AWS", TOOLS), allows("*"), MaxSessionDuration=7200)


@pytest.fixture
def function(tools: Account) -> str:
    return tools.role("Function", trusts("Service", LAMBDA), allows("*"))


@pytest.fixture
def administrator(tools: Account) -> Any:
    """An STS client for a user with all permissions. On AWS, root users cannot assume roles."""
    return tools.client_of_user("sts", tools.user("ada", allows("*")))


def test_a_session_lasts_at_most_the_roles_maximum_duration(administrator: Any, role: str) -> None:
    asked = {"RoleArn": role, "RoleSessionName": "run-1"}

    assert administrator.assume_role(**asked, DurationSeconds=7200)
    assert denial(administrator.assume_role, **asked, DurationSeconds=7201) == (
        "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for "
        "this role."
    )


@pytest.mark.rule("H1")
@pytest.mark.parametrize("trusted", ["arn:aws:iam::111122223333:root", "*"])
@pytest.mark.parametrize("account", [TOOLS, TARGET])
def test_no_root_user_can_assume_a_role(
    tools: Account, target: Account, trusted: str, account: str
) -> None:
    owner = tools if account == TOOLS else target
    role = owner.role("Target", trusts("AWS", trusted), allows("*"))

    message = denial(tools.client("sts").assume_role, RoleArn=role, RoleSessionName="run-1")

    assert message == "AccessDenied: Roles may not be assumed by root accounts."


def test_a_chained_session_lasts_an_hour_at_most(
    the_access: Access, function: str, role: str
) -> None:
    sts = client("sts", the_access.service_session(function, LAMBDA, "get_state"))
    asked = {"RoleArn": role, "RoleSessionName": "run-1"}

    assert sts.assume_role(**asked, DurationSeconds=3600)
    assert denial(sts.assume_role, **asked, DurationSeconds=3601) == (
        "ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for "
        "roles assumed by role chaining"
    )


@pytest.mark.parametrize(
    "name, value, constraint",
    [
        ("RoleSessionName", "a/b", r"satisfy regular expression pattern: [\w+=,.@-]*"),
        ("RoleSessionName", "a" * 65, "have length less than or equal to 64"),
        ("ExternalId", "a b", r"satisfy regular expression pattern: [\w+=,.@:\/-]*"),
        ("ExternalId", "a" * 1225, "have length less than or equal to 1224"),
        ("DurationSeconds", 43_201, "have value less than or equal to 43200"),
    ],
)
def test_values_beyond_the_api_models_limits_are_refused(
    administrator: Any, role: str, name: str, value: str, constraint: str
) -> None:
    asked = {"RoleArn": role, "RoleSessionName": "run-1", name: value}

    assert denial(administrator.assume_role, **asked) == (
        f"ValidationError: 1 validation error detected: Value '{value}' at "
        f"'{name[0].lower()}{name[1:]}' failed to satisfy constraint: Member must {constraint}"
    )


def test_a_malformed_role_arn_is_refused(administrator: Any) -> None:
    asked = {"RoleArn": "arn:aws:iam::1:role/Target", "RoleSessionName": "run-1"}

    message = denial(administrator.assume_role, **asked)

    assert message == "ValidationError: arn:aws:iam::1:role/Target is invalid"


def test_unsupported_requests_are_an_error(administrator: Any, role: str) -> None:
    with pytest.raises(NotImplementedError, match="does not support Policy"):
        administrator.assume_role(RoleArn=role, RoleSessionName="run-1", Policy="{}")
    with pytest.raises(NotImplementedError, match="does not support GetSessionToken"):
        administrator.get_session_token()


@pytest.mark.parametrize(
    "request_, error",
    [
        ("sts:get_caller_identity", "ExpiredToken: The security token included in the"),
        ("iam:list_roles", "ExpiredToken: The security token included in the request is exp"),
        ("s3:list_buckets", "ExpiredToken: The provided token has expired."),
        ("lambda:list_functions", "ExpiredTokenException: The security token included in"),
        ("codepipeline:list_pipelines", "ExpiredTokenException: The security token included"),
        ("stepfunctions:list_state_machines", "ExpiredTokenException: The security token in"),
    ],
)
def test_expired_credentials_are_refused_everywhere(
    administrator: Any, role: str, world: World, request_: str, error: str
) -> None:
    answer = administrator.assume_role(RoleArn=role, RoleSessionName="run-1")
    service, operation = request_.split(":")
    use = getattr(client(service, credentials(answer)), operation)

    world.run(until=world.now + 3599)
    assert use()
    world.run(until=world.now + 1)
    assert denial(use).startswith(error)


@pytest.mark.parametrize("token", ["somebody else's", None])
def test_temporary_credentials_need_their_own_token(
    administrator: Any, role: str, token: str | None
) -> None:
    given = credentials(administrator.assume_role(RoleArn=role, RoleSessionName="run-1"))
    stolen = Credentials(given.access_key_id, given.secret_access_key, token)

    message = denial(client("sts", stolen).get_caller_identity)

    assert message.startswith("InvalidClientTokenId: ")


@pytest.mark.parametrize(
    "service, operation, error",
    [
        ("sts", "get_caller_identity", "InvalidClientTokenId: "),
        ("s3", "list_buckets", "InvalidAccessKeyId: "),
        ("codepipeline", "list_pipelines", "UnrecognizedClientException: "),
    ],
)
@pytest.mark.usefixtures("the_access")
def test_temporary_credentials_that_were_never_issued_are_refused(
    service: str, operation: str, error: str
) -> None:
    forged = Credentials("ASIA0000000000000000", "secret", "token")

    assert denial(getattr(client(service, forged), operation)).startswith(error)


def test_the_same_seed_gives_the_same_credentials_and_never_the_same_twice(
    the_access: Access, function: str, world: World
) -> None:
    def session() -> Credentials:
        return the_access.service_session(function, LAMBDA, "get_state")

    state = world.random.getstate()
    first, second = session(), session()
    the_access.sessions._by_key.clear()
    world.random.setstate(state)

    assert (session(), session()) == (first, second)
    assert first.access_key_id != second.access_key_id
    world.random.setstate(state)
    assert session().access_key_id not in {first.access_key_id, second.access_key_id}


def test_the_repr_of_credentials_hides_their_secrets(the_access: Access, function: str) -> None:
    given = the_access.service_session(function, LAMBDA, "get_state")

    assert given.secret_access_key not in repr(given)
    assert given.session_token
    assert given.session_token not in repr(given)


def test_a_service_assumes_its_role_and_gets_a_session(
    the_access: Access, function: str, world: World
) -> None:
    given = the_access.service_session(function, LAMBDA, "get_state", seconds=900)

    assert given.expiration == world.datetime() + timedelta(minutes=15)
    arn = f"arn:aws:sts::{TOOLS}:assumed-role/Function/get_state"
    assert the_access.caller(given.access_key_id) == arn
    assert client("sts", given).get_caller_identity()["Arn"] == arn


@pytest.mark.parametrize(
    "service, message",
    [
        (LAMBDA, "The role defined for the function cannot be assumed by Lambda."),
        ("states.amazonaws.com", "Neither the global service principal states.amazonaws.com,"),
        ("codepipeline.amazonaws.com", "CodePipeline is not authorized to perform AssumeRole on"),
        ("scheduler.amazonaws.com", "The execution role you provide must allow AWS EventBridge"),
        ("events.amazonaws.com", "events.amazonaws.com is not authorized to assume the role arn"),
    ],
)
def test_a_service_has_its_own_error_for_a_role_that_does_not_trust_it(
    the_access: Access, role: str, service: str, message: str
) -> None:
    for arn in (role, role.replace("Target", "Missing")):
        with pytest.raises(AccessDenied, match=message):
            the_access.require_service_role(arn, service)


def test_a_role_can_trust_a_service_for_a_single_source_only(
    the_access: Access, tools: Account
) -> None:
    source = f"arn:aws:states:us-east-1:{TOOLS}:stateMachine:run"
    condition = {
        "ArnLike": {"aws:SourceArn": source},
        "StringEquals": {"aws:SourceAccount": TOOLS},
    }
    trust = trusts("Service", "states.amazonaws.com", Condition=condition)
    role = tools.role("Machine", trust)

    the_access.require_service_role(role, "states.amazonaws.com", {"aws:SourceArn": source})
    for context in ({}, {"aws:SourceArn": source, "aws:SourceAccount": TARGET}):
        with pytest.raises(AccessDenied):
            the_access.require_service_role(role, "states.amazonaws.com", context)


def test_an_administrator_works_in_its_own_account(the_access: Access) -> None:
    given = the_access.administrator(TARGET)

    identity = client("sts", given).get_caller_identity()

    assert (identity["Account"], identity["Arn"]) == (TARGET, f"arn:aws:iam::{TARGET}:root")
    assert the_access.caller(given.access_key_id) == f"arn:aws:iam::{TARGET}:root"
