"""The roles and users that moto's IAM holds, and their policies.

Whatever made them (the API or CloudFormation), they are read at every decision, so a changed
policy counts from the next request on.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.iam.models import iam_backends

from sandbox.access.evaluate import Policy
from sandbox.access.principals import Principal, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def find_role(arn: str) -> Any | None:
    """Moto's role with exactly this ARN, or None."""
    try:
        partition, account, kind, _ = split(arn)
    except ValueError:
        return None
    if kind != "role":
        return None
    return next((role for role in _roles(account, partition) if role.arn == arn), None)


def principal(arn: str) -> Principal:
    """The parsed principal; a session knows the ARN of its role. ValueError if it is no ARN."""
    partition, account, kind, name = split(arn)
    role_arn = None
    if kind == "role":
        role_arn = arn
    elif kind == "assumed-role":
        # A session's ARN has the role's name but not its path.
        role = _role_named(account, partition, name.split("/")[0])
        role_arn = role.arn if role else f"arn:{partition}:iam::{account}:role/{name.split('/')[0]}"
    return Principal(arn, partition, account, kind, role_arn)


def identity_policies(who: Principal) -> list[Policy]:
    """The inline and managed policies of a role or user; none if it does not exist."""
    if who.kind == "user":
        return list(_user_policies(who))
    role = find_role(who.role_arn or "")
    return [] if role is None else [*_inline(role), *_managed(role)]


def boundary(who: Principal) -> Policy | None:
    """The permissions boundary of a role, if it has one."""
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
    """A policy document, however moto keeps it."""
    loaded: Mapping[str, Any] = json.loads(text) if isinstance(text, str) else text
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


def _user_policies(who: Principal) -> Iterator[Policy]:
    backend = iam_backends[who.account][who.partition]
    user = next((user for user in backend.users.values() if user.arn == who.arn), None)
    owners = [user, *backend.get_groups_for_user(user.name)] if user else []
    for owner in owners:
        yield from _inline(owner)
        yield from _managed(owner)
