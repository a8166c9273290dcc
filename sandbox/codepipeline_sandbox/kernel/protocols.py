"""The interfaces between the sandbox's services. Each service has its own package."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

    from codepipeline_sandbox.kernel.world import Promise, Task


@dataclass(frozen=True)
class Credentials:
    """The keys that a caller uses to sign requests.

    An administrator's keys have no session token and never expire.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    expiration: datetime | None = None  # UTC


class AccessDenied(Exception):
    """The request was denied. The message is worded like AWS's."""


@dataclass(frozen=True)
class Invocation:
    """The result of a function's invocation, as the Lambda API returns it."""

    payload: str  # JSON: the handler's result, or {"errorMessage", "errorType", "stackTrace"}
    error: str | None = None  # the X-Amz-Function-Error header: "Unhandled", or None


@dataclass(frozen=True)
class LogLine:
    """One line that a function wrote."""

    time: float  # epoch seconds
    function_arn: str
    text: str
    delivered: bool  # False if the role may not write logs


@dataclass(frozen=True)
class Mishap:
    """A problem that Lambda counts in a metric, such as an error or a throttled invocation."""

    time: float  # epoch seconds
    function_arn: str
    metric: str  # the name of a metric in the namespace AWS/Lambda


@dataclass(frozen=True)
class Undelivered:
    """An event that could not be delivered. On AWS, a dead-letter queue could receive the event."""

    time: float
    source_arn: str  # the ARN of the rule or schedule
    target_arn: str
    reason: str


@dataclass(frozen=True)
class Delivery:
    """A delivery that faults can affect. `kind` is one of `faults.kinds.DELIVERIES`."""

    kind: str
    account: str
    region: str
    source: str = ""  # the event's source
    detail_type: str = ""
    target: str = ""  # the target's ARN

    @property
    def function(self) -> str:
        """The name of the target function. Empty if the target is not a function."""
        parts = self.target.split(":")
        return parts[6] if parts[2:3] == ["lambda"] else ""

    @property
    def what(self) -> str:
        """A description of the delivery for the journal of faults."""
        words = (self.kind, self.source, self.detail_type, "to" if self.target else "", self.target)
        return " ".join(word for word in words if word)


@dataclass(frozen=True)
class Strike:
    """A record of a fault that struck. Contains no credentials or payloads."""

    time: float  # epoch seconds
    kind: str
    what: str  # `service:Operation`, or a description of the delivery
    account: str
    region: str
    function: str  # the calling function or state machine, or the invoked function
    seconds: float = 0.0

    def __str__(self) -> str:
        moment = datetime.fromtimestamp(self.time, UTC).isoformat(timespec="milliseconds")
        seconds = f" {self.seconds:g} s" if self.seconds else ""
        place = f"{self.account} {self.region} {self.function}".strip()
        return f"{moment} {self.kind}{seconds}: {self.what} ({place})"


@dataclass(frozen=True)
class Call:
    """One attempt by a task to make an AWS call."""

    task: Task
    service: str
    operation: str
    request: AWSPreparedRequest

    @property
    def caller(self) -> str:
        """The calling function's name, or `stateMachine:` and the calling machine's name.

        Empty for any other caller.
        """
        return self.task.caller


MACHINE = "stateMachine:"  # the prefix of a state machine's `caller`

# Takes a call and `proceed`, a function that passes the call to the service and returns the
# response. The interceptor's result or error is passed on to the caller. If the error is a botocore
# HTTPClientError, the SDK retries the call, as on AWS. An interceptor can also kill `call.task` to
# end the caller during the call.
Interceptor = Callable[[Call, Callable[[], Any]], Any]


