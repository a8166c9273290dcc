"""The errors in CodePipeline's API model."""

from __future__ import annotations

from moto.core.exceptions import JsonRESTError

from codepipeline_sandbox.api_model import ValidationException

__all__ = ["ValidationException"]


class _CodePipelineException(JsonRESTError):  # type: ignore[misc]
    def __init__(self, message: str) -> None:
        super().__init__(type(self).__name__, message)


class PipelineNameInUseException(_CodePipelineException):
    """The account already has a pipeline with this name in the Region."""


class InvalidStructureException(_CodePipelineException):
    """CodePipeline does not accept the pipeline's structure."""


class InvalidStageDeclarationException(_CodePipelineException):
    """CodePipeline does not accept one of the pipeline's stages."""


class InvalidActionDeclarationException(_CodePipelineException):
    """CodePipeline does not accept one of the pipeline's actions."""


class PipelineNotFoundException(_CodePipelineException):
    """The account has no pipeline with this name in the Region."""

    def __init__(self, account_id: str, name: str) -> None:
        super().__init__(f"Account '{account_id}' does not have a pipeline with name '{name}'")


class PipelineVersionNotFoundException(_CodePipelineException):
    """The pipeline never had this version, or the version is no longer kept."""


class PipelineExecutionNotFoundException(_CodePipelineException):
    """The pipeline does not have this execution, or the execution is not visible yet."""


class PipelineExecutionNotStoppableException(_CodePipelineException):
    """The execution has ended and cannot be stopped."""


class DuplicatedStopRequestException(_CodePipelineException):
    """The execution is already being stopped in this way."""


class ConcurrentPipelineExecutionsLimitExceededException(_CodePipelineException):
    """A QUEUED or PARALLEL pipeline has reached its limit on executions in progress."""


class ConflictException(_CodePipelineException):
    """The request conflicts with an earlier request or with executions in progress."""

    code = 409


class StageNotFoundException(_CodePipelineException):
    """The pipeline does not have this stage."""


class ActionNotFoundException(_CodePipelineException):
    """The stage does not have this action."""


class InvalidApprovalTokenException(_CodePipelineException):
    """The token belongs to no approval request, or to one that has expired."""


class ApprovalAlreadyCompletedException(_CodePipelineException):
    """The approval request has already been answered."""


class StageNotRetryableException(_CodePipelineException):
    """The stage has nothing to retry, or the pipeline's structure has changed."""


class NotLatestPipelineExecutionException(_CodePipelineException):
    """A newer execution has entered the stage, or the execution does not exist."""


class ConditionNotOverridableException(_CodePipelineException):
    """The condition is already met, or it can no longer be overridden."""


class UnableToRollbackStageException(_CodePipelineException):
    """The stage is running, or it cannot be rolled back to this execution."""


class PipelineExecutionOutdatedException(_CodePipelineException):
    """The execution is too old to roll back to."""


class ActionTypeNotFoundException(_CodePipelineException):
    """The custom action type does not exist or has been deleted."""


class InvalidNonceException(_CodePipelineException):
    """The nonce was not returned by a poll for this job, or another worker has the job."""


class LimitExceededException(_CodePipelineException):
    """The account has reached its limit on this kind of resource."""


class JobNotFoundException(_CodePipelineException):
    """The job does not exist."""


class InvalidJobStateException(_CodePipelineException):
    """The job has been answered, has timed out, or belongs to an abandoned action."""


class OutputVariablesSizeExceededException(_CodePipelineException):
    """The action's output variables exceed 122,880 bytes in total."""


class InvalidNextTokenException(_CodePipelineException):
    """The token does not belong to this list."""


class ResourceNotFoundException(_CodePipelineException):
    """The ARN does not belong to an existing resource."""


class TooManyTagsException(_CodePipelineException):
    """A pipeline or an action type can have at most 50 tags."""


class InvalidTagsException(_CodePipelineException):
    """The caller cannot set system tags (`aws:...`)."""


class UnknownOperationException(_CodePipelineException):
    """The sandbox does not support this CodePipeline operation.

    This error is not in AWS's API model.
    """

    def __init__(self, operation: str) -> None:
        super().__init__(f"The sandbox does not support {operation}")
