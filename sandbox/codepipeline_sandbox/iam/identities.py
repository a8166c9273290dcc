"""The roles and users in moto's IAM, and their policies.

The policies are read for every decision, so a changed policy takes effect with the next request.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from moto.iam.models import iam_backends

from codepipeline_sandbox.iam.policies.evaluate import Policy
from codepipeline_sandbox.iam.policies.principals import Principal, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def find_role(arn: str) -> Any | None:
    """The role with exactly this ARN, or None."""
    try:
        partition, account, kind, _ = split(arn)
    except ValueError:
        return None
    if kind != "role":
        return None
    return next((role for role in _roles(account, partition) if role.arn == arn), None)


def principal(arn: str) -> Principal:
    """Parse the ARN of an account, role, user or session, and look up the role's or user's id.

    Raises ValueError for any other ARN.
    """
    partition, account, kind, name = split(arn)
    if kind == "role":
        role = find_role(arn)
        return Principal(arn, partition, account, kind, arn, role.id if role else None)
    if kind == "assumed-role":
        # A session's ARN contains the role's name but not its path.
        role = _role_named(account, partition, name.split("/")[0])
        if role is None:
            return Principal(arn, partition, account, kind)
        return Principal(arn, partition, account, kind, role.arn, role.id)
    user = _user(arn, account, partition)
    return Principal(arn, partition, account, kind, None, user.id if user else account)


def identity_policies(who: Principal) -> list[Policy]:
    """A role's or user's inline and managed policies. Empty if the role or user does not exist."""
    if who.kind == "user":
        return list(_user_policies(who))
    role = find_role(who.role_arn or "")
    return [] if role is None else [*_inline(role), *_managed(role)]


def boundary(who: Principal) -> Policy | None:
    """A role's permissions boundary, if it has one."""
    role = find_role(who.role_arn or "")
    arn = role.permissions_boundary_arn if role else None
    if not arn:
        return None
    policy = iam_backends[who.account][who.partition].managed_policies[arn]
    return _managed_policy(policy)


def trust(role: Any) -> Policy:
    """The role's trust policy."""
    return Policy(f"{role.name} trust", document(role.assume_role_policy_document))


def document(text: str | Mapping[str, Any]) -> Mapping[str, Any]:
    """Parse a policy document, which moto stores as JSON text or as a mapping."""
    return _loaded(text) if isinstance(text, str) else text


@lru_cache(maxsize=1024)
def _loaded(text: str) -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = json.loads(text)
    return loaded


def _roles(account: str, partition: str) -> Iterator[Any]:
    yield from iam_backends[account][partition].roles.values()


def _role_named(account: str, partition: str, name: str) -> Any | None:
    return next((role for role in _roles(account, partition) if role.name == name), None)


def _inline(owner: Any) -> Iterator[Policy]:
    for name, text in owner.policies.items():
        yield Policy(name, document(text))


def _managed(owner: Any) -> Iterator[Policy]:
    yield from map(_managed_policy, owner.managed_policies.values())


def _managed_policy(policy: Any) -> Policy:
    default = next(v for v in policy.versions if v.version_id == policy.default_version_id)
    return Policy(policy.name, document(default.document))


def _user(arn: str, account: str, partition: str) -> Any | None:
    users = iam_backends[account][partition].users.values()
    return next((user for user in users if user.arn == arn), None)


def _user_policies(who: Principal) -> Iterator[Policy]:
    user = _user(who.arn, who.account, who.partition)
    if user is None:
        return
    groups = iam_backends[who.account][who.partition].get_groups_for_user(user.name)
    for owner in (user, *groups):
        yield from _inline(owner)
        yield from _managed(owner)
