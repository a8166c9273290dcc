"""Evaluates policies for a request, without access to any other state.

An explicit Deny overrides every Allow. A request that no statement allows is denied.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.iam.policies import patterns
from codepipeline_sandbox.iam.policies.conditions import met, normalized
from codepipeline_sandbox.iam.policies.errors import UnsupportedPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from codepipeline_sandbox.iam.policies.operators import Values

_STATEMENT = frozenset(
    {"Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)
_POLICY = frozenset({"Version", "Id", "Statement"})
_VARIABLES_SINCE = "2012-10-17"


class Effect(Enum):
    """Whether policies allow or deny a request."""

    ALLOWED = "Allowed"
    EXPLICIT_DENY = "ExplicitDeny"
    IMPLICIT_DENY = "ImplicitDeny"


@dataclass(frozen=True)
class Policy:
    """A policy document, and the name that messages show for it."""

    name: str
    document: Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """The result of an evaluation, and the statement that determined it."""

    effect: Effect
    policy: str | None = None
    sid: str | None = None

    @property
    def allowed(self) -> bool:
        """Whether the request is allowed."""
        return self.effect is Effect.ALLOWED


def evaluate(
    policies: Iterable[Policy],
    *,
    action: str,
    resource: str,
    context: Mapping[str, str | Sequence[str]],
    names_principal: Callable[[Any], bool] | None = None,
) -> Verdict:
    """Evaluate the policies for an action (`service:Operation`) on a resource (an ARN or `*`).

    `context` maps condition keys to their values. For resource and trust policies,
    `names_principal` decides whether a Principal element includes the caller. Identity policies
    have no Principal. Raises UnsupportedPolicy for anything that the sandbox does not support.
    """
    values = normalized(context)
    verdict = Verdict(Effect.IMPLICIT_DENY)
    for policy in policies:
        for statement in _statements(policy):
            _check(policy, statement, with_principal=names_principal is not None)
            if names_principal and not names_principal(statement["Principal"]):
                continue
            if not _applies(policy, statement, action, resource, values):
                continue
            if statement["Effect"] == "Deny":
                return Verdict(Effect.EXPLICIT_DENY, policy.name, statement.get("Sid"))
            if not verdict.allowed:
                verdict = Verdict(Effect.ALLOWED, policy.name, statement.get("Sid"))
    return verdict


def _statements(policy: Policy) -> Sequence[Mapping[str, Any]]:
    if unknown := set(policy.document) - _POLICY:
        raise UnsupportedPolicy(f"{policy.name}: {', '.join(sorted(unknown))} is not supported")
    return _several(policy.document["Statement"])


def _check(policy: Policy, statement: Mapping[str, Any], *, with_principal: bool) -> None:
    where = f"{policy.name}, statement {statement.get('Sid', 'without Sid')}"
    if unknown := set(statement) - _STATEMENT:
        raise UnsupportedPolicy(f"{where}: {', '.join(sorted(unknown))} is not supported")
    if statement.get("Effect") not in {"Allow", "Deny"}:
        raise UnsupportedPolicy(f"{where}: Effect must be Allow or Deny")
    if ("Action" in statement) == ("NotAction" in statement):
        raise UnsupportedPolicy(f"{where}: needs either Action or NotAction")
    if ("Principal" in statement) != with_principal:
        raise UnsupportedPolicy(
            f"{where}: Principal is required in resource and trust policies, and only allowed there"
        )
    # A trust policy has no Resource, because the role is the resource.
    resources = ("Resource" in statement) + ("NotResource" in statement)
    if resources > 1 or (not resources and not with_principal):
        raise UnsupportedPolicy(f"{where}: needs either Resource or NotResource")


def _applies(
    policy: Policy, statement: Mapping[str, Any], action: str, resource: str, values: Values
) -> bool:
    variables = policy.document.get("Version", "") >= _VARIABLES_SINCE
    return (
        _means_action(statement, action)
        and _means_resource(statement, resource, values if variables else None)
        and met(statement.get("Condition", {}), values, variables=variables)
    )


def _means_action(statement: Mapping[str, Any], action: str) -> bool:
    key = "Action" if "Action" in statement else "NotAction"
    read = (patterns.read(text, None) for text in _several(statement[key]))
    found = any(p is not None and patterns.matches(p, action, ignore_case=True) for p in read)
    return found == (key == "Action")


def _means_resource(statement: Mapping[str, Any], resource: str, values: Values | None) -> bool:
    key = "NotResource" if "NotResource" in statement else "Resource"
    read = (patterns.read(text, values) for text in _several(statement.get(key, "*")))
    found = any(p is not None and patterns.resource_matches(p, resource) for p in read)
    return found == (key == "Resource")


def _several(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]
