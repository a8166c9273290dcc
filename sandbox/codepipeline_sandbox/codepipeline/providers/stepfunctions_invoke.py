"""The Step Functions invoke action, which starts an execution and waits until it ends.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-StepFunctions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError, ServiceException

from codepipeline_sandbox.codepipeline import console, settings
from codepipeline_sandbox.codepipeline.providers import acting
from codepipeline_sandbox.kernel import here
from codepipeline_sandbox.kernel.protocols import AccessDenied

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.codepipeline.engine.actions import ActionRun
    from codepipeline_sandbox.kernel.world import Event, Promise

LONGEST_MESSAGE = 5000


class StepFunctionsInvoke:
    """The provider for Step Functions invoke actions."""

    def __init__(self, run: ActionRun) -> None:
        self._run = run
        self._limit: Event | None = None

    def begin(self) -> None:
        """Start the execution. If that is not possible, fail the action."""
        try:
            execution_arn = self._start()
        except AccessDenied as error:
            self._run.fail("PermissionError", str(error))
            return
        except (JsonRESTError, ServiceException) as error:
            self._run.fail("JobFailed", f"The execution was not started: {error.message}")
            return
        self._run.show(
            external_execution_id=execution_arn,
            external_url=_console_url(execution_arn),
        )
        cloud = here.current()
        limit = settings.current().state_machine_limit
        self._limit = cloud.world.after(limit, self._time_out)
        ended = cloud.state_machines.ended(execution_arn)
        ended.then(lambda: self._finish(ended))

    def abandon(self) -> None:
        """Stop following the execution. The state machine continues."""
        if self._limit is not None:
            self._limit.cancel()

    def _start(self) -> str:
        cloud, run = here.current(), self._run
        machine = run.resolved_configuration["StateMachineArn"]
        acting.require(run, "states:StartExecution", machine)
        prefix = run.resolved_configuration.get("ExecutionNamePrefix")
        name = f"{prefix}-{run.id}" if prefix else run.id
        execution = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
        acting.require(run, "states:DescribeExecution", execution)
        cloud.state_machines.require_to_read(machine, run.role_arn)
        input_json = run.resolved_configuration.get("Input", "{}")
        return cloud.state_machines.start(machine, input_json, name)

    def _finish(self, ended: Promise[Mapping[str, Any]]) -> None:
        run = self._run
        if run.status != "InProgress":
            return
        self.abandon()
        execution = ended.result()
        status = execution["status"]
        if status == "SUCCEEDED":
            run.show(summary="Execution SUCCEEDED")
            machine = run.resolved_configuration["StateMachineArn"]
            run.succeed(
                {"StateMachineArn": machine, "ExecutionArn": str(run.external_execution_id)}
            )
            return
        reasons = [execution.get(part) for part in ("error", "cause")]
        text = ": ".join(str(reason) for reason in reasons if reason)
        run.show(summary=f"Execution {status}")
        run.fail("JobFailed", f"Execution {status}{': ' if text else ''}{text}"[:LONGEST_MESSAGE])

    def _time_out(self) -> None:
        days = settings.current().state_machine_limit / settings.DAY
        self._run.fail(
            settings.current().timeout_error_code, f"The action timed out after {days:g} days."
        )


def _console_url(execution_arn: str) -> str:
    region = execution_arn.split(":")[3]
    return console.link(region, f"states/home?region={region}#/executions/details/{execution_arn}")
