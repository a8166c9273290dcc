"""The errors that CodePipeline's API model knows."""

from __future__ import annotations

from moto.core.exceptions import JsonRESTError

from sandbox.api_model import ValidationException

__all__ = ["ValidationException"]


class _CodePipelineException(JsonRESTError):  # type: ignore[misc]
    """An error whose type is the class's name, as in the API model."""

    def __init__(self, message: str) -> None:
        super().__init__(type(self).__name__, message)


class PipelineNameInUseException(_CodePipelineException):
    """The account has a pipeline of that name in the Region already."""


class InvalidStructureException(_CodePipelineException):
    """The pipeline as a whole is not one that CodePipeline accepts."""


class InvalidStageDeclarationException(_CodePipelineException):
    """A stage is not one that CodePipeline accepts."""


class InvalidActionDeclarationException(_CodePipelineException):
    """An action is not one that CodePipeline accepts."""


class PipelineNotFoundException(_CodePipelineException):
    """The account has no such pipeline in the Region."""

    def __init__(self, account_id: str, name: str) -> None:
        super().__init__(f"Account '{account_id}' does not have a pipeline with name '{name}'")


class PipelineVersionNotFoundException(_CodePipelineException):
    """The pipeline has no such version, or not any more."""


class PipelineExecutionNotFoundException(_CodePipelineException):
    """The pipeline has no such execution (or it cannot be seen yet)."""


class PipelineExecutionNotStoppableException(_CodePipelineException):
    """The execution has ended, so it cannot be stopped."""


class DuplicatedStopRequestException(_CodePipelineException):
    """The execution is being stopped in that way already."""


class ConcurrentPipelineExecutionsLimitExceededException(_CodePipelineException):
    """A QUEUED or PARALLEL pipeline has as many executions in progress as it may have."""


class ConflictException(_CodePipelineException):
    """The pipeline is busy with something that the request contradicts."""

    code = 409


class StageNotFoundException(_CodePipelineException):
    """The pipeline has no such stage."""


class ActionNotFoundException(_CodePipelineException):
    """The stage has no such action."""


class InvalidApprovalTokenException(_CodePipelineException):
    """The token is that of no request, or of one that has expired."""


class ApprovalAlreadyCompletedException(_CodePipelineException):
    """The request has been answered."""


class StageNotRetryableException(_CodePipelineException):
    """The stage has nothing to retry, or the pipeline's structure has changed."""


class NotLatestPipelineExecutionException(_CodePipelineException):
    """The stage has meanwhile been entered by another execution."""


class ConditionNotOverridableException(_CodePipelineException):
    """The condition has not failed, or its result cannot be overridden."""


class UnableToRollbackStageException(_CodePipelineException):
    """The stage is running, or the execution is not one that it can be rolled back to."""


class PipelineExecutionOutdatedException(_CodePipelineException):
    """The execution is too old to roll back to."""


class ActionTypeNotFoundException(_CodePipelineException):
    """There is no such custom action type, or it has been deleted."""


class InvalidNonceException(_CodePipelineException):
    """The nonce is not that of a poll for the job, or another worker has the job."""


class LimitExceededException(_CodePipelineException):
    """The account has as many of these as it may have."""


class JobNotFoundException(_CodePipelineException):
    """There is no such job."""


class InvalidJobStateException(_CodePipelineException):
    """The job has been answered, has timed out, or belongs to an abandoned action."""


class OutputVariablesSizeExceededException(_CodePipelineException):
    """The output variables of the action are larger than 122,880 bytes together."""


class InvalidNextTokenException(_CodePipelineException):
    """The token does not continue this list."""


class ResourceNotFoundException(_CodePipelineException):
    """The ARN names nothing that there is."""


class TooManyTagsException(_CodePipelineException):
    """A pipeline or an action type has at most 50 tags."""


class InvalidTagsException(_CodePipelineException):
    """System tags, `aws:...`, are not the caller's to set."""


class UnknownOperationException(_CodePipelineException):
    """CodePipeline has this operation, the sandbox does not; the API's model has no such error."""

    def __init__(self, operation: str) -> None:
        super().__init__(f"The sandbox does not know {operation} yet")
