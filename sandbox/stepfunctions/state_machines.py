"""What the sandbox's other services use of Step Functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.stepfunctions import encryption
from sandbox.stepfunctions.models import (
    StepFunctionsBackend,
    backend_of,
    stepfunctions_backends,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.world import Promise


class StateMachines:
    """Starts executions and reports how they ended. Only a key's permissions are checked here."""

    def start(self, state_machine_arn: str, input_json: str, name: str | None = None) -> str:
        """Start an execution and return its ARN. Raises the errors of StartExecution."""
        backend = backend_of(state_machine_arn)
        return backend.start_execution(state_machine_arn, name, input_json).arn

    def of_task(self, account_id: str, region: str, token: str) -> str | None:
        """The ARN of the state machine whose task a token is for. None for an unknown token."""
        backend = stepfunctions_backends[account_id][region]
        assert isinstance(backend, StepFunctionsBackend)
        return backend.tokens.state_machine_of(token)

    def require_to_read(self, state_machine_arn: str, principal: str) -> None:
        """Raise AccessDenied unless the principal may decrypt the machine's runs."""
        machine = backend_of(state_machine_arn).describe_state_machine(state_machine_arn)
        encryption.require_to_read(machine.encryptionConfiguration, machine.arn, principal)

    def ended(self, execution_arn: str) -> Promise[Mapping[str, Any]]:
        """A promise of what DescribeExecution returns when the execution ends.

        An execution that is redriven later ends again. Earlier promises are not affected by that.
        """
        return backend_of(execution_arn).describe_execution(execution_arn).ended
