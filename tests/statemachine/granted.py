"""Compares the permissions that a stack's roles have with the permissions that they used."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from codepipeline_sandbox.iam import identities
from codepipeline_sandbox.iam.policies import patterns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from codepipeline_sandbox.iam.authorization import Decision


class Grant(NamedTuple):
    role: str
    sid: str
    action: str
    resource: str


def grants(roles: Mapping[str, str]) -> Iterator[Grant]:
    """Yield every permission of these roles. The dictionary maps logical ids to ARNs."""
    for logical_id, arn in roles.items():
        for statement in statements(arn):
            for action in several(statement["Action"]):
                for resource in several(statement["Resource"]):
                    yield Grant(logical_id, statement["Sid"], action, resource)


def statements(role_arn: str) -> Iterator[Mapping[str, Any]]:
    for policy in identities.identity_policies(identities.principal(role_arn)):
        yield from (one for one in policy.document["Statement"] if one["Effect"] == "Allow")


def in_vain(
    roles: Mapping[str, str], decisions: Iterable[Decision]
) -> tuple[set[tuple[str, str, str]], set[tuple[str, str, str]]]:
    """Return the allowed actions and the allowed resources that no request needed.

    Each entry is a role, a Sid, and an action or resource. Each decision of the sandbox's policy
    evaluator names the statement that allowed the request.
    """
    logical_ids = {arn.rpartition("/")[2]: logical_id for logical_id, arn in roles.items()}
    asked: dict[tuple[str | None, str | None], set[tuple[str, str]]] = defaultdict(set)
    for one in decisions:
        if one.allowed:
            role = logical_ids.get(role_of(one.principal))
            asked[role, one.sid].add((one.action, one.resource))
    actions, resources = set(), set()
    for role, sid, action, resource in grants(roles):
        if action not in {of for of, _ in asked[role, sid]}:
            actions.add((role, sid, action))
        if not any(means(resource, on) for _, on in asked[role, sid]):
            resources.add((role, sid, resource))
    return actions, resources


def means(pattern: str, resource: str) -> bool:
    read = patterns.read(pattern, None)
    assert read is not None
    return patterns.resource_matches(read, resource)


def role_of(principal: str) -> str:
    kind, _, rest = principal.rpartition(":")[2].partition("/")
    return rest.partition("/")[0] if kind == "assumed-role" else rest.rpartition("/")[2]


def several(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]
