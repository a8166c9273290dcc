"""What the sandbox's other services want of Step Functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.stepfunctions.models import backend_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.world import Promise


class StateMachines:
    """Starts executions and tells how they ended. Nothing about permissions is checked here."""

    def start(self, state_machine_arn: str, input_json: str, name: str | None = None) -> str:
        """Start an execution and return its ARN. Raises the errors of StartExecution."""
        backend = backend_of(state_machine_arn)
        return backend.start_execution(state_machine_arn, name, input_json).arn

    def ended(self, execution_arn: str) -> Promise[Mapping[str, Any]]:
        """Kept when the execution ends, with what DescribeExecution says then."""
        return backend_of(execution_arn).describe_execution(execution_arn).ended
