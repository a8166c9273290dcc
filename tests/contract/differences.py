"""Differences between AWS and the sandbox that the contract tests must notice.

Each entry names a rule, a test and a difference that must make the test fail. A difference is
another value of a setting or a change to one of AWS's answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from tests.contract.calls import Answer, Plant

ANYTHING = object()


@dataclass(frozen=True)
class Difference:
    rule: str
    test: str
    plants: tuple[Plant, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    seen: Any = ANYTHING  # the value that the test observes

    def __str__(self) -> str:
        changed = ",".join(f"{name}={value}" for name, value in self.settings.items())
        return f"{self.rule}-{self.test}-{changed or 'planted'}"


def accepts(*operations: str, **document: Any) -> Plant:
    def plant(answer: Answer) -> None:
        if _is(answer, operations) and answer.error is not None:
            answer.error, answer.document = None, document

    return plant


def refuses(operation: str, code: str = "ValidationException", *, nth: int = 1) -> Plant:
    """AWS refuses the n-th and all later calls of an operation."""
    count = 0

    def plant(answer: Answer) -> None:
        nonlocal count
        if _is(answer, (operation,)):
            count += 1
            if count >= nth:
                answer.error = ClientError(
                    {"Error": {"Code": code, "Message": "planted"}}, operation
                )

    return plant


def says(operation: str, path: str, value: Any = None) -> Plant:
    """A member of an answer has a different value, or is missing if no value is given."""

    def plant(answer: Answer) -> None:
        if _is(answer, (operation,)):
            *parents, last = path.split(".")
            for parent in _members(answer.document, parents):
                if value is None:
                    parent.pop(last, None)
                elif last in parent:
                    parent[last] = value(parent[last]) if callable(value) else value

    return plant


def _is(answer: Answer, operations: tuple[str, ...]) -> bool:
    return answer.operation.partition(":")[2] in operations


def _members(value: Any, path: list[str]) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for each in value:
            yield from _members(each, path)
    elif isinstance(value, dict):
        if not path:
            yield value
        elif path[0] in value:
            yield from _members(value[path[0]], path[1:])


def _settings(rule: str, test: str, **changed: Any) -> Difference:
    return Difference(rule, test, settings=changed)


SETTINGS = [
    _settings(
        "J13",
        "test_a_job_contains_configuration_artifacts_and_credentials",
        credentials_tell_lifetime=3600.0,
    ),
    _settings(
        "J13",
        "test_a_job_contains_configuration_artifacts_and_credentials",
        artifacts_tell_revision=True,
    ),
    _settings(
        "J7", "test_get_job_details_returns_the_place_of_a_job", lambda_jobs_have_details=False
    ),
    _settings(
        "J7", "test_get_job_details_returns_the_place_of_a_job", finished_jobs_have_details=False
    ),
    *(
        _settings("J7", "test_get_job_details_returns_the_place_of_a_job", lambda_job_context=value)
        for value in (
            "without_arn",
            "without_execution",
            "without_arn_and_execution",
            "names",
            "none",
        )
    ),
    _settings("J4", "test_a_continuation_token_leads_to_another_job", continuation_interval=90.0),
    _settings(
        "J12", "test_an_answer_does_not_change_an_abandoned_action", abandoned_job_answer="ignored"
    ),
    _settings(
        "A7",
        "test_a_function_that_does_not_exist_fails_the_action",
        missing_function_code="PermissionError",
    ),
    _settings("J5", "test_an_action_fails_if_its_function_never_answers", job_silence=600.0),
    _settings(
        "J9", "test_an_action_fails_if_its_function_never_answers", timeout_error_code="TimedOut"
    ),
    _settings(
        "J5",
        "test_an_action_fails_if_nothing_follows_a_continuation_token",
        silence_counts_from="job",
    ),
    _settings("J6", "test_an_action_fails_after_a_day", job_limit=43_200.0),
    _settings("E7", "test_creating_a_pipeline_starts_an_execution", create_starts_execution=True),
    _settings("E7", "test_a_new_execution_can_be_found", execution_visible_after=20.0),
    _settings("E3", "test_the_same_token_starts_once", repeated_request="conflict"),
    Difference(
        "E3",
        "test_a_token_is_remembered",
        settings={"client_request_token_window": 600.0},
        seen=300.0,
    ),
    _settings(
        "E4", "test_variables_have_their_given_or_default_values", undeclared_variables="ignored"
    ),
    _settings("E15", "test_a_retry_continues_the_execution", retry_keeps_action_execution_id=True),
    *(
        _settings(
            "E18",
            "test_an_update_ends_the_execution_once_its_actions_have_ended",
            status_after_update=value,
        )
        for value in ("Failed", "Superseded")
    ),
    _settings(
        "A2",
        "test_a_reference_without_a_value_fails_the_action",
        unresolved_reference_code="JobFailed",
    ),
    _settings(
        "A11",
        "test_a_configuration_that_is_too_large_fails_the_action",
        oversized_configuration_code="JobFailed",
    ),
    _settings("E21", "test_a_stage_starts_when_the_previous_one_ends", between_stages=20.0),
    _settings("M5", "test_a_parallel_pipeline_shows_no_stage_states", parallel_stage_states="bare"),
    _settings(
        "M6", "test_the_number_of_executions_in_progress_is_limited", concurrent_executions=20
    ),
    _settings(
        "M7", "test_a_parallel_execution_runs_a_limited_number_of_actions", parallel_actions=3
    ),
    _settings(
        "S6",
        "test_a_disabled_transition_keeps_parallel_executions_waiting",
        parallel_heeds_transitions=False,
    ),
    _settings(
        "B2", "test_a_rollback_runs_one_stage_again", rollback_execution_id_variable="target"
    ),
    _settings(
        "B5", "test_a_rollback_to_an_older_version_is_refused", older_rollback_target="outdated"
    ),
    _settings("A8", "test_a_pipeline_can_start_a_pipeline", pipeline_invoke_waits=True),
    _settings(
        "A9",
        "test_a_pipeline_that_cannot_be_started_fails_the_action",
        pipeline_not_started_code="Missing",
    ),
    _settings("S10", "test_an_approved_action_succeeds", pending_approval_shows="request"),
    _settings("S11", "test_a_rejected_action_fails", rejected_approval_code="JobFailed"),
    _settings(
        "C2", "test_a_skipped_stage_provides_no_artifacts", missing_artifact_code="JobFailed"
    ),
    _settings("C9", "test_a_skipped_stage_provides_no_artifacts", skipped_stages_tell=True),
    _settings(
        "C3",
        "test_a_success_condition_rolls_the_stage_back",
        execution_after_rollback="Succeeded",
    ),
    _settings(
        "C8", "test_a_success_condition_rolls_the_stage_back", rollbacks_check_conditions=False
    ),
    _settings(
        "C4", "test_an_unmet_failure_condition_rolls_the_stage_back", failure_result_engages="met"
    ),
    _settings(
        "C4",
        "test_an_unmet_condition_does_not_count_as_a_failure",
        unmet_condition_fails_stage=True,
    ),
    _settings("C4", "test_a_failure_condition_cannot_retry_the_stage", failure_results="all"),
    _settings(
        "C5", "test_a_rule_that_cannot_be_evaluated_fails_the_stage", unevaluated_condition="Failed"
    ),
    _settings("C7", "test_a_retry_does_not_check_the_entry_again", retry_checks_entry_again=True),
    _settings(
        "T2", "test_a_failed_stage_is_retried_once_automatically", automatic_retry_after=30.0
    ),
    _settings(
        "T2",
        "test_a_failed_stage_is_retried_once_automatically",
        failure_shows_before_automatic_retry=True,
    ),
    _settings(
        "P3", "test_a_pipeline_without_a_type_has_the_default_type", default_pipeline_type="V2"
    ),
    _settings("P5", "test_old_versions_are_not_kept", versions_kept=5),
    _settings("P5", "test_old_versions_are_not_kept", version_not_kept="version"),
    _settings("V18", "test_an_execution_sends_events", event_latency=20.0),
    Difference("V18", "test_an_execution_sends_events", settings={"event_spread": 60.0}, seen=None),
    _settings("V13", "test_an_execution_sends_events", end_visible_after=20.0),
    _settings("N5", "test_lists_of_executions_are_current", lists_lag=20.0),
]


def _code(value: str) -> Plant:
    path = "actionExecutionDetails.output.executionResult.errorDetails.code"
    return says("ListActionExecutions", path, value)


def _status(**other: str) -> Plant:
    path = "pipelineExecution.status"
    return says("GetPipelineExecution", path, lambda status: other.get(status, status))


def _received(old: str, new: str) -> Plant:
    return says("Scan", "Items.document.S", lambda text: text.replace(old, new))


def _ran(member: str, value: Any = None) -> Plant:
    return says("ListActionExecutions", f"actionExecutionDetails.{member}", value)


def _shown(path: str, value: Any = None) -> Plant:
    return says("GetPipelineState", f"stageStates.{path}", value)


def _described(member: str, value: Any = None) -> Plant:
    return says("DescribeExecution", member, value)


def _happened(path: str, value: Any = None) -> Plant:
    return says("GetExecutionHistory", f"events.{path}", value)


def _with(**more: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda document: {**document, **more}


def _reversed(listed: list[Any]) -> list[Any]:
    return listed[::-1]


def _later(moment: Any) -> Any:
    return moment + timedelta(seconds=30)


def _all_ran(stages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**each, "latestExecution": {}} for each in stages]


_REENTERED = _happened("type", lambda kind: kind.replace("WaitStateExited", "WaitStateEntered"))
_WORK = {"actionName": "Work", "status": "InProgress"}
_ALL_RUN = _ran("actionName", lambda name: "B" if name == "A" else name)
_ALREADY_RUNS = says("ListActionExecutions", "actionExecutionDetails", lambda _: [_WORK])
_ALREADY_LATER = _ran("actionName", lambda name: "Later" if name == "Work" else name)
_OTHER_TEXT = says("PollForJobs", "jobs.data.actionConfiguration.configuration.Text", "other")
_CREATES_MACHINES = accepts("CreateStateMachine", stateMachineArn="other")

# Rule, test, and a change to an answer.
PLANTED = [
    Difference(rule, test, (plant,))
    for rule, test, plant in (
        # Jobs
        (
            "J1",
            "test_a_job_contains_configuration_artifacts_and_credentials",
            _received('"actionConf', '"actionTypeId": {}, "actionConf'),
        ),
        (
            "J2",
            "test_a_job_contains_configuration_artifacts_and_credentials",
            _received('"actionConf', '"encryptionKey": {}, "actionConf'),
        ),
        ("J11", "test_an_unknown_job_is_refused", accepts("PutJobSuccessResult")),
        (
            "J8",
            "test_a_continuation_token_leads_to_another_job",
            _shown("actionStates.latestExecution.summary", "other"),
        ),
        (
            "J11",
            "test_a_continuation_token_leads_to_another_job",
            accepts("PutJobSuccessResult"),
        ),
        (
            "J10",
            "test_output_variables_that_are_too_large_are_refused",
            accepts("PutJobSuccessResult"),
        ),
        ("E13", "test_an_answer_does_not_change_an_abandoned_action", _ran("status", "Failed")),
        ("J9", "test_the_type_of_a_failure_is_the_code_of_the_action", _code("JobFailed")),
        (
            "E20",
            "test_the_type_of_a_failure_is_the_code_of_the_action",
            _status(Failed="Succeeded"),
        ),
        ("A3", "test_a_function_that_the_role_may_not_invoke_fails_the_action", _code("JobFailed")),
        ("J3", "test_a_function_that_fails_is_invoked_again", _ran("status", "Failed")),
        (
            "F4",
            "test_a_function_that_fails_is_invoked_again",
            says("Scan", "Items.at.N", lambda text: text.partition(".")[0][:-2] + "00"),
        ),
        (
            "J5",
            "test_an_action_fails_if_its_function_never_answers",
            _ran("output.executionResult.errorDetails.message", "other"),
        ),
        # Workers
        (
            "W1",
            "test_action_types_with_invalid_properties_are_refused",
            accepts("CreateCustomActionType"),
        ),
        ("W2", "test_a_deleted_type_has_no_jobs", accepts("PollForJobs", jobs=[])),
        ("W7", "test_a_deleted_type_has_no_jobs", says("ListTagsForResource", "tags", [])),
        (
            "W3",
            "test_a_job_belongs_to_the_worker_that_acknowledges_it_first",
            says("PollForJobs", "jobs.id", "other"),
        ),
        (
            "W4",
            "test_a_job_belongs_to_the_worker_that_acknowledges_it_first",
            accepts("AcknowledgeJob", status="InProgress"),
        ),
        (
            "W8",
            "test_a_job_belongs_to_the_worker_that_acknowledges_it_first",
            _shown("actionStates.entityUrl", "other"),
        ),
        (
            "J7",
            "test_a_job_belongs_to_the_worker_that_acknowledges_it_first",
            says("GetJobDetails", "jobDetails.data.pipelineContext.pipelineName", "other"),
        ),
        (
            "W5",
            "test_the_next_job_of_a_worker_contains_the_token",
            says("PollForJobs", "jobs.data.continuationToken", "other"),
        ),
        (
            "J14",
            "test_permission_for_a_pipeline_does_not_allow_an_answer",
            accepts("PutJobSuccessResult"),
        ),
        # Executions
        (
            "E1",
            "test_an_execution_shows_its_version_variables_and_trigger",
            _status(InProgress="Succeeded"),
        ),
        (
            "E2",
            "test_an_execution_shows_its_version_variables_and_trigger",
            says("GetPipelineExecution", "pipelineExecution", _with(startTime=0)),
        ),
        (
            "E6",
            "test_an_execution_shows_its_version_variables_and_trigger",
            says("GetPipelineExecution", "pipelineExecution.trigger.triggerDetail", "other"),
        ),
        (
            "E8",
            "test_an_execution_shows_its_version_variables_and_trigger",
            says(
                "ListPipelineExecutions", "pipelineExecutionSummaries.pipelineExecutionId", "other"
            ),
        ),
        (
            "E5",
            "test_source_revisions_must_name_source_actions",
            accepts("StartPipelineExecution", pipelineExecutionId="other"),
        ),
        ("E12", "test_a_stop_waits_for_running_actions", _status(Stopping="InProgress")),
        ("E14", "test_a_stop_waits_for_running_actions", accepts("StopPipelineExecution")),
        (
            "E14",
            "test_a_stop_can_be_changed_to_abandon",
            refuses("StopPipelineExecution", "DuplicatedStopRequestException", nth=2),
        ),
        ("S5", "test_a_retry_continues_the_execution", _shown("retryStageMetadata", {})),
        ("E15", "test_a_retry_of_all_actions_runs_all_of_them", _status(Succeeded="Failed")),
        (
            "E16",
            "test_a_stage_can_be_retried_if_it_failed_or_stopped_last",
            accepts("RetryStageExecution"),
        ),
        (
            "E17",
            "test_a_stage_can_be_retried_if_it_failed_or_stopped_last",
            refuses("RetryStageExecution"),
        ),
        ("E19", "test_actions_run_in_the_order_of_their_run_orders", _ALL_RUN),
        ("A1", "test_actions_run_in_the_order_of_their_run_orders", _OTHER_TEXT),
        ("V6", "test_a_stage_starts_when_the_previous_one_ends", _ran("startTime", _later)),
        (
            "E8",
            "test_lists_are_sorted_and_paginated",
            says(
                "ListPipelineExecutions", "pipelineExecutionSummaries.pipelineExecutionId", "other"
            ),
        ),
        ("E9", "test_lists_are_sorted_and_paginated", _ran("actionName", "Checkout")),
        (
            "E10",
            "test_lists_are_sorted_and_paginated",
            accepts("ListPipelineExecutions", pipelineExecutionSummaries=[]),
        ),
        (
            "E23",
            "test_a_source_revision_can_be_reported",
            says("PutActionRevision", "pipelineExecutionId"),
        ),
        ("M1", "test_one_execution_waits_and_the_next_one_supersedes_it", _ALREADY_RUNS),
        (
            "M2",
            "test_one_execution_waits_and_the_next_one_supersedes_it",
            _status(Superseded="Cancelled"),
        ),
        (
            "M3",
            "test_one_execution_waits_and_the_next_one_supersedes_it",
            _status(Succeeded="Superseded"),
        ),
        (
            "S4",
            "test_one_execution_waits_and_the_next_one_supersedes_it",
            _shown("inboundExecutions"),
        ),
        (
            "M4",
            "test_in_a_queue_executions_run_in_the_order_in_which_they_arrived",
            _OTHER_TEXT,
        ),
        (
            "S6",
            "test_a_disabled_transition_keeps_executions_waiting",
            _shown("inboundTransitionState.enabled", value=True),
        ),
        (
            "S7",
            "test_a_disabled_transition_keeps_executions_waiting",
            _status(Superseded="Stopped"),
        ),
        (
            "S8",
            "test_a_disabled_transition_keeps_executions_waiting",
            refuses("EnableStageTransition"),
        ),
        (
            "S2",
            "test_a_stage_shows_revisions_and_links_once_it_has_run",
            says("GetPipelineState", "stageStates", _all_ran),
        ),
        (
            "S3",
            "test_a_stage_shows_revisions_and_links_once_it_has_run",
            _shown("actionStates.currentRevision", _with(created=0)),
        ),
        (
            "S1",
            "test_each_stage_shows_its_latest_execution",
            _shown("latestExecution.pipelineExecutionId", "other"),
        ),
        ("S9", "test_each_stage_shows_its_latest_execution", _ALREADY_LATER),
        (
            "S14",
            "test_a_stage_shows_revisions_and_links_once_it_has_run",
            _shown("actionStates.entityUrl"),
        ),
        ("B1", "test_a_rollback_runs_one_stage_again", _ran("stageName", "Other")),
        (
            "B3",
            "test_a_rollback_runs_one_stage_again",
            says("GetPipelineExecution", "pipelineExecution.executionType", "STANDARD"),
        ),
        (
            "B4",
            "test_source_stages_and_failures_are_not_targets_of_a_rollback",
            accepts("RollbackStage", pipelineExecutionId="other"),
        ),
        (
            "A6",
            "test_a_state_machine_action_starts_one_execution",
            says("ListExecutions", "executions.name", "other"),
        ),
        (
            "P9",
            "test_deleting_a_pipeline_that_does_not_exist_is_not_an_error",
            refuses("DeletePipeline"),
        ),
        (
            "A10",
            "test_a_source_returns_the_variables_of_its_object",
            _ran("output.outputVariables.ObjectKey", "other"),
        ),
        (
            "A12",
            "test_a_source_returns_the_variables_of_its_object",
            _ran("output.outputVariables.VersionId"),
        ),
        # Approvals
        (
            "S11",
            "test_an_approved_action_succeeds",
            _shown("actionStates.latestExecution.summary", "other"),
        ),
        ("S12", "test_an_approved_action_succeeds", accepts("PutApprovalResult")),
        (
            "E11",
            "test_a_rejected_action_fails",
            _shown("actionStates.latestExecution.summary"),
        ),
        ("S12", "test_an_approval_that_is_never_given_fails", accepts("PutApprovalResult")),
        ("S13", "test_an_approval_that_is_never_given_fails", _ran("lastUpdateTime", _later)),
        # Conditions
        (
            "C1",
            "test_an_entry_condition_that_is_not_met_fails_the_stage",
            says("ListRuleExecutions", "ruleExecutionDetails.status", "Succeeded"),
        ),
        (
            "C2",
            "test_an_entry_condition_that_is_not_met_fails_the_stage",
            _status(Failed="Succeeded"),
        ),
        (
            "B6",
            "test_a_failure_rolls_the_stage_back",
            says("ListPipelineExecutions", "pipelineExecutionSummaries.executionType", "STANDARD"),
        ),
        (
            "C10",
            "test_a_condition_can_be_overridden",
            refuses("OverrideStageCondition", "ConditionNotOverridableException"),
        ),
        ("C11", "test_a_condition_can_be_overridden", accepts("OverrideStageCondition")),
        ("C12", "test_rule_types_are_listed", says("ListRuleTypes", "ruleTypes", [])),
        (
            "T1",
            "test_a_failed_stage_is_retried_once_automatically",
            _shown("retryStageMetadata.autoStageRetryAttempt", 2),
        ),
        # Definitions
        ("P1", "test_a_definition_with_a_mistake_is_refused", accepts("CreatePipeline")),
        ("P2", "test_a_definition_with_a_mistake_is_refused", accepts("CreatePipeline")),
        ("P7", "test_a_definition_with_a_mistake_is_refused", accepts("CreatePipeline")),
        ("P2", "test_actions_of_a_stage_have_different_names", accepts("CreatePipeline")),
        ("P3", "test_queues_and_variables_need_a_pipeline_of_type_v2", accepts("CreatePipeline")),
        ("P4", "test_a_pipeline_has_one_kind_of_artifact_store", accepts("CreatePipeline")),
        ("P6", "test_a_name_can_be_used_once", accepts("CreatePipeline")),
        ("P8", "test_tags_do_not_end_executions", _status(InProgress="Cancelled")),
        ("P10", "test_the_role_must_trust_codepipeline", accepts("CreatePipeline")),
        ("P11", "test_pipelines_are_listed_by_name", says("ListPipelines", "pipelines", _reversed)),
        ("C13", "test_conditions_that_do_not_fit_are_refused", accepts("CreatePipeline")),
        ("A11", "test_values_over_the_limits_are_refused", accepts("CreatePipeline")),
        ("R2", "test_an_error_has_a_name_and_a_status", refuses("GetPipeline", "Other")),
        ("R1", "test_values_over_the_limits_are_refused", accepts("CreatePipeline")),
        ("A13", "test_a_function_can_be_named_by_its_arn", _received("arn:aws:lambda", "other")),
        # Events
        ("V1", "test_an_execution_sends_events", _received('"aws.codepipeline"', '"other"')),
        ("V2", "test_an_execution_sends_events", _received('"version": 1.0', '"version": 1')),
        ("V3", "test_an_execution_sends_events", _received("StartPipelineExecution", "other")),
        ("V5", "test_an_execution_sends_events", _received('"category"', '"other"')),
        (
            "V4",
            "test_a_stop_and_a_retry_send_events",
            _received('"pipeline-execution-attempt": 2.0', '"pipeline-execution-attempt": 1.0'),
        ),
        (
            "V15",
            "test_patterns_match_values_of_the_same_type",
            says("TestEventPattern", "Result", lambda result: not result),
        ),
        ("V11", "test_invalid_patterns_are_refused", accepts("TestEventPattern", Result=True)),
        ("V14", "test_invalid_schedules_are_refused", accepts("PutRule", RuleArn="other")),
        ("V7", "test_a_template_with_an_unknown_placeholder_is_refused", accepts("PutTargets")),
        (
            "V16",
            "test_a_rule_starts_a_pipeline",
            says("GetPipelineExecution", "pipelineExecution.trigger.triggerType", "Webhook"),
        ),
        ("V8", "test_a_rule_sends_events_to_another_bus", _received('"red"', '"blue"')),
        (
            "V10",
            "test_a_rule_sends_events_to_another_bus",
            accepts("DeleteEventBus"),
        ),
        # State machines
        *(
            (rule, "test_a_machine_with_a_mistake_is_refused", _CREATES_MACHINES)
            for rule in ("L1", "L2", "L3", "L4", "L5", "L10")
        ),
        ("L3", "test_a_machine_without_a_terminal_state_is_refused", _CREATES_MACHINES),
        (
            "L8",
            "test_expressions_return_the_same_values_as_on_aws",
            _described("output", lambda text: text.replace('"Infinity"', "0")),
        ),
        (
            "L9",
            "test_expressions_return_the_same_values_as_on_aws",
            _described("output", lambda text: text.replace("0.7275", "0.6")),
        ),
        (
            "L6",
            "test_an_expression_without_a_value_fails_the_state",
            _described("error", "States.Runtime"),
        ),
        (
            "L7",
            "test_an_expression_without_a_value_fails_the_state",
            _described("cause", "other"),
        ),
        ("N2", "test_a_machine_that_takes_too_long_times_out", _described("stopDate", _later)),
        (
            "N3",
            "test_an_execution_that_is_stopped_can_be_redriven",
            _happened("executionAbortedEventDetails", {"error": "other"}),
        ),
        ("D1", "test_an_execution_that_is_stopped_can_be_redriven", _described("redriveCount", 0)),
        ("D2", "test_an_execution_that_is_stopped_can_be_redriven", _REENTERED),
        ("D3", "test_an_execution_that_is_stopped_can_be_redriven", _REENTERED),
        ("D5", "test_an_execution_that_succeeded_cannot_be_redriven", accepts("RedriveExecution")),
        (
            "N4",
            "test_a_name_belongs_to_one_execution_or_machine",
            accepts("StartExecution", executionArn="other"),
        ),
        (
            "N6",
            "test_metadata_omits_input_and_output",
            says("DescribeStateMachineForExecution", "definition", "other"),
        ),
        ("D8", "test_an_unknown_token_is_refused", accepts("SendTaskSuccess")),
        ("D8", "test_a_failure_sent_with_a_token_fails_the_task", accepts("SendTaskSuccess")),
        (
            "L13",
            "test_a_failure_sent_with_a_token_fails_the_task",
            _described("output", '{"Error": "", "Cause": ""}'),
        ),
        (
            "L14",
            "test_a_task_that_takes_too_long_times_out",
            _happened("taskScheduledEventDetails.timeoutInSeconds", 5),
        ),
        ("I8", "test_a_missing_function_fails_the_task", _described("cause", "other")),
        (
            "I1",
            "test_a_task_can_call_another_service",
            _described("output", lambda text: text.replace('"Item"', '"item"')),
        ),
        (
            "I2",
            "test_an_error_from_another_service_fails_the_task",
            _described("error", "States.TaskFailed"),
        ),
        (
            "I7",
            "test_an_error_from_another_service_fails_the_task",
            _happened("taskScheduledEventDetails.resourceType", "other"),
        ),
        (
            "I5",
            "test_a_call_that_the_role_may_not_make_fails_the_task",
            _described("cause", "other"),
        ),
        (
            "I2",
            "test_a_call_that_the_role_may_not_make_fails_the_task",
            _described("error", "States.Runtime"),
        ),
        (
            "I3",
            "test_a_call_of_another_service_can_wait_for_an_answer",
            _happened("type", lambda kind: kind.replace("TaskSubmitted", "TaskStarted")),
        ),
        (
            "D9",
            "test_a_call_of_another_service_can_wait_for_an_answer",
            accepts("SendTaskSuccess"),
        ),
        ("L11", "test_a_result_that_is_too_large_can_be_caught", _described("status", "FAILED")),
        (
            "L12",
            "test_a_result_that_is_too_large_can_be_caught",
            _described("output", lambda text: text.replace("'lambda'", "'other'")),
        ),
        (
            "D4",
            "test_a_redrive_is_counted_once_for_each_token",
            _happened("previousEventId", lambda number: number or 1),
        ),
        (
            "D6",
            "test_a_redrive_is_counted_once_for_each_token",
            refuses("RedriveExecution", "ExecutionNotRedrivable", nth=2),
        ),
        (
            "D7",
            "test_a_redrive_is_counted_once_for_each_token",
            says("ListExecutions", "executions.redriveCount", 2),
        ),
        # Tables
        ("Y1", "test_a_write_takes_effect_only_under_its_condition", accepts("PutItem")),
        ("Y2", "test_an_expression_uses_what_it_defines", accepts("UpdateItem")),
    )
]

DIFFERENCES = [*SETTINGS, *PLANTED]
