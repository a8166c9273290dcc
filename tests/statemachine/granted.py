"""What the roles of a stack are granted, as deployed, and which of it was needed."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.access import identities, patterns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sandbox.access.authorization import Decision


class Grant(NamedTuple):
    """One action on one resource, or all that its pattern means."""

    role: str  # the logical id
    sid: str
    action: str
    resource: str


def grants(roles: Mapping[str, str]) -> Iterator[Grant]:
    """Everything that the policies of these roles (ARNs by logical ids) allow."""
    for logical_id, arn in roles.items():
        for statement in statements(arn):
            for action in several(statement["Action"]):
                for resource in several(statement["Resource"]):
                    yield Grant(logical_id, statement["Sid"], action, resource)


def statements(role_arn: str) -> Iterator[Mapping[str, Any]]:
    """What the policies of a role allow."""
    for policy in identities.identity_policies(identities.principal(role_arn)):
        yield from (one for one in policy.document["Statement"] if one["Effect"] == "Allow")


def in_vain(
    roles: Mapping[str, str], decisions: Iterable[Decision]
) -> tuple[set[tuple[str, str, str]], set[tuple[str, str, str]]]:
    """Which actions of the statements were never asked for, and which resources never.

    Each as role, Sid and the action or resource. The decisions are the evaluator's: what counts
    is the statement that allowed a request.
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
    """Whether the Resource of a statement means this one."""
    read = patterns.read(pattern, None)
    assert read is not None
    return patterns.resource_matches(read, resource)


def role_of(principal: str) -> str:
    """The role's name in the ARN of a role or of one of its sessions."""
    kind, _, rest = principal.rpartition(":")[2].partition("/")
    return rest.partition("/")[0] if kind == "assumed-role" else rest.rpartition("/")[2]


def several(value: str | list[str]) -> list[str]:
    """One or many, as a list."""
    return value if isinstance(value, list) else [value]
