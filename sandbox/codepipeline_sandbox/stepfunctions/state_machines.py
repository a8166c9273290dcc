"""The part of Step Functions that the sandbox's other services use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.stepfunctions import encryption
from codepipeline_sandbox.stepfunctions.models import (
    StepFunctionsBackend,
    backend_of,
    stepfunctions_backends,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.kernel.world import Promise


class StateMachines:
    """Starts executions and reports how they ended. Only permissions for keys are checked."""

    def start(self, state_machine_arn: str, input_json: str, name: str | None = None) -> str:
        """Start an execution and return its ARN. Raises the same errors as StartExecution."""
        backend = backend_of(state_machine_arn)
        return backend.start_execution(state_machine_arn, name, input_json).arn

    def of_task(self, account_id: str, region: str, token: str) -> str | None:
        """The ARN of the state machine that issued the task token. None for an unknown token."""
        backend = stepfunctions_backends[account_id][region]
        assert isinstance(backend, StepFunctionsBackend)
        return backend.tokens.state_machine_of(token)

    def require_to_read(self, state_machine_arn: str, principal: str) -> None:
        """Raise AccessDenied unless the principal may decrypt the machine's runs."""
        machine = backend_of(state_machine_arn).describe_state_machine(state_machine_arn)
        encryption.require_to_read(machine.encryptionConfiguration, machine.arn, principal)

    def ended(self, execution_arn: str) -> Promise[Mapping[str, Any]]:
        """Return a promise of what DescribeExecution returns when the execution ends.

        A later redrive does not affect the promise.
        """
        return backend_of(execution_arn).describe_execution(execution_arn).ended
