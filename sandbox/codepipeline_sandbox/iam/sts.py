"""The sandbox's STS: AssumeRole with policy checks, and the caller's identity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult
from moto.sts.exceptions import STSValidationError
from moto.sts.responses import TokenResponse

from codepipeline_sandbox.iam import identities, refusals
from codepipeline_sandbox.iam.access import Access
from codepipeline_sandbox.iam.assuming import AssumeRoleRefused, SessionRequest
from codepipeline_sandbox.kernel import here
from codepipeline_sandbox.kernel.protocols import AccessDenied

if TYPE_CHECKING:
    from collections.abc import Callable

_SUPPORTED = {"RoleArn", "RoleSessionName", "DurationSeconds", "ExternalId"}


class StsResponse(TokenResponse):  # type: ignore[misc]
    """Replaces operations of moto's STS while a sandbox cloud is running."""

    def assume_role(self) -> ActionResult:
        """Open a session, or refuse the request with AWS's error."""
        access = _access()
        if access is None:
            return super().assume_role()
        if unsupported := set(self.params) - _SUPPORTED:
            raise NotImplementedError(
                f"the sandbox's AssumeRole does not support {', '.join(sorted(unsupported))}"
            )
        request = SessionRequest(
            role_arn=self._get_param("RoleArn", ""),
            session_name=self._get_param("RoleSessionName", ""),
            seconds=self._get_param("DurationSeconds", 3600),
            external_id=self._get_param("ExternalId"),
        )
        try:
            session = access.assume_role(access.caller(self.access_key), request, self.region)
        except AssumeRoleRefused as refused:
            raise STSValidationError(str(refused)) from refused
        except AccessDenied as denied:
            raise refusals.access_denied(self, str(denied)) from denied
        credentials = session.credentials
        return ActionResult(
            {
                "Credentials": {
                    "AccessKeyId": credentials.access_key_id,
                    "SecretAccessKey": credentials.secret_access_key,
                    "SessionToken": credentials.session_token,
                    "Expiration": credentials.expiration,
                },
                "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn},
            }
        )

    def get_session_token(self) -> ActionResult:
        """Raise NotImplementedError while a sandbox cloud is running."""
        return self._unsupported(super().get_session_token)

    def get_federation_token(self) -> ActionResult:
        """Raise NotImplementedError while a sandbox cloud is running."""
        return self._unsupported(super().get_federation_token)

    def assume_role_with_saml(self) -> ActionResult:
        """Raise NotImplementedError while a sandbox cloud is running."""
        return self._unsupported(super().assume_role_with_saml)

    def assume_role_with_web_identity(self) -> ActionResult:
        """Raise NotImplementedError while a sandbox cloud is running."""
        return self._unsupported(super().assume_role_with_web_identity)

    def _unsupported(self, without_sandbox: Callable[[], ActionResult]) -> ActionResult:
        if _access() is None:
            return without_sandbox()
        raise NotImplementedError(f"the sandbox's STS does not support {self._get_action()}")

    def get_caller_identity(self) -> ActionResult:
        """Return the caller's account, unique id and ARN."""
        access = _access()
        if access is None:
            return super().get_caller_identity()
        arn = access.caller(self.access_key)
        user_id = identities.principal(arn).context["aws:userid"]
        return ActionResult({"UserId": user_id, "Account": self.current_account, "Arn": arn})


def _access() -> Any:
    access = getattr(here.current_or_none(), "access", None)
    return access if isinstance(access, Access) else None
