"""What AWS does not document, or what could be otherwise: one value for each such fact."""

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
    """How the sandbox's CodePipeline behaves; times are seconds.

    Documented figures are here too, so that a test can shorten them.
    """

    # Jobs. Documented: 20 minutes of silence, 24 hours in all, 7 days for Step Functions.
    job_silence: float = 20 * MINUTE
    job_limit: float = DAY
    state_machine_limit: float = 7 * DAY
    # After a continuation token the next job comes in "30 seconds" (documented for the Lambda
    # integration model only) or "periodically".
    continuation_interval: float = 30.0
    # The silence is counted from the last answer (documented: answers restart the timer), or from
    # the creation of the next job.
    silence_counts_from: Literal["answer", "job"] = "answer"
    # Whether GetJobDetails answers for a job that has been answered, or says JobNotFound.
    finished_jobs_have_details: bool = True
    # Whether GetJobDetails answers for the job of a Lambda action, or says JobNotFound.
    lambda_jobs_have_details: bool = True
    # The pipelineContext that GetJobDetails gives for the job of a Lambda action. Documented: all
    # of it for custom actions, neither ARN nor execution id for third-party ones; nothing is said
    # of Lambda actions, and every member is optional. `names` are those of pipeline, stage and
    # action, without any id.
    lambda_job_context: Literal[
        "full", "without_arn", "without_execution", "without_arn_and_execution", "names", "none"
    ] = "full"
    # What CodePipeline says to the first answer to the job of an abandoned action:
    # InvalidJobStateException, or nothing, and the answer has no effect.
    abandoned_job_answer: Literal["refused", "ignored"] = "refused"
    # How long the credentials in a job's event say that they are good for; None: they do not say.
    credentials_tell_lifetime: float | None = None
    # Whether an input artifact in a job's event tells the revision of its source, or null.
    artifacts_tell_revision: bool = False
    # errorDetails.code of an action whose job was never answered.
    timeout_error_code: str = "JobFailed"
    # errorDetails.code of an action whose function does not exist.
    missing_function_code: str = "JobFailed"
    # Whether the CodePipeline invoke action ends as the execution that it started ends, or as soon
    # as that has started. Its page asks for no permission to look at executions.
    pipeline_invoke_waits: bool = False
    # errorDetails.code of a CodePipeline invoke action that could not start the pipeline.
    pipeline_not_started_code: str = "JobFailed"
    # errorDetails.code of an action whose configuration holds a reference without a value.
    unresolved_reference_code: str = "ConfigurationError"
    # errorDetails.code of an action whose configuration is too large with its references resolved.
    oversized_configuration_code: str = "ConfigurationError"

    # Executions.
    # How long after StartPipelineExecution an execution cannot be found yet.
    execution_visible_after: float = 0.0
    # How long after the event of its end GetPipelineExecution shows an execution's status before.
    end_visible_after: float = 0.0
    # From the end of a stage to the beginning of the next one.
    between_stages: float = 0.0
    # How long a clientRequestToken is remembered; None: as long as the pipeline exists.
    client_request_token_window: float | None = None
    # The same clientRequestToken with other parameters.
    repeated_request: Literal["ignored", "conflict"] = "ignored"
    # A variable that the pipeline does not declare.
    undeclared_variables: Literal["refused", "ignored"] = "refused"
    # Whether CreatePipeline starts a first execution. Documented: it does. The default is another:
    # the first execution is one that somebody has asked for.
    create_starts_execution: bool = False
    # What becomes of executions in progress when the definition is updated: the model says
    # Cancelled, one page of the User Guide says Failed, and users have seen both; Superseded, too,
    # says that another execution takes its place.
    status_after_update: Literal["Cancelled", "Failed", "Superseded"] = "Cancelled"
    # Whether a retried action keeps its actionExecutionId.
    retry_keeps_action_execution_id: bool = False
    # Documented: the lists go back 12 months, by the start of the execution.
    history_kept: float = 365 * DAY
    # What RollbackStage says of a target of an older version of the pipeline: the model describes
    # UnableToRollbackStageException so, and has PipelineExecutionOutdatedException besides.
    older_rollback_target: Literal["unable", "outdated"] = "unable"
    # Whose id #{codepipeline.PipelineExecutionId} is in a rollback: it has its target's variables.
    rollback_execution_id_variable: Literal["own", "target"] = "own"
    # Conditions.
    # Documented once as "only when the condition fails", once as "if the rule succeeds".
    failure_result_engages: Literal["unmet", "met"] = "unmet"
    # The results of onFailure: the User Guide has ROLLBACK, and RETRY without conditions (on the
    # same page also with them); the API model has FAIL, RETRY, ROLLBACK and SKIP.
    failure_results: Literal["documented", "all"] = "documented"
    # Whether a stage that fails by its own condition is a failure that onFailure is about.
    unmet_condition_fails_stage: bool = False
    # The condition's status when a rule could not be evaluated or took too long.
    unevaluated_condition: Literal["Errored", "Failed"] = "Errored"
    # The execution's status when the stage has succeeded and its onSuccess rolls it back.
    execution_after_rollback: Literal["Failed", "Succeeded"] = "Failed"
    # Whether a retry checks an entry condition again that has been met.
    retry_checks_entry_again: bool = False
    # Whether a rollback checks the conditions of its stage.
    rollbacks_check_conditions: bool = True
    # Whether there is an event, of state SKIPPED, when a stage is skipped.
    skipped_stages_tell: bool = False
    # errorDetails.code of an action whose input artifact a skipped stage has not put out.
    missing_artifact_code: str = "ConfigurationError"
    # Whether a stage and its execution are Failed until the automatic retry, and how long after
    # the failure that is.
    failure_shows_before_automatic_retry: bool = False
    automatic_retry_after: float = 0.0
    # GetPipelineState of a PARALLEL pipeline: documented as empty.
    parallel_stage_states: Literal["none", "bare"] = "none"
    # Whether a disabled transition keeps executions of a PARALLEL pipeline waiting.
    parallel_heeds_transitions: bool = True
    # Documented: what waits in front of a transition that was disabled for longer than 30 days does
    # not go on by itself when it is enabled.
    transition_resumes_within: float = 30 * DAY
    concurrent_executions: int = 50  # of a QUEUED or PARALLEL pipeline, documented
    parallel_actions: int = 5  # at a time in an execution of a PARALLEL pipeline, documented

    # Approvals. Documented: 7 days without an answer.
    approval_limit: float = 7 * DAY
    # GetPipelineState of a pending approval: "status" as for other actions, or as in the User
    # Guide's example, which has no status but what is asked (CustomData) and by whom ("request").
    pending_approval_shows: Literal["status", "request"] = "status"
    # errorDetails.code of a rejected approval; None: it has no errorDetails, only the comment.
    rejected_approval_code: str | None = None

    # Pipelines.
    default_pipeline_type: Literal["V1", "V2"] = "V1"
    versions_kept: int = 10  # that GetPipeline knows
    # Whose absence GetPipeline tells of a version that is not kept: documented is the version's,
    # and AWS has been seen to tell the pipeline's (https://github.com/aws/aws-sdk/issues/558).
    version_not_kept: Literal["version", "pipeline"] = "version"

    # How long an action without a script takes.
    action_duration: float = 3.0
    # How long a rule without a script takes.
    rule_duration: float = 3.0


_settings: WeakKeyDictionary[Cloud, Settings] = WeakKeyDictionary()


def use(settings: Settings) -> None:
    """Let the CodePipeline of the cloud that is up behave so."""
    _settings[here.current()] = settings


def current() -> Settings:
    """The settings of the cloud that is up; the defaults if none were given."""
    return _settings.get(here.current(), _DEFAULT)


_DEFAULT = Settings()
