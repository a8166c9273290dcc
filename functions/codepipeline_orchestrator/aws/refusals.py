"""What AWS answers about a target, translated once into our errors.

Final refusals are a short list: what only a person can change. Every other error, known or not,
says nothing about the target, so it is temporary until the run's deadline. An answer with a status
of 500 or more is temporary whatever its code.
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

# https://docs.aws.amazon.com/codepipeline/latest/APIReference/CommonErrors.html and the errors of
# each operation. InvalidNextTokenException is not among them: only AWS's own tokens are sent, and
# the next attempt reads the list from its beginning.
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
# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html. Only an administrator
# can activate STS in a Region: RegionDisabledException does not pass by itself.
FINAL_FOR_ROLE = frozenset({*DENIED_CODES, "RegionDisabledException", "ValidationError"})

_BUSY = "ConcurrentPipelineExecutionsLimitExceededException"
# Also the answer of a Region that the account has not enabled.
_NOT_ENABLED = "UnrecognizedClientException"
_SERVER_ERROR = 500


@contextmanager
def role_refused(target: Target) -> Iterator[None]:
    """Translate what STS answers to AssumeRole: TargetRoleNotAssumable or TargetUnavailable."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        if not _is_final(error, FINAL_FOR_ROLE):
            raise TargetUnavailable(
                f"STS did not answer for the role {target.role_arn}. {_said(error)}"
            ) from error
        raise TargetRoleNotAssumable(
            f"The role {target.role_arn} for the target {target} could not be assumed"
            f"{_with_external_id(target)}. {_said(error)} Check that the role "
            "exists, that its trust policy allows the orchestrator's TargetAccessRole with this "
            "external id, and that the deployment's parameter AllowedTargetRoleArns lists it."
        ) from error


@contextmanager
def target_refused(target: Target, action: str) -> Iterator[None]:
    """Translate what CodePipeline answers to an action on the target, `GetPipelineExecution`.

    Raises TargetUnavailable for what is not on the list of final refusals.
    """
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        if _is_final(error, FINAL_FOR_TARGET):
            raise _refusal(error, target, action) from error
        raise TargetUnavailable(
            f"CodePipeline in {target.region} did not answer {action} for {target}. {_said(error)}",
            is_busy=code_of(error) == _BUSY,
            region_in_doubt=_doubts_region(error, target),
        ) from error


def _is_final(error: ClientError | BotoCoreError, codes: Collection[str]) -> bool:
    if isinstance(error, ParamValidationError):  # never sent, and never will be
        return True
    if not isinstance(error, ClientError):
        return False
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status < _SERVER_ERROR and code_of(error) in codes


def _doubts_region(error: ClientError | BotoCoreError, target: Target) -> bool:
    """Whether a mistake in the Region's name would have had the same answer."""
    if isinstance(error, EndpointConnectionError):
        known = botocore.session.get_session().get_available_regions(
            "codepipeline", partition_name=target.partition
        )
        return target.region not in known
    return code_of(error) == _NOT_ENABLED


def _refusal(error: ClientError | BotoCoreError, target: Target, action: str) -> OrchestratorError:
    kind, said = FINAL_FOR_TARGET.get(code_of(error), StartRefused), _said(error)
    if kind is TargetAccessDenied:
        return TargetAccessDenied(
            f"The role {target.role_arn} may not do codepipeline:{action} on {target.arn}. "
            f"{said} Is the pipeline's name right, and may the role use it? "
            "PipelineNames of target-role.yaml must list it; in the orchestrator's own account, "
            "LocalPipelineNames of template.yaml must. The former also shows all that a role needs."
        )
    if kind is PipelineNotFound:
        return PipelineNotFound(
            f"There is no pipeline {target.pipeline_name} in account {target.account}, Region "
            f"{target.region}. {said} Check pipelineName, roleArn (it "
            "determines the account) and region in the input."
        )
    if kind is PipelineExecutionNotFound:
        return PipelineExecutionNotFound(
            f"The execution of {target} to follow does not exist. "
            f"{said} Check pipelineExecutionId if the input has one. "
            "Otherwise, the pipeline was deleted and created again during the run."
        )
    advice = (
        " Check variables and sourceRevisions in the input against the pipeline's definition."
        if action == "StartPipelineExecution"
        else ""
    )
    return StartRefused(f"CodePipeline refused {action} on {target}. {said}{advice}")


def _said(error: ClientError | BotoCoreError) -> str:
    """AWS's answer, or what the SDK says of the lack of one, as a sentence."""
    if isinstance(error, ClientError):
        return f"AWS answered: {answer_text(error)}."
    return f"{str(error).rstrip('.')}."


def _with_external_id(target: Target) -> str:
    return f" with the external id {target.external_id!r}" if target.external_id else ""
