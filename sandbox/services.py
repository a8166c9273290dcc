"""What the services of the sandbox want of each other; each is implemented in its own package."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

    from sandbox.world import Promise, Task


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


@dataclass(frozen=True)
class LogLine:
    """One line that a function has written."""

    time: float  # epoch seconds
    function_arn: str
    text: str
    delivered: bool  # False when the role may not write logs


@dataclass(frozen=True)
class Mishap:
    """Something that Lambda counts besides invocations."""

    time: float  # epoch seconds
    function_arn: str
    metric: str  # of the namespace AWS/Lambda


@dataclass(frozen=True)
class Undelivered:
    """What never reached its target; with a dead-letter queue AWS would put it there."""

    time: float
    source_arn: str  # of the rule or the schedule
    target_arn: str
    reason: str


@dataclass(frozen=True)
class Delivery:
    """What is on its way: the kind is one of `sandbox.faults.kinds.DELIVERIES`."""

    kind: str
    account: str
    region: str
    source: str = ""  # of an event
    detail_type: str = ""
    target: str = ""  # the ARN

    @property
    def function(self) -> str:
        """The name of the function that it goes to; empty if it goes to something else."""
        parts = self.target.split(":")
        return parts[6] if parts[2:3] == ["lambda"] else ""

    @property
    def what(self) -> str:
        """As the journal names it."""
        words = (self.kind, self.source, self.detail_type, "to" if self.target else "", self.target)
        return " ".join(word for word in words if word)


@dataclass(frozen=True)
class Strike:
    """One time that a fault struck. There are no credentials and no payloads in it."""

    time: float  # epoch seconds
    kind: str
    what: str  # service:Operation, or what was to be delivered
    account: str
    region: str
    function: str  # that called (or the machine), or was to be invoked; empty if there is none
    seconds: float = 0.0

    def __str__(self) -> str:
        moment = datetime.fromtimestamp(self.time, UTC).isoformat(timespec="milliseconds")
        seconds = f" {self.seconds:g} s" if self.seconds else ""
        place = f"{self.account} {self.region} {self.function}".strip()
        return f"{moment} {self.kind}{seconds}: {self.what} ({place})"


@dataclass(frozen=True)
class Call:
    """One attempt of an AWS call that a task makes."""

    task: Task
    service: str
    operation: str
    request: AWSPreparedRequest

    @property
    def caller(self) -> str:
        """The name of the function that calls, or `stateMachine:` and a state machine's name.

        Empty if it is neither.
        """
        return self.task.caller


MACHINE = "stateMachine:"  # the callers that are state machines begin with it

# Gets the call, and `proceed`, which has the service do it and returns its answer. Whatever it
# returns or raises is what the caller sees: a botocore HTTPClientError is retried by the SDK as
# on AWS; killing `call.task` ends the caller there.
Interceptor = Callable[[Call, Callable[[], Any]], Any]


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

    def require_session(
        self, caller: str, role_arn: str, session_name: str, *, region: str
    ) -> None:
        """Raise AccessDenied unless the caller may assume the role under that session name."""

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

    @property
    def log_lines(self) -> Sequence[LogLine]:
        """Every line that a function has written, in order, whether it may write logs or not."""

    @property
    def mishaps(self) -> Sequence[Mishap]:
        """Errors and throttles of functions, and events that were dropped or not passed on."""

    def invoke(self, function_arn: str, payload: str) -> Promise[Invocation]:
        """Run the function once (RequestResponse). Nothing about permissions is checked here."""

    def invoke_async(self, function_arn: str, payload: str) -> None:
        """Hand over an event (invocation type Event): retries, event age, destinations."""


class Events(Protocol):
    """sandbox.delivery: EventBridge."""

    @property
    def undelivered(self) -> Sequence[Undelivered]:
        """What rules and schedules have given up on."""

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

    def require_to_read(self, state_machine_arn: str, principal: str) -> None:
        """Raise AccessDenied unless the principal may decrypt the machine's runs."""

    def ended(self, execution_arn: str) -> Promise[Mapping[str, Any]]:
        """Kept when the execution ends, with what DescribeExecution says then."""


class InvocationFaults(Protocol):
    """sandbox.faults: what goes wrong with the invocations of functions."""

    def strike(self, account: str, region: str, function: str) -> Strike | None:
        """The fault that strikes an invocation now, if one does."""


class Faults(Protocol):
    """sandbox.faults: what goes wrong between the services and their callers."""

    @property
    def invocations(self) -> InvocationFaults:
        """What goes wrong with the invocations of functions."""

    def deliver(self, delivery: Delivery, action: Callable[[], None]) -> None:
        """Run `action`, which lets the delivery arrive: now, unless a fault strikes it."""

    def outside(
        self, service: str, operation: str, request: AWSPreparedRequest, proceed: Callable[[], Any]
    ) -> Any:
        """The answer to a call that no task makes."""