class Access(Protocol):
    """IAM's permission checks, as implemented by `iam`."""

    def require(
        self, principal: str, action: str, resource: str, context: Mapping[str, str] | None = None
    ) -> None:
        """Raise AccessDenied unless the principal's policies allow the action on the resource.

        `principal` is the ARN of an assumed-role session, or of a role if a service acts with that
        role.
        """

    def require_service_role(
        self, role_arn: str, service: str, context: Mapping[str, str] | None = None
    ) -> None:
        """Raise AccessDenied unless the role exists and trusts the service.

        `service` is a name such as codepipeline.amazonaws.com. `context` can contain aws:SourceArn,
        the ARN of the resource that needs the role.
        """

    def require_session(
        self, caller: str, role_arn: str, session_name: str, *, region: str
    ) -> None:
        """Raise AccessDenied unless the caller may assume the role with this session name."""

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

    def caller(self, access_key_id: str) -> str:
        """The ARN of the session, user or account root that owns the access key."""

    def service_session(
        self,
        role_arn: str,
        service: str,
        session_name: str,
        *,
        context: Mapping[str, str] | None = None,
        seconds: int = 43_200,
    ) -> Credentials:
        """Return credentials for a role that an AWS service assumes. They expire after `seconds`.

        Raises AccessDenied unless the role trusts the service.
        """

    def administrator(self, account_id: str) -> Credentials:
        """Return credentials for the administrator, who may do anything in the account."""


class Functions(Protocol):
    """Functions and their containers, as implemented by `awslambda`."""

    @property
    def log_lines(self) -> Sequence[LogLine]:
        """All lines that functions wrote, in order, even if their roles may not write logs."""

    @property
    def mishaps(self) -> Sequence[Mishap]:
        """The problems that Lambda has counted in metrics."""

    def invoke(self, function_arn: str, payload: str) -> Promise[Invocation]:
        """Run the function once (RequestResponse). Does not check the caller's permission."""

    def invoke_async(self, function_arn: str, payload: str) -> None:
        """Queue an event, as Invoke does for the type Event. Failed attempts are retried."""


class Events(Protocol):
    """EventBridge, as implemented by `eventbridge`."""

    @property
    def undelivered(self) -> Sequence[Undelivered]:
        """The events and invocations that rules and schedules have failed to deliver."""

    def put(self, account_id: str, region: str, event: Mapping[str, Any]) -> None:
        """Put a service's event on the default bus.

        `event` contains source, detail-type, resources and detail. EventBridge adds the id, time,
        account, Region and version.
        """


class StateMachines(Protocol):
    """Step Functions, as implemented by `stepfunctions`."""

    def start(self, state_machine_arn: str, input_json: str, name: str | None = None) -> str:
        """Start an execution and return its ARN."""

    def of_task(self, account_id: str, region: str, token: str) -> str | None:
        """The ARN of the state machine that issued the task token. None for an unknown token."""

    def require_to_read(self, state_machine_arn: str, principal: str) -> None:
        """Raise AccessDenied unless the principal may decrypt the machine's runs."""

    def ended(self, execution_arn: str) -> Promise[Mapping[str, Any]]:
        """Return a promise of DescribeExecution's response at the end of the execution."""


class Pipelines(Protocol):
    """CodePipeline, as used by rules and schedules. They check the permissions themselves."""

    def start_for_rule(self, pipeline_arn: str, rule_arn: str, input_json: str) -> None:
        """Start an execution for a rule, with the variables and revisions in the target's input."""

    def start_for_schedule(self, pipeline_arn: str, role_arn: str) -> None:
        """Start an execution for EventBridge Scheduler, which calls the API with its role."""


class InvocationFaults(Protocol):
    """Faults in function invocations, as implemented by `faults`."""

    def strike(self, account: str, region: str, function: str) -> Strike | None:
        """The fault that strikes an invocation now, or None."""


class Faults(Protocol):
    """The faults to inject, as implemented by `faults`."""

    @property
    def invocations(self) -> InvocationFaults:
        """Faults in function invocations."""

    def deliver(self, delivery: Delivery, action: Callable[[], None]) -> None:
        """Complete the delivery by running `action`. A fault can prevent, delay or repeat it."""

    def outside(
        self, service: str, operation: str, request: AWSPreparedRequest, proceed: Callable[[], Any]
    ) -> Any:
        """Respond to an AWS call that was not made by a task."""
