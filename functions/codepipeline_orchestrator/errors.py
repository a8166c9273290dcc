"""Our errors. The class names are the error names of the state machine, so they are public.

Each says what happened, who can fix it, and whether trying again helps. `failure_type` is for
CodePipeline (PutJobFailureResult, FailureDetails.type).
"""

from __future__ import annotations


class OrchestratorError(Exception):
    """Any error that the functions raise on purpose."""

    failure_type = "SystemUnavailable"


class InvalidInput(OrchestratorError):
    """The input is invalid. Its author can fix it; retrying does not help."""

    failure_type = "ConfigurationError"


class InvalidContinuationToken(OrchestratorError):
    """The job's continuation token does not name a run of this action. Nothing was read."""

    failure_type = "ConfigurationError"


class TargetIsInvokingPipeline(OrchestratorError):
    """A pipeline that starts itself would never end. The author of the action can fix it."""

    failure_type = "ConfigurationError"


class TargetRoleNotAssumable(OrchestratorError):
    """STS refused the role. The owner of the role or of this deployment can fix it."""

    failure_type = "PermissionError"


class TargetAccessDenied(OrchestratorError):
    """The role was assumed but may not do what is needed. The role's owner can fix it."""

    failure_type = "PermissionError"


class PipelineNotFound(OrchestratorError):
    """There is no such pipeline in that account and Region."""

    failure_type = "ConfigurationError"


class PipelineExecutionNotFound(OrchestratorError):
    """The pipeline exists, but the execution does not, or no longer."""

    failure_type = "ConfigurationError"


class PipelineNeverRun(OrchestratorError):
    """Mode `latest` found no execution to follow."""

    failure_type = "ConfigurationError"


class PipelineExecutionMismatch(OrchestratorError):
    """The execution that ifRunning join or a clientRequestToken found is not what was asked for.

    It has other variables or source revisions. The author of the input can fix it. Nothing was
    started, and the execution that was found continues.
    """

    failure_type = "ConfigurationError"


class StartRefused(OrchestratorError):
    """CodePipeline refused what was asked of it: variables, source revisions, a retry, a stop."""

    failure_type = "ConfigurationError"


class FunctionFailed(OrchestratorError):
    """A function of the orchestrator failed unexpectedly."""


class RunAborted(OrchestratorError):
    """Somebody stopped the run in Step Functions."""


class RunNotFound(OrchestratorError):
    """The run of a job does not exist: it never began, or its state machine was replaced."""


class BetweenStates(OrchestratorError):
    """An error between states or functions. No run ends with it."""


class TargetUnavailable(BetweenStates):
    """AWS gave no final answer for the target, even after retries. Trying later helps."""

    def __init__(
        self, message: str, *, is_busy: bool = False, region_in_doubt: bool = False
    ) -> None:
        """`is_busy`: as many executions are in progress as CodePipeline allows.

        `region_in_doubt`: a Region that does not exist, or that the account has not enabled, gives
        the same answer. At the first call to another Region it is a mistake in the input.
        """
        super().__init__(message)
        self.is_busy = is_busy
        self.region_in_doubt = region_in_doubt
        self.may_have_started = False  # the target, although the answer says nothing of it


class JobUnanswered(BetweenStates):
    """CodePipeline did not take a job's answer, even after retries. Trying later helps."""


class JobsUnavailable(BetweenStates):
    """DynamoDB gave no final answer for the Jobs table. Trying later helps."""


class JobNotGenuine(BetweenStates):
    """An event's job is not the one that CodePipeline knows. Nothing is begun or answered."""


class TargetNotFoundYet(BetweenStates):
    """The execution that an aborted run may have started is not listed yet. Trying later helps."""


class RunStatusOutdated(BetweenStates):
    """DescribeExecution does not show a run or its end yet. Trying later helps."""


class InvokingActionEnded(OrchestratorError):
    """The action that asked for the run is no longer in progress, so nobody waits for the run."""


class ResultNotReported(OrchestratorError):
    """The run ended, but could not report it."""


OURS: dict[str, type[OrchestratorError]] = {
    error.__name__: error
    for error in OrchestratorError.__subclasses__()
    if error is not BetweenStates
}


def failure_type(error: str) -> str:
    """The failure type for an error name: JobFailed for the target's own outcomes."""
    if error in OURS:
        return OURS[error].failure_type
    return "JobFailed" if error.startswith("Pipeline") else OrchestratorError.failure_type
