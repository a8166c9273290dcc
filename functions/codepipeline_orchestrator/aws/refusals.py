"""What AWS answers about a target, translated once into our errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from codepipeline_orchestrator.aws import throttling
from codepipeline_orchestrator.aws.client_errors import answer_text, is_denied
from codepipeline_orchestrator.errors import (
    InvalidInput,
    OrchestratorError,
    PipelineExecutionNotFound,
    PipelineNotFound,
    StartRefused,
    TargetAccessDenied,
    TargetBusy,
    TargetRoleNotAssumable,
    TargetUnavailable,
)

if TYPE_CHECKING:
    from codepipeline_orchestrator.model.target import Target

_CREDENTIALS = {"ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException"}
_PASSING = throttling.CODES | {
    "ConcurrentModificationException",
    "ConflictException",
    "RequestTimeout",
    "RequestTimeoutException",
}
_SERVER_ERROR = 500


@contextmanager
def role_refused(target: Target) -> Iterator[None]:
    """Translate what STS answers to AssumeRole."""
    try:
        yield
    except ClientError as error:
        if _passes_by_itself(error):
            raise TargetUnavailable(
                f"STS could not be asked for the role {target.role_arn}. AWS answered: {error}. "
                "This passes by itself; if it does not, check the AWS health dashboard."
            ) from error
        raise TargetRoleNotAssumable(
            f"The role {target.role_arn} for the target {target} could not be assumed"
            f"{_with_external_id(target)}. AWS answered: {answer_text(error)}. Check that the role "
            "exists, that its trust policy allows the orchestrator's TargetAccessRole with this "
            "external id, and that the deployment's parameter AllowedTargetRoleArns lists it."
        ) from error
    except BotoCoreError as error:
        raise TargetUnavailable(
            f"STS could not be reached to assume the role {target.role_arn}: {error}"
        ) from error


@contextmanager
def target_refused(target: Target, action: str) -> Iterator[None]:
    """Translate what CodePipeline answers to an action on the target, `GetPipelineExecution`."""
    try:
        yield
    except ClientError as error:
        raise _translated(error, target, action) from error
    except EndpointConnectionError as error:
        # Mid-way it is the network; at the first call there is hardly another reason than this.
        kind = TargetUnavailable if _is_in_the_middle(action) else InvalidInput
        raise kind(
            f"region: CodePipeline cannot be reached in {target.region}: {error} Check region in "
            "the input."
        ) from error
    except BotoCoreError as error:
        raise TargetUnavailable(
            f"CodePipeline could not be reached for {action} on {target}: {error}"
        ) from error


def _translated(  # noqa: PLR0911 - one for each thing that AWS may say
    error: ClientError, target: Target, action: str
) -> OrchestratorError:
    code, answer = error.response["Error"]["Code"], answer_text(error)
    if is_denied(error):
        return TargetAccessDenied(
            f"The role {target.role_arn} may not do codepipeline:{action} on {target.arn}. "
            f"AWS answered: {answer}. Is the pipeline's name right, and may the role use it? "
            "PipelineNames of target-role.yaml must list it; in the orchestrator's own account, "
            "LocalPipelineNames of template.yaml must. The former also shows all that a role needs."
        )
    if code == "PipelineNotFoundException":
        return PipelineNotFound(
            f"There is no pipeline {target.pipeline_name} in account {target.account}, Region "
            f"{target.region}. AWS answered: {answer}. Check pipelineName, roleArn (it "
            "decides the account) and region in the input."
        )
    if code == "PipelineExecutionNotFoundException":
        return PipelineExecutionNotFound(
            f"The execution of {target} that was to be followed does not exist (any more). "
            f"AWS answered: {answer}. Check pipelineExecutionId, if the input has one; else "
            "the pipeline was deleted and created anew while its execution was followed."
        )
    if code == "ConcurrentPipelineExecutionsLimitExceededException":
        return TargetBusy(
            f"The pipeline {target} has as many executions in progress as CodePipeline allows. "
            f"AWS answered: {answer}."
        )
    if code == "UnrecognizedClientException" and not _is_in_the_middle(action):
        return InvalidInput(
            f"region: CodePipeline in {target.region} does not accept the credentials of the role "
            f"{target.role_arn}. AWS answered: {answer}. Is the Region enabled in the "
            f"account {target.account}? Check region in the input."
        )
    if _passes_by_itself(error) or code in _CREDENTIALS:
        return TargetUnavailable(
            f"CodePipeline could not answer {action} on {target}. AWS answered: {answer}. "
            "It was tried again for a while; try later, and check that the Region is enabled."
        )
    advice = (
        " Check variables and sourceRevisions in the input against the pipeline's definition."
        if action == "StartPipelineExecution"
        else ""
    )
    return StartRefused(
        f"CodePipeline refused {action} on {target}. AWS answered: {answer}.{advice}"
    )


def _is_in_the_middle(action: str) -> bool:
    """Whether other calls to the target went well before."""
    return action == "GetPipelineExecution"


def _passes_by_itself(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error.response["Error"]["Code"] in _PASSING or status >= _SERVER_ERROR


def _with_external_id(target: Target) -> str:
    return f" with the external id {target.external_id!r}" if target.external_id else ""
