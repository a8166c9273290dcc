"""Checks AssumeRole requests: the parameters, the permissions and the session's duration.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.iam import identities
from codepipeline_sandbox.iam.authorization import Decision, authorize
from codepipeline_sandbox.iam.policies.evaluate import Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codepipeline_sandbox.iam.policies.principals import Principal

_SESSION_NAME = r"[\w+=,.@-]*"
_EXTERNAL_ID = r"[\w+=,.@:\/-]*"
_ROLE_ARN = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/\S+")
_ONE_HOUR = 3_600
_NOBODY = Policy("no such role", {"Statement": []})


class AssumeRoleRefused(Exception):
    """The AssumeRole request is invalid. AWS returns a ValidationError with this message."""


@dataclass(frozen=True)
class SessionRequest:
    """The parameters of AssumeRole."""

    role_arn: str
    session_name: str
    seconds: int = _ONE_HOUR
    external_id: str | None = None

    def check(self) -> None:
        """Raise AssumeRoleRefused for values outside the API model's limits."""
        _check_text("roleArn", self.role_arn, (20, 2048), "")
        _check_text("roleSessionName", self.session_name, (2, 64), _SESSION_NAME)
        if self.external_id is not None:
            _check_text("externalId", self.external_id, (2, 1224), _EXTERNAL_ID)
        if self.seconds < 900:  # noqa: PLR2004 - the API model's limit
            _invalid("durationSeconds", self.seconds, "have value greater than or equal to 900")
        if self.seconds > 43_200:  # noqa: PLR2004 - the API model's limit
            _invalid("durationSeconds", self.seconds, "have value less than or equal to 43200")
        if not _ROLE_ARN.fullmatch(self.role_arn):
            raise AssumeRoleRefused(f"{self.role_arn} is invalid")


def assume(
    who: Principal,
    request: SessionRequest,
    context: Mapping[str, str],
    enforce: Callable[[Decision], None],
) -> Any:
    """Check the request and return the role. `enforce` must raise if the decision is a denial."""
    request.check()
    if who.is_administrator:
        enforce(
            Decision(
                who.arn,
                "sts:AssumeRole",
                request.role_arn,
                allowed=False,
                message="Roles may not be assumed by root accounts.",
            )
        )
    role = identities.find_role(request.role_arn)
    values = {**context, "sts:RoleSessionName": request.session_name}
    if request.external_id is not None:
        values["sts:ExternalId"] = request.external_id
    enforce(
        authorize(
            who,
            "sts:AssumeRole",
            request.role_arn,
            values,
            # If the role does not exist, AWS returns the same denial as if the role did not trust
            # the caller.
            resource_policy=identities.trust(role) if role else _NOBODY,
            trust=True,
        )
    )
    assert role is not None  # a role that does not exist trusts no one
    _check_duration(who, role, request.seconds)
    return role


def _check_duration(who: Principal, role: Any, seconds: int) -> None:
    if who.kind == "assumed-role" and seconds > _ONE_HOUR:
        raise AssumeRoleRefused(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining"
        )
    if seconds > int(role.max_session_duration or _ONE_HOUR):
        raise AssumeRoleRefused(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )


def _check_text(name: str, value: str, lengths: tuple[int, int], pattern: str) -> None:
    shortest, longest = lengths
    if len(value) < shortest:
        _invalid(name, value, f"have length greater than or equal to {shortest}")
    if len(value) > longest:
        _invalid(name, value, f"have length less than or equal to {longest}")
    if pattern and not re.fullmatch(pattern, value, re.ASCII):
        _invalid(name, value, f"satisfy regular expression pattern: {pattern}")


def _invalid(name: str, value: object, constraint: str) -> None:
    raise AssumeRoleRefused(
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: "
        f"Member must {constraint}"
    )
