"""Settings for behavior that AWS does not document or that tests need to vary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

from sandbox import here

if TYPE_CHECKING:
    from sandbox.here import Cloud

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True)
class Settings:
    """How the sandbox's CodePipeline behaves. Times are in seconds.

    Documented values are settings too, so that tests can shorten them.
    """

    # Jobs. Documented: 20 minutes without an answer, 24 hours in total, 7 days for Step Functions.
    job_silence: float = 20 * MINUTE
    job_limit: float = DAY
    state_machine_limit: float = 7 * DAY
    # The time from a continuation token to the next job. The documentation says "30 seconds" (only
    # for the Lambda integration model) or "periodically".
    continuation_interval: float = 30.0
    # Whether the 20 minutes are counted from the last answer (documented: an answer restarts the
    # timer) or from the creation of the next job.
    silence_counts_from: Literal["answer", "job"] = "answer"
    # Whether GetJobDetails returns a job that has been answered, or raises JobNotFound.
    finished_jobs_have_details: bool = True
    # Whether GetJobDetails returns the job of a Lambda action, or raises JobNotFound.
    lambda_jobs_have_details: bool = True
    # What pipelineContext contains in GetJobDetails for a Lambda action's job. According to the
    # documentation, custom actions receive the entire context, and third-party actions receive
    # neither the ARN nor the execution id. Lambda actions are not mentioned, and every member is
    # optional. With the value `names`, the context contains the names of the pipeline, stage and
    # action, but no id.
    lambda_job_context: Literal[
        "full", "without_arn", "without_execution", "without_arn_and_execution", "names", "none"
    ] = "full"
    # How CodePipeline treats the first answer to an abandoned action's job: with
    # InvalidJobStateException, or by accepting the answer without effect.
    abandoned_job_answer: Literal["refused", "ignored"] = "refused"
    # The credentials' lifetime as stated in a job's event. None if the event does not state it.
    credentials_tell_lifetime: float | None = None
    # Whether an input artifact in a job's event contains its source revision, or null.
    artifacts_tell_revision: bool = False
    # The errorDetails.code of an action whose job was never answered.
    timeout_error_code: str = "JobFailed"
    # The errorDetails.code of an action whose function does not exist.
    missing_function_code: str = "JobFailed"
    # Whether the CodePipeline invoke action waits for the execution that it started, or ends
    # immediately after starting it. According to its documentation, the action needs no permission
    # to read executions.
    pipeline_invoke_waits: bool = False
    # The errorDetails.code of a CodePipeline invoke action that could not start the pipeline.
    pipeline_not_started_code: str = "JobFailed"
    # The errorDetails.code of an action whose configuration contains a reference without a value.
    unresolved_reference_code: str = "ConfigurationError"
    # The errorDetails.code of an action whose configuration is too large after references are
    # resolved.
    oversized_configuration_code: str = "ConfigurationError"

    # Executions. How long after StartPipelineExecution a new execution still cannot be found.
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
    # How a variable that the pipeline does not declare is treated.
    undeclared_variables: Literal["refused", "ignored"] = "refused"
    # Whether CreatePipeline starts a first execution, as AWS documents. The default is False, so
    # that the first execution is the one that a test starts.
    create_starts_execution: bool = False
    # How executions in progress end when the definition is updated. The model says Cancelled, one
    # page of the User Guide says Failed, and users have seen both. Superseded would also imply that
    # another execution takes their place.
    status_after_update: Literal["Cancelled", "Failed", "Superseded"] = "Cancelled"
    # Whether a retried action keeps its actionExecutionId.
    retry_keeps_action_execution_id: bool = False
    # Documented: lists include executions that started within the last 12 months.
    history_kept: float = 365 * DAY
    # The error that RollbackStage raises for a target that ran an older version of the pipeline.
    # The model describes this case under UnableToRollbackStageException, but also has
    # PipelineExecutionOutdatedException.
    older_rollback_target: Literal["unable", "outdated"] = "unable"
    # Which execution's id #{codepipeline.PipelineExecutionId} contains in a rollback. The
    # rollback's other variables come from its target execution.
    rollback_execution_id_variable: Literal["own", "target"] = "own"
    # Conditions. One page says "only when the condition fails", another says "if the rule
    # succeeds".
    failure_result_engages: Literal["unmet", "met"] = "unmet"
    # The results that onFailure allows. The User Guide lists ROLLBACK, and RETRY without conditions
    # (the same page also shows RETRY with conditions). The API model lists FAIL, RETRY, ROLLBACK
    # and SKIP.
    failure_results: Literal["documented", "all"] = "documented"
    # Whether onFailure applies if the stage failed because of its own condition.
    unmet_condition_fails_stage: bool = False
    # The condition's status when a rule could not be evaluated or took too long.
    unevaluated_condition: Literal["Errored", "Failed"] = "Errored"
    # The execution's status if the stage succeeded and its onSuccess condition rolls it back.
    execution_after_rollback: Literal["Failed", "Succeeded"] = "Failed"
    # Whether a retry checks an entry condition that was already met.
    retry_checks_entry_again: bool = False
    # Whether a rollback checks the stage's conditions.
    rollbacks_check_conditions: bool = True
    # Whether a skipped stage sends an event with the state SKIPPED.
    skipped_stages_tell: bool = False
    # The errorDetails.code of an action whose input artifact is missing because its stage was
    # skipped.
    missing_artifact_code: str = "ConfigurationError"
    # Whether a stage and its execution show the status Failed until the automatic retry, and how
    # long after the failure that retry starts.
    failure_shows_before_automatic_retry: bool = False
    automatic_retry_after: float = 0.0
    # How GetPipelineState shows the stages of a PARALLEL pipeline. According to the documentation,
    # the list is empty.
    parallel_stage_states: Literal["none", "bare"] = "none"
    # Whether a disabled transition keeps executions of a PARALLEL pipeline waiting.
    parallel_heeds_transitions: bool = True
    # Documented: if a transition was disabled for more than 30 days, executions waiting for it do
    # not proceed automatically when it is enabled.
    transition_resumes_within: float = 30 * DAY
    concurrent_executions: int = 50  # the documented maximum for a QUEUED or PARALLEL pipeline
    # The documented maximum number of parallel actions in a PARALLEL execution.
    parallel_actions: int = 5

    # Approvals. Documented: 7 days without an answer.
    approval_limit: float = 7 * DAY
    # How GetPipelineState shows a pending approval: with a "status" like other actions, or like the
    # User Guide's example, which has no status but contains the "request" (CustomData) and its
    # author.
    pending_approval_shows: Literal["status", "request"] = "status"
    # The errorDetails.code of a rejected approval. None means no errorDetails, only the comment.
    rejected_approval_code: str | None = None

    # Pipelines.
    default_pipeline_type: Literal["V1", "V2"] = "V1"
    versions_kept: int = 10  # the number of versions that GetPipeline can return
    # The error that GetPipeline raises for a version that is no longer kept. The documentation says
    # that the version is not found. AWS reports a missing pipeline, which its service team calls a
    # known issue (https://github.com/aws/aws-sdk/issues/558).
    version_not_kept: Literal["version", "pipeline"] = "pipeline"

    # How long EventBridge takes to deliver an event from a bus to a target: half a second, which is
    # typical according to AWS, plus a random delay of up to event_spread, usually a short one.
    event_latency: float = 0.5
    event_spread: float = 0.0

    # How long an action without a script takes.
    action_duration: float = 3.0
    # How long a rule without a script takes.
    rule_duration: float = 3.0


_settings: WeakKeyDictionary[Cloud, Settings] = WeakKeyDictionary()


def use(settings: Settings) -> None:
    """Apply the settings to CodePipeline in the cloud that is up."""
    _settings[here.current()] = settings


def current() -> Settings:
    """Return the settings of the cloud that is up, or the defaults if none were set."""
    return _settings.get(here.current(), _DEFAULT)


_DEFAULT = Settings()
