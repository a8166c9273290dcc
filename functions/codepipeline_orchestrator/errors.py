"""The orchestrator's errors. Class names are the state machine's error names, so they are public.

Each docstring says what happened, who can fix it, and whether retrying helps. `failure_type` is
CodePipeline's FailureDetails.type for PutJobFailureResult.
"""

from __future__ import annotations


class OrchestratorError(Exception):
    """Any error that the functions raise on purpose."""

    failure_type = "SystemUnavailable"


class InvalidInput(OrchestratorError):
    """The input is invalid. Its author can fix it. Retrying does not help."""

    failure_type = "ConfigurationError"


class InvalidContinuationToken(OrchestratorError):
    """The job's continuation token does not belong to this action."""

    failure_type = "ConfigurationError"


class TargetIsInvokingPipeline(OrchestratorError):
    """The target would wait for itself and never end. The author of the action can fix it."""

    failure_type = "ConfigurationError"


class TargetRoleNotAssumable(OrchestratorError):
    """STS refused the role. The owner of the role or of this deployment can fix it."""

    failure_type = "PermissionError"


class TargetAccessDenied(OrchestratorError):
    """The role was assumed but lacks a permission. The role's owner can fix it."""

    failure_type = "PermissionError"


class PipelineNotFound(OrchestratorError):
    """The target pipeline does not exist in that account and Region."""

    failure_type = "ConfigurationError"


class PipelineExecutionNotFound(OrchestratorError):
    """The pipeline exists, but the execution does not exist or no longer exists."""

    failure_type = "ConfigurationError"


class PipelineNeverRun(OrchestratorError):
    """Mode `latest` found no execution to follow because the pipeline has none."""

    failure_type = "ConfigurationError"


class PipelineExecutionMismatch(OrchestratorError):
    """The execution found by ifRunning join or a clientRequestToken does not match the input.

    Its variables or source revisions differ from the input. The author of the input can fix it.
    Nothing was started, and the execution continues.
    """

    failure_type = "ConfigurationError"


class StartRefused(OrchestratorError):
    """CodePipeline refused a request, such as a start, a retry or a stop."""

    failure_type = "ConfigurationError"


class FunctionFailed(OrchestratorError):
    """One of the orchestrator's functions failed unexpectedly."""


class RunAborted(OrchestratorError):
    """Someone stopped the run in Step Functions."""


class RunNotFound(OrchestratorError):
    """The job's run does not exist. The run never began, or the state machine was replaced."""


class BetweenStates(OrchestratorError):
    """An error that the state machine or another function handles. It never ends a run."""


class TargetUnavailable(BetweenStates):
    """AWS gave no final answer about the target, even after retries. Retrying later helps."""

    def __init__(
        self, message: str, *, is_busy: bool = False, region_in_doubt: bool = False
    ) -> None:
        """`is_busy` means that CodePipeline allows no more concurrent executions.

        `region_in_doubt` means that the Region might not exist or might not be enabled in the
        account. If the first call to another Region raises this error with `region_in_doubt`, the
        Region in the input counts as a mistake.
        """
        super().__init__(message)
        self.is_busy = is_busy
        self.region_in_doubt = region_in_doubt
        self.may_have_started = False  # whether the target may have been started


class JobUnanswered(BetweenStates):
    """CodePipeline did not accept a job's answer, even after retries. Retrying later helps."""


class JobsUnavailable(BetweenStates):
    """DynamoDB gave no final answer about the jobs table. Retrying later helps."""


class JobNotGenuine(BetweenStates):
    """An event's job differs from CodePipeline's record of it. Nothing is started or answered."""


class TargetNotFoundYet(BetweenStates):
    """The execution that an aborted run may have started is not listed yet. Retrying helps."""


class RunStatusOutdated(BetweenStates):
    """DescribeExecution does not show the run or its end yet. Retrying later helps."""


class InvokingActionEnded(OrchestratorError):
    """The action that started the run is no longer in progress, so nothing waits for the run."""


class ResultNotReported(OrchestratorError):
    """The run ended but could not report its outcome."""


OURS: dict[str, type[OrchestratorError]] = {
    error.__name__: error
    for error in OrchestratorError.__subclasses__()
    if error is not BetweenStates
}


def failure_type(error: str) -> str:
    """The failure type for an error name, which is JobFailed for the target's own outcomes."""
    if error in OURS:
        return OURS[error].failure_type
    return "JobFailed" if error.startswith("Pipeline") else OrchestratorError.failure_type
