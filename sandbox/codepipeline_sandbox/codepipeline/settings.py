"""Settings for behavior that AWS does not document or that tests need to vary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.here import Cloud

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True)
class Settings:
    """How the sandbox's CodePipeline behaves. Times are in seconds.

    Some values are settings even though AWS documents them, so that tests can shorten them.
    """

    # Jobs. The documented limits: 20 minutes without an answer to a job, 24 hours for all jobs of
    # an action, and 7 days for a Step Functions action.
    job_silence: float = 20 * MINUTE
    job_limit: float = DAY
    state_machine_limit: float = 7 * DAY
    # The time from a continuation token to the next job. AWS documents "30 seconds" for the Lambda
    # integration model, and otherwise only "periodically".
    continuation_interval: float = 30.0
    # Whether `job_silence` counts from the last answer, as documented, or from the creation of the
    # next job.
    silence_counts_from: Literal["answer", "job"] = "answer"
    # Whether GetJobDetails still returns a job after it has been answered. If not, it raises an
    # error.
    finished_jobs_have_details: bool = True
    # Whether GetJobDetails returns the jobs of Lambda actions. If not, it raises an error.
    lambda_jobs_have_details: bool = True
    # What pipelineContext contains in GetJobDetails for a Lambda action's job. AWS documents that
    # custom actions receive the entire context, and third-party actions neither the ARN nor the
    # execution id. AWS does not mention Lambda actions. `names` means only the names of the
    # pipeline, stage and action.
    lambda_job_context: Literal[
        "full", "without_arn", "without_execution", "without_arn_and_execution", "names", "none"
    ] = "full"
    # Whether the first answer to an abandoned action's job raises InvalidJobStateException or is
    # accepted without effect.
    abandoned_job_answer: Literal["refused", "ignored"] = "refused"
    # The credential lifetime in a job's event. None means that the event contains no lifetime.
    credentials_tell_lifetime: float | None = None
    # Whether an input artifact in a job's event contains its source revision or null.
    artifacts_tell_revision: bool = False
    # The errorDetails.code of an action whose job was never answered.
    timeout_error_code: str = "JobFailed"
    # The errorDetails.code of an action whose function does not exist.
    missing_function_code: str = "JobFailed"
    # Whether the CodePipeline invoke action waits for the execution that it started. The default is
    # False because the documented permissions do not include reading executions.
    pipeline_invoke_waits: bool = False
    # The errorDetails.code of a CodePipeline invoke action that could not start the pipeline.
    pipeline_not_started_code: str = "JobFailed"
    # The errorDetails.code of an action whose configuration contains a reference without a value.
    unresolved_reference_code: str = "ConfigurationError"
    # The errorDetails.code of an action whose configuration is too large after references are
    # resolved.
    oversized_configuration_code: str = "ConfigurationError"

    # Executions. The time from StartPipelineExecution until the execution can be found.
    execution_visible_after: float = 0.0
    # How long GetPipelineExecution still shows the previous status after the event that announces
    # the end.
    end_visible_after: float = 0.0
    # The time between the end of a stage and the beginning of the next one.
    between_stages: float = 0.0
    # How long a clientRequestToken is remembered. None means for as long as the pipeline exists.
    client_request_token_window: float | None = None
    # What happens if a clientRequestToken is repeated with different parameters.
    repeated_request: Literal["ignored", "conflict"] = "ignored"
    # What happens if a request sets a variable that the pipeline does not declare.
    undeclared_variables: Literal["refused", "ignored"] = "refused"
    # Whether CreatePipeline starts a first execution, as AWS documents. The default is False, so a
    # pipeline's first execution is the one that the test starts.
    create_starts_execution: bool = False
    # How executions in progress end when the pipeline is updated. The API model says Cancelled, one
    # page of the User Guide says Failed, and users have seen both.
    status_after_update: Literal["Cancelled", "Failed", "Superseded"] = "Cancelled"
    # Whether a retried action keeps its actionExecutionId.
    retry_keeps_action_execution_id: bool = False
    # How long API calls can find an execution after its start. AWS documents 12 months.
    history_kept: float = 365 * DAY
    # The error that RollbackStage raises for a target that ran an older version of the pipeline.
    # The API model describes this case under UnableToRollbackStageException, but also contains
    # PipelineExecutionOutdatedException.
    older_rollback_target: Literal["unable", "outdated"] = "unable"
    # Which execution's id #{codepipeline.PipelineExecutionId} contains in a rollback. The
    # rollback's other variables come from its target execution.
    rollback_execution_id_variable: Literal["own", "target"] = "own"
    # Conditions. Whether the result of onFailure applies if the condition is unmet or if it is met.
    # The User Guide says both: "only when the condition fails" and "if the rule succeeds".
    failure_result_engages: Literal["unmet", "met"] = "unmet"
    # Which results onFailure can have. The User Guide lists ROLLBACK, and also RETRY for an
    # onFailure without conditions. The API model lists FAIL, RETRY, ROLLBACK and SKIP.
    failure_results: Literal["documented", "all"] = "documented"
    # Whether onFailure applies if the stage failed because of its own condition.
    unmet_condition_fails_stage: bool = False
    # The status of a condition if one of its rules could not be evaluated or timed out.
    unevaluated_condition: Literal["Errored", "Failed"] = "Errored"
    # The execution's status if the stage succeeded and its onSuccess condition rolls it back.
    execution_after_rollback: Literal["Failed", "Succeeded"] = "Failed"
    # Whether a retry checks the beforeEntry condition again.
    retry_checks_entry_again: bool = False
    # Whether a rollback checks the stage's conditions.
    rollbacks_check_conditions: bool = True
    # Whether a skipped stage sends an event with the state SKIPPED.
    skipped_stages_tell: bool = False
    # The errorDetails.code of an action whose input artifact is missing because its stage was
    # skipped.
    missing_artifact_code: str = "ConfigurationError"
    # Whether a stage and its execution have the status Failed until the automatic retry, and how
    # many seconds after the failure the retry starts.
    failure_shows_before_automatic_retry: bool = False
    automatic_retry_after: float = 0.0
    # How GetPipelineState shows the stages of a PARALLEL pipeline. According to the documentation,
    # the list is empty.
    parallel_stage_states: Literal["none", "bare"] = "none"
    # Whether a disabled transition keeps executions of a PARALLEL pipeline waiting.
    parallel_heeds_transitions: bool = True
    # When a transition is enabled, waiting executions proceed only if it was disabled for at most
    # this long. AWS documents 30 days.
    transition_resumes_within: float = 30 * DAY
    concurrent_executions: int = 50  # the documented maximum for a QUEUED or PARALLEL pipeline
    # The documented maximum number of parallel actions in a PARALLEL execution.
    parallel_actions: int = 5

    # Approvals. How long an approval waits. AWS documents 7 days.
    approval_limit: float = 7 * DAY
    # What GetPipelineState shows for a pending approval: the "status", as for other actions, or the
    # "request" with its text (CustomData) and its author, as in the User Guide's example.
    pending_approval_shows: Literal["status", "request"] = "status"
    # The errorDetails.code of a rejected approval. None means no errorDetails, only the comment.
    rejected_approval_code: str | None = None

    # Pipelines.
    default_pipeline_type: Literal["V1", "V2"] = "V1"
    versions_kept: int = 10  # the number of versions that GetPipeline can return
    # The error that GetPipeline raises for a version that is no longer kept. According to the
    # documentation, the error says that the version was not found. In practice, it says that the
    # pipeline was not found. The service team calls this a known issue
    # (https://github.com/aws/aws-sdk/issues/558).
    version_not_kept: Literal["version", "pipeline"] = "pipeline"

    # How long EventBridge takes to deliver an event from a bus to a target: half a second, which is
    # typical according to AWS, plus a random delay that is usually short and at most event_spread.
    event_latency: float = 0.5
    event_spread: float = 0.0

    # How long an action without a script takes.
    action_duration: float = 3.0
    # How long a rule without a script takes.
    rule_duration: float = 3.0


_settings: WeakKeyDictionary[Cloud, Settings] = WeakKeyDictionary()


def use(settings: Settings) -> None:
    """Apply the settings to CodePipeline in the running cloud."""
    _settings[here.current()] = settings


def current() -> Settings:
    """Return the settings of the running cloud, or the defaults if none were set."""
    return _settings.get(here.current(), _DEFAULT)


_DEFAULT = Settings()
