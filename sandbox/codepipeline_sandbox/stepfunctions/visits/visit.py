"""A run's visit to a state: what the state can read, evaluate and record."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from codepipeline_sandbox.stepfunctions.language.documents import timestamp
from codepipeline_sandbox.stepfunctions.language.errors import StateFailed, query_evaluation_error
from codepipeline_sandbox.stepfunctions.language.fields import ABSENT
from codepipeline_sandbox.stepfunctions.language.jsonata import Bindings, Expression, evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.kernel.here import Cloud
    from codepipeline_sandbox.kernel.world import World
    from codepipeline_sandbox.stepfunctions.visits.callback import Callback
    from codepipeline_sandbox.stepfunctions.visits.history import History

# If one of these fields fails, AWS records the failure as following the event before the state's
# StateEntered event.
BEFORE_ENTRY = frozenset({"Arguments", "Assign", "Output"})
TYPE_NAMES = {bool: "boolean", int: "number", float: "number", str: "string", list: "array"}


class VisitingExecution(Protocol):
    """The part of `stepfunctions.runs.execution.Execution` that a visit reads."""

    arn: str
    state_machine_arn: str
    role_arn: str
    history: History

    @property
    def context(self) -> dict[str, Any]:
        """The context object's members about the execution and its state machine."""


class VisitingTokens(Protocol):
    """The part of `stepfunctions.tokens.TaskTokens` that a visit uses."""

    def issue(self, world: World, state_machine_arn: str) -> Callback:
        """Create a token that SendTaskSuccess and SendTaskFailure accept from now on."""

    def close(self, callback: Callback) -> None:
        """End the attempt's wait and stop accepting its token."""


class VisitingClients(Protocol):
    """The part of `stepfunctions.clients.RoleClients` that a visit uses."""

    def client(self, service: str, role_arn: str) -> Any:
        """Return a client for the service that uses the role's credentials.

        Raises AccessDenied if the role does not trust Step Functions.
        """


class VisitingRun(Protocol):
    """The part of `stepfunctions.runs.run.Run` that a visit reads."""

    cloud: Cloud
    world: World
    variables: Mapping[str, Any]
    functions: Mapping[str, Any]

    @property
    def execution(self) -> VisitingExecution:
        """The running execution."""

    @property
    def tokens(self) -> VisitingTokens:
        """The task tokens of the account and Region."""

    @property
    def clients(self) -> VisitingClients:
        """The clients of the account's roles in the Region."""


@dataclass(frozen=True)
class Left:
    """A state's result: the next state, the output, and the variables to set."""

    next: str | None  # None if the execution has succeeded
    output: Any
    assign: dict[str, Any]


class Visit:
    """What a state's `run` method receives. A task sets `retry_count` and `token`."""

    def __init__(
        self, run: VisitingRun, name: str, state_input: Any, entered_event: int, *, after: int
    ) -> None:
        self.run = run
        self.name = name
        self.input = state_input
        self.entered_event = entered_event
        self._before_entry = after
        self.retry_count: int | None = None
        self.token: str | None = None
        self._entered_time = timestamp(run.world.datetime())

    def again(self) -> Visit:
        """Reset the visit, so that a redriven execution can repeat it."""
        self.retry_count = self.token = None
        return self

    @property
    def world(self) -> World:
        """The world that the run belongs to."""
        return self.run.world

    def record(self, kind: str, details: Mapping[str, Any] | None = None) -> int:
        """Add an event to the history."""
        return self.run.execution.history.record(kind, details)

    def evaluate(self, template: Any, **states: Any) -> Any:
        """Evaluate a template. `states` contains additional members of `$states`."""
        try:
            return evaluate(template, self._bindings(states))
        except StateFailed as failure:
            raise self.evaluation_failed(failure.cause or "", failure.location or "") from failure

    def typed(self, template: Any, field: str, wanted: type) -> Any:
        """Evaluate a template whose value must have this type."""
        value = self.evaluate(template)
        if type(value) is not wanted:
            text = template.text if isinstance(template, Expression) else template
            cause = (
                f"The JSONata expression '{text}' specified for the field '{field}' returned an "
                f"unexpected result type. Expected '{TYPE_NAMES[wanted]}', but was "
                f"'{TYPE_NAMES.get(type(value), 'object')}' for value: {value!r}"
            )
            raise self.evaluation_failed(cause, field)
        return value

    def whole_number(self, template: Any, field: str, *, lowest: int, highest: int) -> int:
        """Evaluate a template whose value must be a whole number within bounds."""
        value: int = self.typed(template, field, int)
        if not lowest <= value <= highest:
            cause = f"The field '{field}' must be from {lowest} to {highest}, but was {value}."
            raise self.evaluation_failed(cause, field)
        return value

    def leave(self, following: str | None, output: Any, assign: Any, **states: Any) -> Left:
        """Evaluate Output and Assign. Neither can use the other's result.

        Without Output, the state returns the only member of `states` (a result or an error output),
        or else its input.
        """
        default = next(iter(states.values()), self.input)
        return Left(
            following,
            default if output is ABSENT else self.evaluate(output, **states),
            self.evaluate(assign, **states),
        )

    def evaluation_failed(self, cause: str, field: str) -> StateFailed:
        """Record the failure in the history, and return the error to raise."""
        cause = (
            f"An error occurred while executing the state '{self.name}' (entered at the event id "
            f"#{self.entered_event}). {cause}"
        )
        failure = query_evaluation_error(cause, field)
        details = {"error": failure.error, "cause": failure.cause, "state": self.name}
        history = self.run.execution.history
        just_entered = history.predecessor == self.entered_event
        early = just_entered and re.split(r"[/[]", field)[0] in BEFORE_ENTRY
        history.record(
            "EvaluationFailed",
            {**details, "location": field[:256]},
            after=self._before_entry if early else None,
        )
        return failure

    def _bindings(self, states: Mapping[str, Any]) -> Bindings:
        members = {"input": self.input, "context": self._context()}
        for name, value in states.items():
            members["errorOutput" if name == "error_output" else name] = value
        return Bindings({**self.run.functions, **self.run.variables, "states": members})

    def _context(self) -> dict[str, Any]:
        state: dict[str, Any] = {"Name": self.name, "EnteredTime": self._entered_time}
        if self.retry_count is not None:
            state["RetryCount"] = self.retry_count
        context = {**self.run.execution.context, "State": state}
        if self.token is not None:
            context["Task"] = {"Token": self.token}
        return context
