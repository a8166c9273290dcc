"""An execution and its data, from start to end."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.kernel.world import Event, Promise, Task
from codepipeline_sandbox.stepfunctions.exceptions import ExecutionNotRedrivable
from codepipeline_sandbox.stepfunctions.language.documents import timestamp
from codepipeline_sandbox.stepfunctions.runs.redrives import Redrives, hindrance
from codepipeline_sandbox.stepfunctions.visits.history import History, data, failure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from codepipeline_sandbox.stepfunctions.machine import Machine

ENDS = {
    "SUCCEEDED": "ExecutionSucceeded",
    "FAILED": "ExecutionFailed",
    "TIMED_OUT": "ExecutionTimedOut",
    "ABORTED": "ExecutionAborted",
}


@dataclass
class Execution:
    """One execution. `changed` is called whenever the status changes, including at the start."""

    arn: str
    name: str
    state_machine_arn: str
    state_machine_name: str
    role_arn: str
    # The machine at the start of the execution. Later updates do not affect the execution.
    machine: Machine
    machine_date: datetime  # the time of the machine's latest update before the start
    definition: str
    encryption: Mapping[str, Any]  # the API's EncryptionConfiguration at the start
    input: str
    clock: Callable[[], datetime]
    changed: Callable[[Execution], None]
    trace_header: str | None = None
    status: str = "RUNNING"
    stop_date: datetime | None = None
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    ended: Promise[Mapping[str, Any]] = field(default_factory=Promise)
    task: Task | None = None
    alarm: Event | None = None  # fires when the machine's own TimeoutSeconds have passed
    redrives: Redrives = field(default_factory=Redrives)

    def __post_init__(self) -> None:
        self.start_date = self.clock()
        self.history = History(self.clock)
        started = {**data("input", self.input), "roleArn": self.role_arn}
        self.history.record("ExecutionStarted", started)

    @property
    def context(self) -> dict[str, Any]:
        """The context object's members about the execution and its state machine."""
        return {
            "Execution": {**self._identity, **self.redrives.context},
            "StateMachine": {"Id": self.state_machine_arn, "Name": self.state_machine_name},
        }

    @cached_property
    def _identity(self) -> dict[str, Any]:
        return {
            "Id": self.arn,
            "Input": json.loads(self.input),
            "Name": self.name,
            "RoleArn": self.role_arn,
            "StartTime": timestamp(self.start_date),
        }

    def stop(self, error: str | None, cause: str | None) -> None:
        """Stop the execution immediately.

        This has no effect on an execution that has already ended.
        """
        self._interrupt("ABORTED", error, cause)

    def time_out(self) -> None:
        """End the execution because the machine's TimeoutSeconds have passed."""
        self._interrupt("TIMED_OUT", None, None)

    def close(
        self,
        status: str,
        *,
        output: str | None = None,
        error: str | None = None,
        cause: str | None = None,
    ) -> None:
        """Record the end in the history and in DescribeExecution, and notify all waiters."""
        self.status, self.stop_date = status, self.clock()
        self.output, self.error, self.cause = output, error, cause
        if self.alarm is not None:
            self.alarm.cancel()
        details = failure(error, cause) if output is None else data("output", output)
        if status == "TIMED_OUT":
            details = failure("States.Timeout", None)
        self.history.record(ENDS[status], details)
        self.changed(self)
        self.ended.resolve(self.described())

    def redrive(self, client_token: str) -> None:
        """Continue the execution where it ended. The history and the bus show the redrive."""
        if (reason := hindrance(self)) is not None:
            raise ExecutionNotRedrivable(self.arn, reason)
        self.status, self.stop_date = "RUNNING", None
        self.output = self.error = self.cause = None
        self.ended = Promise()
        self.redrives.add(client_token, self.clock())
        self.history.record("ExecutionRedriven", {"redriveCount": self.redrives.count})
        self.changed(self)

    def status_at(self, moment: datetime) -> str | None:
        """The status at this moment, for ListExecutions. None before the start."""
        if moment < self.start_date:
            return None
        running = self.stop_date is not None and moment < self.stop_date
        return "RUNNING" if running else self.status

    def described(self) -> dict[str, Any]:
        """The response of DescribeExecution, without members that have no value."""
        members: dict[str, Any] = {
            "executionArn": self.arn,
            "stateMachineArn": self.state_machine_arn,
            "name": self.name,
            "status": self.status,
            "startDate": self.start_date,
            "stopDate": self.stop_date,
            "input": self.input,
            "inputDetails": {"included": True},
            "output": self.output,
            "outputDetails": None if self.output is None else {"included": True},
            "traceHeader": self.trace_header,
            "error": self.error,
            "cause": self.cause,
            "redriveCount": self.redrives.count,
            "redriveDate": self.redrives.date,
            **self.redrive_status,
        }
        return {name: value for name, value in members.items() if value is not None}

    @property
    def redrive_status(self) -> dict[str, str]:
        """Whether the execution can be redriven, and if not, why."""
        if (reason := hindrance(self)) is not None:
            return {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}
        return {"redriveStatus": "REDRIVABLE"}

    def _interrupt(self, status: str, error: str | None, cause: str | None) -> None:
        if self.status != "RUNNING":
            return
        self.close(status, error=error, cause=cause)
        if self.task is not None:
            self.task.kill()
