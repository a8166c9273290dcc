"""The Step Functions backend: moto's state machines, with executions that actually run."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from moto.core.base_backend import BackendDict
from moto.stepfunctions import models as moto_stepfunctions
from moto.stepfunctions.exceptions import (
    ExecutionAlreadyExists,
    ExecutionDoesNotExist,
    InvalidName,
)

from codepipeline_sandbox.kernel.here import current
from codepipeline_sandbox.stepfunctions import encryption, settings
from codepipeline_sandbox.stepfunctions.acceptance import (
    check_input,
    check_room,
    machine_of,
    refuse_unsupported,
)
from codepipeline_sandbox.stepfunctions.clients import RoleClients
from codepipeline_sandbox.stepfunctions.cloudformation import StateMachine
from codepipeline_sandbox.stepfunctions.exceptions import StateMachineAlreadyExists
from codepipeline_sandbox.stepfunctions.runs.execution import Execution
from codepipeline_sandbox.stepfunctions.runs.run import Run
from codepipeline_sandbox.stepfunctions.runs.status_event import status_change
from codepipeline_sandbox.stepfunctions.tokens import TaskTokens

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

CONFIGURATIONS = ("encryption", "logging", "tracing")


class StepFunctionsBackend(moto_stepfunctions.StepFunctionBackend):  # type: ignore[misc]
    """Step Functions in one account and Region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.executions: dict[str, Execution] = {}
        self.runs: dict[str, Run] = {}
        self.tokens = TaskTokens()
        self.clients = RoleClients(region_name)

    def create_state_machine(
        self,
        name: str,
        definition: str,
        roleArn: str,  # noqa: N803 - moto's name
        tags: list[dict[str, str]] | None = None,
        **more: Any,
    ) -> StateMachine:
        """Create the machine, or return an identical one.

        Refuses a definition that the sandbox cannot run.
        """
        refuse_unsupported(more)
        self._check_name(name)
        self._validate_role_arn(roleArn)
        machine_of(definition)
        arn = (
            f"arn:{self.partition}:states:{self.region_name}:{self.account_id}:stateMachine:{name}"
        )
        there = next((one for one in self.state_machines if one.arn == arn), None)
        if there is None:
            configurations = [more.get(f"{each}Configuration") for each in CONFIGURATIONS]
            there = StateMachine(arn, name, definition, roleArn, self, *configurations)
            self.state_machines.append(there)
            self.tagger.tag_resource(arn, tags or [])
        elif (there.definition, there.roleArn) != (definition, roleArn):
            raise StateMachineAlreadyExists(arn)
        return there

    def update_state_machine(self, arn: str, definition: str | None = None, **more: Any) -> Any:
        """Change the machine for future executions."""
        refuse_unsupported(more)
        more.pop("sm_type", None)
        if definition is not None:
            machine_of(definition)
        return super().update_state_machine(arn, definition=definition, **more)

    def start_execution(
        self,
        state_machine_arn: str,
        name: str | None,
        execution_input: str,
        trace_header: str | None = None,
    ) -> Execution:
        """Start an execution, or return the running one that has the same name and input."""
        if name is not None:
            self._check_name(name)
        state_machine = self.describe_state_machine(state_machine_arn)
        check_input(execution_input)
        encryption.require_for_run(state_machine)
        world = current().world
        name = name or world.uuid()
        arn = state_machine.arn.replace(":stateMachine:", ":execution:") + f":{name}"
        if arn in self.executions:
            return self._same(self.executions[arn], execution_input)
        check_room(self.executions)
        execution = Execution(
            arn=arn,
            name=name,
            state_machine_arn=state_machine.arn,
            state_machine_name=state_machine.name,
            role_arn=state_machine.roleArn,
            machine=machine_of(state_machine.definition),
            machine_date=state_machine.update_date.replace(tzinfo=UTC),
            definition=state_machine.definition,
            encryption=state_machine.encryptionConfiguration,
            input=execution_input,
            trace_header=trace_header,
            clock=world.datetime,
            changed=self._tell,
        )
        self._begin(execution)
        return execution

    def stop_execution(
        self, execution_arn: str, error: str | None = None, cause: str | None = None
    ) -> Execution:
        """Stop an execution immediately.

        This has no effect on an execution that has already ended.
        """
        execution = self.describe_execution(execution_arn)
        if error is not None or cause is not None:
            encryption.require_to_add(
                execution.encryption, execution.state_machine_arn, execution.role_arn
            )
        execution.stop(error, cause)
        return execution

    def require_to_answer(self, token: str) -> None:
        """Raise KmsAccessDenied unless a task's result can be encrypted."""
        arn = self.tokens.state_machine_of(token)
        for machine in self.state_machines:
            if machine.arn == arn:
                encryption.require_to_add(
                    machine.encryptionConfiguration, machine.arn, machine.roleArn
                )

    def redrive_execution(self, execution_arn: str, client_token: str) -> datetime:
        """Continue an execution where it failed or was stopped. Returns the date of the redrive."""
        execution = self.describe_execution(execution_arn)
        now = current().world.datetime()
        if (when := execution.redrives.by(client_token, now)) is not None:
            return when
        if execution.redrive_status["redriveStatus"] == "REDRIVABLE":
            check_room(self.executions)
        encryption.require_for_run(self.describe_state_machine(execution.state_machine_arn))
        execution.redrive(client_token)
        self._go_on(execution)
        return now

    def describe_execution(self, execution_arn: str) -> Execution:
        """Return the execution with this ARN. Raises ExecutionDoesNotExist."""
        self._validate_execution_arn(execution_arn)
        if execution_arn not in self.executions:
            raise ExecutionDoesNotExist(f"Execution Does Not Exist: '{execution_arn}'")
        return self.executions[execution_arn]

    def list_executions(
        self,
        state_machine_arn: str,
        status_filter: str | None = None,
        redrive_filter: str | None = None,
    ) -> Sequence[tuple[Execution, str]]:
        """List the machine's executions, newest first, and their statuses, which can lag behind."""
        self.describe_state_machine(state_machine_arn)
        lag = timedelta(seconds=settings.current().lists_lag)
        moment = current().world.datetime() - lag
        found = [
            (execution, status)
            for execution in self.executions.values()
            if execution.state_machine_arn == state_machine_arn
            and redrive_filter in {None, execution.redrives.filter}
            and (status := execution.status_at(moment)) is not None
            and status_filter in {None, status}
        ]
        return found[::-1]

    def _begin(self, execution: Execution) -> None:
        self.executions[execution.arn] = execution
        self.runs[execution.arn] = Run(execution, current(), self.tokens, self.clients)
        self._tell(execution)
        self._go_on(execution)

    def _go_on(self, execution: Execution) -> None:
        world = current().world
        if (seconds := execution.machine.timeout_seconds) is not None:
            execution.alarm = world.after(seconds, execution.time_out)
        execution.task = world.spawn(self.runs[execution.arn])

    def _tell(self, execution: Execution) -> None:
        current().events.put(self.account_id, self.region_name, status_change(execution))

    def _check_name(self, name: str) -> None:
        self._validate_name(name)
        if any(character.isspace() for character in name):
            raise InvalidName(f"Invalid Name: '{name}'")

    @staticmethod
    def _same(execution: Execution, execution_input: str) -> Execution:
        if execution.status != "RUNNING" or execution.input != execution_input:
            raise ExecutionAlreadyExists(f"Execution Already Exists: '{execution.arn}'")
        return execution


def backend_of(arn: str) -> StepFunctionsBackend:
    """Return the backend of the account and Region in an ARN."""
    _, _, _, region, account_id, *_ = arn.split(":")
    backend = stepfunctions_backends[account_id][region]
    assert isinstance(backend, StepFunctionsBackend)
    return backend


stepfunctions_backends = BackendDict(StepFunctionsBackend, "stepfunctions")
