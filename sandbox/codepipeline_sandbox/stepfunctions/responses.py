"""The Step Functions API, with requests and responses checked against its model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.stepfunctions.responses import StepFunctionResponse

from codepipeline_sandbox.api_model import check_request, check_response
from codepipeline_sandbox.kernel.here import current
from codepipeline_sandbox.stepfunctions import encryption
from codepipeline_sandbox.stepfunctions.exceptions import Unsupported
from codepipeline_sandbox.stepfunctions.integrations.step_functions import OPERATIONS
from codepipeline_sandbox.stepfunctions.models import StepFunctionsBackend, stepfunctions_backends
from codepipeline_sandbox.stepfunctions.pages import page

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from codepipeline_sandbox.stepfunctions.runs.execution import Execution

SERVICE = "stepfunctions"
SUMMARY = (
    "executionArn",
    "stateMachineArn",
    "name",
    "status",
    "startDate",
    "stopDate",
    "redriveCount",
    "redriveDate",
)
DATA = frozenset({"input", "output", "error", "cause"})  # the members that a key encrypts
NO_DEFINITION = "{}"  # returned with METADATA_ONLY


class StepFunctionsResponse(StepFunctionResponse):  # type: ignore[misc]
    """Handles requests about executions. moto handles requests about state machines and tags."""

    @property
    def stepfunction_backend(self) -> StepFunctionsBackend:
        """The backend for the caller's account and the request's Region."""
        backend = stepfunctions_backends[self.current_account][self.region]
        assert isinstance(backend, StepFunctionsBackend)
        return backend

    def call_action(self) -> Any:
        """Handle the request, or refuse it if it violates the API's model."""
        operation = self._get_action()
        try:
            if operation not in OPERATIONS:
                raise Unsupported(f"the operation {operation}")
            check_request(SERVICE, operation, json.loads(self.body or "{}"))
        except ServiceException as error:
            return self.serialized(ActionResult(error))
        return super().call_action()

    def serialized(self, action_result: Any) -> Any:
        """Return the response, after checking that AWS could return it."""
        document = action_result.result
        if not isinstance(document, Exception):
            there = {k: v for k, v in (document or {}).items() if v is not None}
            check_response(SERVICE, self._get_action(), there)
        return super().serialized(action_result)

    def start_execution(self) -> str:
        """StartExecution."""
        execution = self.stepfunction_backend.start_execution(
            self._get_param("stateMachineArn"),
            self._get_param("name"),
            self._get_param("input", if_none="{}"),
            self._get_param("traceHeader"),
        )
        return self._answer(_members(execution.described(), "executionArn", "startDate"))

    def stop_execution(self) -> str:
        """StopExecution."""
        execution = self.stepfunction_backend.stop_execution(
            self._get_param("executionArn"), self._get_param("error"), self._get_param("cause")
        )
        return self._answer({"stopDate": execution.stop_date})

    def redrive_execution(self) -> str:
        """RedriveExecution. Every request without a client token counts as a new request."""
        token = self._get_param("clientToken") or current().world.uuid()
        date = self.stepfunction_backend.redrive_execution(self._arn(), token)
        return self._answer({"redriveDate": date})

    def describe_execution(self) -> str:
        """DescribeExecution."""
        described = self._read().described()
        if self._metadata_only:
            described = {name: value for name, value in described.items() if name not in DATA}
        return self._answer(described)

    def describe_state_machine_for_execution(self) -> str:
        """DescribeStateMachineForExecution. Returns the definition as of the execution's start."""
        execution = self._read()
        return self._answer(
            {
                "stateMachineArn": execution.state_machine_arn,
                "name": execution.state_machine_name,
                "definition": NO_DEFINITION if self._metadata_only else execution.definition,
                "roleArn": execution.role_arn,
                "updateDate": execution.machine_date,
            }
        )

    def list_executions(self) -> str:
        """ListExecutions."""
        found = self.stepfunction_backend.list_executions(
            self._get_param("stateMachineArn"),
            self._get_param("statusFilter"),
            self._get_param("redriveFilter"),
        )
        chosen, token = page(found, lambda each: each[0].arn, **self._page())
        executions = [_summary(execution, status) for execution, status in chosen]
        return self._answer({"executions": executions, "nextToken": token})

    def get_execution_history(self) -> str:
        """GetExecutionHistory."""
        events = self._read().history.events
        if self._get_param("reverseOrder"):
            events = events[::-1]
        chosen, token = page(events, lambda event: str(event.id), **self._page())
        include = self._get_param("includeExecutionData", if_none=True)
        described = [event.described(include_data=include) for event in chosen]
        return self._answer({"events": described, "nextToken": token})

    def send_task_success(self) -> str:
        """SendTaskSuccess."""
        token, backend = self._get_param("taskToken"), self.stepfunction_backend
        backend.require_to_answer(token)
        backend.tokens.succeed(token, self._get_param("output"))
        return self._answer({})

    def send_task_failure(self) -> str:
        """SendTaskFailure."""
        token, backend = self._get_param("taskToken"), self.stepfunction_backend
        error, cause = self._get_param("error"), self._get_param("cause")
        if error is not None or cause is not None:
            backend.require_to_answer(token)
        backend.tokens.fail(token, error, cause)
        return self._answer({})

    def send_task_heartbeat(self) -> str:
        """SendTaskHeartbeat."""
        tokens = self.stepfunction_backend.tokens
        tokens.heartbeat(self._get_param("taskToken"), current().world.now)
        return self._answer({})

    def _answer(self, document: dict[str, Any]) -> str:
        # This bypasses moto's serializer, which takes seconds for a thousand events.
        there = {name: value for name, value in document.items() if value is not None}
        check_response(SERVICE, self._get_action(), there)
        return json.dumps(there, default=_epoch)

    def describe_state_machine(self) -> Any:
        """DescribeStateMachine, through moto, if the caller may decrypt the definition."""
        arn = self._get_param("stateMachineArn")
        machine = self.stepfunction_backend.describe_state_machine(arn)
        self._require_key(machine.encryptionConfiguration, arn)
        described = super().describe_state_machine()
        if self._metadata_only:
            described.result["definition"] = NO_DEFINITION
        return described

    def create_state_machine(self) -> Any:
        """CreateStateMachine, through moto, if the caller may use the key."""
        name = self._get_param("name")
        arn = (
            f"arn:{self.partition}:states:{self.region}:{self.current_account}:stateMachine:{name}"
        )
        self._require_key(self._get_param("encryptionConfiguration"), arn)
        return super().create_state_machine()

    def update_state_machine(self) -> Any:
        """UpdateStateMachine, through moto, if the caller may use the new key."""
        arn = self._get_param("stateMachineArn")
        machine = self.stepfunction_backend.describe_state_machine(arn)
        requested = self._get_param("encryptionConfiguration")
        self._require_key(requested or machine.encryptionConfiguration, arn)
        return super().update_state_machine()

    def _read(self) -> Execution:
        """Return the requested execution, if the caller may decrypt the returned data."""
        execution = self.stepfunction_backend.describe_execution(self._arn())
        self._require_key(execution.encryption, execution.state_machine_arn)
        return execution

    def _require_key(self, configuration: Mapping[str, Any] | None, machine_arn: str) -> None:
        if not self._metadata_only:
            operation = self._get_action()
            encryption.require_of_caller(operation, configuration, machine_arn, self.access_key)

    @property
    def _metadata_only(self) -> bool:
        return bool(self._get_param("includedData") == "METADATA_ONLY")

    def _arn(self) -> str:
        return str(self._get_param("executionArn"))

    def _page(self) -> dict[str, Any]:
        return {"limit": self._get_param("maxResults"), "token": self._get_param("nextToken")}


def _summary(execution: Execution, status: str) -> dict[str, Any]:
    """The execution's entry in a list. `status` can be an earlier status of the execution."""
    summary = _members(execution.described(), *SUMMARY)
    if status != execution.status:
        del summary["stopDate"]
    return {**summary, "status": status}


def _members(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: document[name] for name in names if name in document}


def _epoch(moment: datetime) -> float:
    return int(moment.timestamp() * 1_000) / 1_000  # AWS returns milliseconds
