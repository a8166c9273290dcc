"""What the services of the sandbox want of each other; each is implemented in its own package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sandbox.world import Promise


@dataclass(frozen=True)
class Credentials:
    """What a caller signs requests with. An administrator's have no token and never expire."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    expiration: datetime | None = None  # UTC


class AccessDenied(Exception):
    """What AWS would answer; the message is AWS's own wording."""


@dataclass(frozen=True)
class Invocation:
    """How an invocation of a function ended, as the Lambda API tells it."""

    payload: str  # JSON: what the handler returned, or {"errorMessage", "errorType", "stackTrace"}
    error: str | None = None  # the X-Amz-Function-Error header: "Unhandled", or None


class Access(Protocol):
    """sandbox.access: identity, resource and trust policies."""

    def require(
        self, principal: str, action: str, resource: str, context: Mapping[str, str] | None = None
    ) -> None:
        """Raise AccessDenied unless the principal's policies allow the action on the resource.

        `principal` is the ARN of a role (for what a service does with that role) or of an
        assumed-role session.
        """

    def require_service_role(
        self, role_arn: str, service: str, context: Mapping[str, str] | None = None
    ) -> None:
        """Raise AccessDenied unless the role exists and trusts the service, `x.amazonaws.com`.

        `context` may hold aws:SourceArn, the resource for which the service assumes the role.
        """

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
        """Whether the resource's own policy lets an AWS service act on it for the source."""

    def caller(self, access_key_id: str) -> str:
        """The ARN of whoever has the access key: a session, a user, or an account's root."""

    def service_session(
        self,
        role_arn: str,
        service: str,
        session_name: str,
        *,
        context: Mapping[str, str] | None = None,
        seconds: int = 43_200,
    ) -> Credentials:
        """Credentials with which an AWS service lets its role act, for `seconds`.

        Raises AccessDenied unless the role trusts the service.
        """

    def administrator(self, account_id: str) -> Credentials:
        """Credentials of the account's administrator, who is not subject to any policy."""


class Functions(Protocol):
    """sandbox.awslambda: the functions' containers."""

    def invoke(self, function_arn: str, payload: str) -> Promise[Invocation]:
        """Run the function once (RequestResponse). Nothing about permissions is checked here."""

    def invoke_async(self, function_arn: str, payload: str) -> None:
        """Hand over an event (invocation type Event): retries, event age, destinations."""


class Events(Protocol):
    """sandbox.delivery: EventBridge."""

    def put(self, account_id: str, region: str, event: Mapping[str, Any]) -> None:
        """Put a service's event on the default bus.

        `event` has source, detail-type, resources and detail; id, time, account, region and
        version are added.
        """


class StateMachines(Protocol):
    """sandbox.stepfunctions."""

    def start(self, state_machine_arn: str, input_json: str, name: str | None = None) -> str:
        """Start an execution and return its ARN."""

    def of_task(self, account_id: str, region: str, token: str) -> str | None:
        """The ARN of the state machine whose task a token is for; None for a token of nobody."""

    def ended(self, execution_arn: str) -> Promise[Mapping[str, Any]]:
        """Kept when the execution ends, with what DescribeExecution says then."""
