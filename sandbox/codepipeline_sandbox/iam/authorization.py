"""Decides whether a principal may perform an action, based on all policies that apply.

Within one account, an identity policy or a resource policy is enough. Across accounts, both must
allow the action. Assuming a role always requires the role's trust policy to allow it.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.iam import identities
from codepipeline_sandbox.iam.policies.evaluate import Effect, Policy, Verdict, evaluate
from codepipeline_sandbox.iam.policies.principals import Named, Principal

if TYPE_CHECKING:
    from collections.abc import Mapping

_ACCOUNT_PART = 4
_ANYTHING = Verdict(Effect.ALLOWED)
_NOTHING = Verdict(Effect.IMPLICIT_DENY)


@dataclass(frozen=True)
class Decision:
    """The decision on a request, and the statement that determined it."""

    principal: str
    action: str
    resource: str
    allowed: bool
    policy: str | None = None
    sid: str | None = None
    message: str = ""  # AWS's message about the denial


@dataclass(frozen=True)
class _Verdicts:
    identity: Verdict
    boundary: Verdict
    resource: Verdict
    named: Named  # how specifically the resource policy names the principal


def authorize(
    who: Principal,
    action: str,
    resource: str,
    context: Mapping[str, str],
    *,
    resource_policy: Policy | None = None,
    trust: bool = False,
) -> Decision:
    """Decide whether the principal may perform the action on the resource.

    `trust` means that `resource_policy` is a role's trust policy. Trust policies and KMS key
    policies must allow the request even within one account. A key policy can delegate the decision
    to the account's identity policies.
    https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
    """
    ask = partial(evaluate, action=action, resource=resource, context=context)
    granted, named = _resource_verdict(who, ask, resource_policy)
    limit = identities.boundary(who)
    verdicts = _Verdicts(
        identity=_ANYTHING if who.is_administrator else ask(identities.identity_policies(who)),
        boundary=_ANYTHING if limit is None else ask([limit]),
        resource=granted,
        named=named,
    )
    elsewhere = _account(resource) not in {"", who.account}
    key = action.startswith("kms:")
    reason = _refusal(verdicts, action, elsewhere=elsewhere, trust=trust, key=key)
    deciding = _deciding(verdicts, allowed=reason is None)
    return Decision(
        principal=who.arn,
        action=action,
        resource=resource,
        allowed=reason is None,
        policy=deciding.policy,
        sid=deciding.sid,
        message="" if reason is None else _message(who, action, resource) + reason,
    )


def _message(who: Principal, action: str, resource: str) -> str:
    message = f"User: {who.arn} is not authorized to perform: {action}"
    if resource == "*" and action.startswith("codepipeline:"):
        return message  # AWS uses this wording for PutJobSuccessResult and PutJobFailureResult.
    return f"{message} on resource: {resource}"


def _resource_verdict(who: Principal, ask: Any, policy: Policy | None) -> tuple[Verdict, Named]:
    if policy is None:
        return _NOTHING, Named.NOT
    verdict: Verdict = ask([policy], names_principal=partial(_names, who, Named.ACCOUNT))
    if not verdict.allowed:
        return verdict, Named.NOT
    for level in (Named.SESSION, Named.ROLE):
        direct: Verdict = ask([policy], names_principal=partial(_names, who, level))
        if direct.allowed:
            return direct, level
    return verdict, Named.ACCOUNT


def _names(who: Principal, level: Named, element: Any) -> bool:
    return who.named_by(element).value >= level.value


def _refusal(
    verdicts: _Verdicts, action: str, *, elsewhere: bool, trust: bool, key: bool
) -> str | None:
    """The reason for a denial, in AWS's wording. None if the request is allowed."""
    kind = "the role trust policy" if trust else "a resource-based policy"
    for verdict, where in (
        (verdicts.identity, "an identity-based policy"),
        (verdicts.boundary, "a permissions boundary"),
        (verdicts.resource, kind),
    ):
        if verdict.effect is Effect.EXPLICIT_DENY:
            return f" with an explicit deny in {where}"
    missing = _missing(verdicts, elsewhere=elsewhere, trust=trust, key=key)
    if missing == "trust":
        return ""  # AWS does not mention trust policies in its messages.
    return f" because no {missing} allows the {action} action" if missing else None


def _missing(verdicts: _Verdicts, *, elsewhere: bool, trust: bool, key: bool) -> str | None:
    """The kind of policy that would also have to allow the request. None if it is allowed."""
    named = Named.NOT if elsewhere else verdicts.named
    if named is Named.SESSION:
        return None  # a resource policy that names the session itself is enough
    if not verdicts.identity.allowed and named is not Named.ROLE:
        return "identity-based policy"
    if not verdicts.boundary.allowed:
        return "permissions boundary"
    if (trust or key or elsewhere) and not verdicts.resource.allowed:
        return "trust" if trust else "resource-based policy"
    return None


def _deciding(verdicts: _Verdicts, *, allowed: bool) -> Verdict:
    wanted = Effect.ALLOWED if allowed else Effect.EXPLICIT_DENY
    asked = (verdicts.identity, verdicts.boundary, verdicts.resource)
    return next((v for v in asked if v.effect is wanted and v.policy), _NOTHING)


def _account(resource: str) -> str:
    parts = resource.split(":", 5)
    return parts[_ACCOUNT_PART] if len(parts) > _ACCOUNT_PART else ""
