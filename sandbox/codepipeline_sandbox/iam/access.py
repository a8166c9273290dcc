"""The permission checks for the sandbox's services and the request guard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.iam.models import get_account_id_from, iam_backends

from codepipeline_sandbox.iam import identities
from codepipeline_sandbox.iam.assuming import AssumeRoleRefused, SessionRequest, assume
from codepipeline_sandbox.iam.authorization import Decision, authorize
from codepipeline_sandbox.iam.resource_policies import policy_of, service_decision
from codepipeline_sandbox.iam.service_roles import trusts_service
from codepipeline_sandbox.iam.sessions import Session, Sessions
from codepipeline_sandbox.kernel import here
from codepipeline_sandbox.kernel.protocols import AccessDenied, Credentials
from codepipeline_sandbox.patches.sessions import administrator_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.iam.policies.principals import Principal

TWELVE_HOURS = 43_200


class Access:
    """Checks identity, resource and trust policies. `decisions` stores every decision made."""

    def __init__(self) -> None:
        self.sessions = Sessions()
        self.decisions: list[Decision] = []
        self.organizations: dict[str, str] = {}  # account id -> organization id

    def require(
        self, principal: str, action: str, resource: str, context: Mapping[str, str] | None = None
    ) -> None:
        """Raise AccessDenied unless the principal's policies allow the action on the resource."""
        who = identities.principal(principal)
        values = {**self._context(who), **_region(resource), **(context or {})}
        policy = policy_of(action, resource)
        self._enforce(authorize(who, action, resource, values, resource_policy=policy))

    def require_service_role(
        self, role_arn: str, service: str, context: Mapping[str, str] | None = None
    ) -> None:
        """Raise AccessDenied unless the role exists and trusts the service.

        `service` is a name such as codepipeline.amazonaws.com. `context` can contain aws:SourceArn,
        the ARN of the resource that needs the role.
        """
        decision = trusts_service(role_arn, service, {**self._time(), **(context or {})})
        self.decisions.append(decision)
        if not decision.allowed:
            raise AccessDenied(decision.message)

    def allows_service(
        self,
        service: str,
        action: str,
        resource: str,
        *,
        source_arn: str,
        source_account: str,
        context: Mapping[str, str] | None = None,
    ) -> bool:
        """Whether the resource's policy lets the service perform the action for `source_arn`."""
        context = {
            **self._time(),
            "aws:SourceArn": source_arn,
            "aws:SourceAccount": source_account,
            "aws:PrincipalServiceName": service,
            **(context or {}),
        }
        decision = service_decision(service, action, resource, context)
        self.decisions.append(decision)
        return decision.allowed

    def caller(self, access_key_id: str) -> str:
        """Return the ARN of the session or user that owns the access key.

        A key that was never issued counts as the account administrator's key.
        """
        session = self.sessions.find(access_key_id)
        if session is not None:
            return session.arn
        account = get_account_id_from(access_key_id)
        user = iam_backends[account]["aws"].get_user_from_access_key_id(access_key_id)
        return user.arn if user else f"arn:aws:iam::{account}:root"

    def assume_role(self, caller: str, request: SessionRequest, region: str) -> Session:
        """Check an AssumeRole request and open its session.

        Raises AssumeRoleRefused if the request is invalid, and AccessDenied if it is not allowed.
        """
        who = identities.principal(caller)
        context = {**self._context(who), "aws:RequestedRegion": region}
        role = assume(who, request, context, self._enforce)
        return self._open(role, request.session_name, request.seconds)

    def require_session(
        self, caller: str, role_arn: str, session_name: str, *, region: str
    ) -> None:
        """Raise AccessDenied unless the caller may assume the role with this session name."""
        try:
            self.assume_role(caller, SessionRequest(role_arn, session_name), region)
        except AssumeRoleRefused as error:
            raise AccessDenied(str(error)) from error

    def service_session(
        self,
        role_arn: str,
        service: str,
        session_name: str,
        *,
        context: Mapping[str, str] | None = None,
        seconds: int = TWELVE_HOURS,
    ) -> Credentials:
        """Return credentials for a role that an AWS service assumes. They expire after `seconds`.

        Raises AccessDenied unless the role trusts the service.
        """
        self.require_service_role(role_arn, service, context)
        return self._open(identities.find_role(role_arn), session_name, seconds).credentials

    def administrator(self, account_id: str) -> Credentials:
        """Return credentials for the administrator, who may do anything in the account."""
        return Credentials(administrator_key(account_id), "administrator")

    def _open(self, role: Any, name: str, seconds: int) -> Session:
        return self.sessions.open(here.current().world, role, name, seconds=seconds)

    def _enforce(self, decision: Decision) -> None:
        self.decisions.append(decision)
        if not decision.allowed:
            raise AccessDenied(decision.message)

    def _time(self) -> dict[str, str]:
        now = here.current().world.datetime()
        return {
            "aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "aws:EpochTime": str(int(now.timestamp())),
            "aws:SecureTransport": "true",
        }

    def _context(self, who: Principal) -> dict[str, str]:
        service = {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"}
        organization = self.organizations.get(who.account)
        member = {"aws:PrincipalOrgID": organization} if organization else {}
        return {**self._time(), **who.context, **member, **service}


def _region(resource: str) -> dict[str, str]:
    region = [*resource.split(":"), "", "", "", ""][3]
    return {"aws:RequestedRegion": region} if region else {}
