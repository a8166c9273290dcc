"""Translates AWS's errors about a target into the orchestrator's errors.

Only errors that a person has to fix are final. All others, including unknown errors and any with an
HTTP status of 500 or more, count as temporary until the run's deadline.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import botocore.session
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    ParamValidationError,
)

from codepipeline_orchestrator.aws.client_errors import DENIED_CODES, answer_text, code_of
from codepipeline_orchestrator.errors import (
    OrchestratorError,
    PipelineExecutionNotFound,
    PipelineNotFound,
    StartRefused,
    TargetAccessDenied,
    TargetRoleNotAssumable,
    TargetUnavailable,
)

if TYPE_CHECKING:
    from codepipeline_orchestrator.model.target import Target

# https://docs.aws.amazon.com/codepipeline/latest/APIReference/CommonErrors.html and each
# operation's own errors. InvalidNextTokenException is not final, because the next attempt reads the
# list from the beginning.
FINAL_FOR_TARGET: Mapping[str, type[OrchestratorError]] = {
    **dict.fromkeys(DENIED_CODES, TargetAccessDenied),
    "PipelineNotFoundException": PipelineNotFound,
    "PipelineExecutionNotFoundException": PipelineExecutionNotFound,
    **dict.fromkeys(
        (
            "DuplicatedStopRequestException",
            "NotLatestPipelineExecutionException",
            "PipelineExecutionNotStoppableException",
            "StageNotFoundException",
            "StageNotRetryableException",
            "ValidationError",
            "ValidationException",
        ),
        StartRefused,
    ),
}
# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html. RegionDisabledException
# is final because an administrator has to activate STS in the Region.
FINAL_FOR_ROLE = frozenset({*DENIED_CODES, "RegionDisabledException", "ValidationError"})

_BUSY = "ConcurrentPipelineExecutionsLimitExceededException"
# STS also returns this code in a Region that the account has not enabled.
_NOT_ENABLED = "UnrecognizedClientException"
_SERVER_ERROR = 500


@contextmanager
def role_refused(target: Target) -> Iterator[None]:
    """Translate errors of AssumeRole into TargetRoleNotAssumable or TargetUnavailable."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        if not _is_final(error, FINAL_FOR_ROLE):
            raise TargetUnavailable(
                f"STS could not complete AssumeRole for {target.role_arn}. {_error_sentence(error)}"
            ) from error
        raise TargetRoleNotAssumable(
            f"The role {target.role_arn} for the target {target} could not be assumed"
            f"{_with_external_id(target)}. {_error_sentence(error)} Check that the role "
            "exists, that its trust policy allows the orchestrator's TargetAccessRole with this "
            "external ID, and that the deployment's AllowedTargetRoleArns parameter lists the role."
        ) from error


@contextmanager
def target_refused(target: Target, action: str) -> Iterator[None]:
    """Translate the error of a CodePipeline call about the target, such as GetPipelineExecution.

    Raises TargetUnavailable for every error that is not a final refusal.
    """
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        if _is_final(error, FINAL_FOR_TARGET):
            raise _refusal(error, target, action) from error
        raise TargetUnavailable(
            f"CodePipeline in {target.region} could not complete {action} for {target}. "
            f"{_error_sentence(error)}",
            is_busy=code_of(error) == _BUSY,
            region_in_doubt=_may_be_wrong_region(error, target),
        ) from error


def _is_final(error: ClientError | BotoCoreError, codes: Collection[str]) -> bool:
    if isinstance(error, ParamValidationError):  # the SDK rejects the request without sending it
        return True
    if not isinstance(error, ClientError):
        return False
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status < _SERVER_ERROR and code_of(error) in codes


def _may_be_wrong_region(error: ClientError | BotoCoreError, target: Target) -> bool:
    if isinstance(error, EndpointConnectionError):
        known = botocore.session.get_session().get_available_regions(
            "codepipeline", partition_name=target.partition
        )
        return target.region not in known
    return code_of(error) == _NOT_ENABLED


def _refusal(error: ClientError | BotoCoreError, target: Target, action: str) -> OrchestratorError:
    kind, said = FINAL_FOR_TARGET.get(code_of(error), StartRefused), _error_sentence(error)
    if kind is TargetAccessDenied:
        return TargetAccessDenied(
            f"The role {target.role_arn} is not allowed to perform codepipeline:{action} on "
            f"{target.arn}. {said} Check the pipeline's name and the role's permissions. The "
            "pipeline must be listed in PipelineNames of target-role.yaml or, in the "
            "orchestrator's own account, in LocalPipelineNames of template.yaml. target-role.yaml "
            "shows every permission that a role needs."
        )
    if kind is PipelineNotFound:
        return PipelineNotFound(
            f"There is no pipeline {target.pipeline_name} in account {target.account}, Region "
            f"{target.region}. {said} Check pipelineName, roleArn (which "
            "determines the account) and region in the input."
        )
    if kind is PipelineExecutionNotFound:
        return PipelineExecutionNotFound(
            f"The execution to follow does not exist in {target}. "
            f"{said} Check pipelineExecutionId if the input has one. "
            "Otherwise, the pipeline was deleted and created again during the run."
        )
    advice = (
        " Check variables and sourceRevisions in the input against the pipeline's definition."
        if action == "StartPipelineExecution"
        else ""
    )
    return StartRefused(f"CodePipeline refused {action} on {target}. {said}{advice}")


def _error_sentence(error: ClientError | BotoCoreError) -> str:
    if isinstance(error, ClientError):
        return f"AWS returned an error: {answer_text(error)}."
    return f"{str(error).rstrip('.')}."


def _with_external_id(target: Target) -> str:
    return f" with the external ID {target.external_id!r}" if target.external_id else ""
