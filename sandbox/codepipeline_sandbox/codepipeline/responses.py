"""Handles CodePipeline requests, and checks requests and responses against the API model."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import camelcase_to_underscores

from codepipeline_sandbox import api_model
from codepipeline_sandbox.codepipeline import models
from codepipeline_sandbox.codepipeline.api import (
    approval_operations,
    condition_operations,
    execution_operations,
    job_operations,
    pipeline_operations,
    revision_operations,
    rollback_operations,
    tag_operations,
    transition_operations,
    worker_operations,
)
from codepipeline_sandbox.codepipeline.exceptions import UnknownOperationException
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from collections.abc import Callable

SERVICE = "codepipeline"
# Operations that need the caller's ARN.
CALLERS = {
    "CreatePipeline",
    "DisableStageTransition",
    "EnableStageTransition",
    "OverrideStageCondition",
    "PutActionRevision",
    "PutApprovalResult",
    "RollbackStage",
    "StartPipelineExecution",
}

OPERATIONS: dict[str, Callable[..., dict[str, Any]]] = {
    "CreatePipeline": pipeline_operations.create_pipeline,
    "DeletePipeline": pipeline_operations.delete_pipeline,
    "GetPipeline": pipeline_operations.get_pipeline,
    "GetPipelineState": pipeline_operations.get_pipeline_state,
    "ListPipelines": pipeline_operations.list_pipelines,
    "UpdatePipeline": pipeline_operations.update_pipeline,
    "GetPipelineExecution": execution_operations.get_pipeline_execution,
    "ListActionExecutions": execution_operations.list_action_executions,
    "ListPipelineExecutions": execution_operations.list_pipeline_executions,
    "RetryStageExecution": execution_operations.retry_stage_execution,
    "RollbackStage": rollback_operations.rollback_stage,
    "StartPipelineExecution": execution_operations.start_pipeline_execution,
    "StopPipelineExecution": execution_operations.stop_pipeline_execution,
    "ListRuleExecutions": condition_operations.list_rule_executions,
    "ListRuleTypes": condition_operations.list_rule_types,
    "OverrideStageCondition": condition_operations.override_stage_condition,
    "GetJobDetails": job_operations.get_job_details,
    "PutJobFailureResult": job_operations.put_job_failure_result,
    "PutJobSuccessResult": job_operations.put_job_success_result,
    "PutApprovalResult": approval_operations.put_approval_result,
    "DisableStageTransition": transition_operations.disable_stage_transition,
    "EnableStageTransition": transition_operations.enable_stage_transition,
    "PutActionRevision": revision_operations.put_action_revision,
    "AcknowledgeJob": worker_operations.acknowledge_job,
    "CreateCustomActionType": worker_operations.create_custom_action_type,
    "DeleteCustomActionType": worker_operations.delete_custom_action_type,
    "ListActionTypes": worker_operations.list_action_types,
    "PollForJobs": worker_operations.poll_for_jobs,
    "ListTagsForResource": tag_operations.list_tags_for_resource,
    "TagResource": tag_operations.tag_resource,
    "UntagResource": tag_operations.untag_resource,
}


class CodePipelineResponse(BaseResponse):  # type: ignore[misc]
    """Handles requests. moto calls the method that is named after the operation."""

    def __init__(self) -> None:
        super().__init__(service_name=SERVICE)

    def call_action(self) -> tuple[int, dict[str, str], str]:
        """Set the response's content type, which moto omits for a service with two protocols."""
        status, headers, body = super().call_action()
        headers["Content-Type"] = "application/x-amz-json-1.1"
        return status, headers, body

    def _get_action(self) -> str:
        """The requested operation, or `Unknown` if the API model does not have it.

        Without this check, moto would call any method with the requested name.
        """
        self._asked: str = super()._get_action()
        return self._asked if self._asked in api_model.operations(SERVICE) else "Unknown"

    def unknown(self) -> ActionResult:
        """Refuse an operation that is not in botocore's API model, which may be outdated."""
        raise UnknownOperationException(self._asked)

    def _answer(self) -> str:
        operation = self._get_action()
        if operation not in OPERATIONS:
            raise UnknownOperationException(operation)
        parameters = self._parsed()
        api_model.check_request(SERVICE, operation, parameters)
        # AWS ignores unknown members, and treats null like an absent member.
        known = api_model.members(SERVICE, operation)
        arguments = {
            camelcase_to_underscores(name): value
            for name, value in parameters.items()
            if name in known and value is not None
        }
        if operation in CALLERS:
            arguments["caller"] = self._caller()
        backend = models.codepipeline_backends[self.current_account][self.region]
        document = OPERATIONS[operation](backend, **arguments)
        api_model.check_response(SERVICE, operation, document)
        # This bypasses moto's serializer, which takes longer than all other steps combined.
        return json.dumps(_present(document), default=_epoch)

    def _parsed(self) -> dict[str, Any]:
        try:
            parameters: dict[str, Any] = json.loads(self.body or "{}")
        except ValueError as error:
            raise api_model.SerializationException(f"The body is not JSON: {error}") from error
        return parameters

    def _caller(self) -> str:
        caller: str = here.current().access.caller(self.access_key)
        return caller


def _present(value: Any) -> Any:
    """Remove the members whose value is None, because AWS omits members without a value."""
    if isinstance(value, dict):
        return {name: _present(inner) for name, inner in value.items() if inner is not None}
    return [_present(inner) for inner in value] if isinstance(value, list | tuple) else value


def _epoch(moment: datetime) -> float:
    return moment.timestamp()


for _operation in api_model.operations(SERVICE):
    setattr(
        CodePipelineResponse,
        camelcase_to_underscores(_operation),
        CodePipelineResponse._answer,  # noqa: SLF001 - a method of the same class
    )
