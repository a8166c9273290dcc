"""Reads AWS's responses defensively.

The API models require almost no response members
(https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineExecutionSummary.html, for
example), so every field of the shapes below is optional. A member that is missing or has an
undocumented type becomes None or empty. Unknown members are ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from functools import cache, partial
from types import UnionType
from typing import Any, TypeVar, dataclass_transform, get_args, get_origin, get_type_hints

from codepipeline_orchestrator.model.documents import json_name

_Shape = TypeVar("_Shape")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def _shape(of: type[_Shape]) -> type[_Shape]:
    """Make a dataclass that mypy treats as frozen.

    A real frozen dataclass has generated methods that nothing calls. With this many shapes, they
    would lengthen ReportJobResult's cold start by a sixth. Without a generated repr, log lines
    cannot show credentials.
    """
    return dataclass(repr=False, eq=False)(of)


_Reader = Callable[[Any], Any]


def read_answer(shape: type[_Shape], raw: Any) -> _Shape:
    """Read a response, or part of one, into this shape.

    If `raw` is not a mapping, the shape is empty. A list item that is not a mapping becomes an
    empty shape, so lists keep their length.
    """
    if not isinstance(raw, Mapping):
        return shape()
    values = {name: reader(raw.get(member)) for name, member, reader in _members(shape)}  # type: ignore[arg-type] # a class is hashable
    return shape(**{name: value for name, value in values.items() if value is not None})


@cache
def _members(shape: type) -> tuple[tuple[str, str, _Reader], ...]:
    """Return the name, the name in AWS, and the reader of each field."""
    hints = get_type_hints(shape)
    return tuple(
        (each.name, each.metadata.get("member", json_name(each.name)), _reader(hints[each.name]))
        for each in fields(shape)
    )


def _reader(hint: Any) -> _Reader:
    if get_origin(hint) is UnionType:  # the type hint is `of | None`
        return _reader(get_args(hint)[0])
    if get_origin(hint) is tuple:
        return partial(_items, get_args(hint)[0])
    if is_dataclass(hint) and isinstance(hint, type):
        return partial(read_answer, hint)
    if get_origin(hint) is Mapping:
        return _texts
    return {str: _text, int: _number, bool: _truth, datetime: _moment}[hint]


def _items(shape: type, raw: Any) -> tuple[Any, ...] | None:
    return (
        tuple(read_answer(shape, each) for each in raw) if isinstance(raw, (list, tuple)) else None
    )


def _text(raw: Any) -> str | None:
    return raw if isinstance(raw, str) and raw else None


def _texts(raw: Any) -> Mapping[str, str] | None:
    if not isinstance(raw, Mapping):
        return None
    return {
        name: value
        for name, value in raw.items()
        if isinstance(name, str) and isinstance(value, str)
    }


def _number(raw: Any) -> int | None:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else None


def _truth(raw: Any) -> bool | None:
    return raw if isinstance(raw, bool) else None


def _moment(raw: Any) -> datetime | None:
    return raw if isinstance(raw, datetime) and raw.tzinfo is not None else None


@_shape
class Trigger:
    """ExecutionTrigger: what started an execution."""

    trigger_type: str | None = None
    trigger_detail: str | None = None


@_shape
class StopTrigger:
    """StopExecutionTrigger."""

    reason: str | None = None


@_shape
class SourceActionRevision:
    """SourceRevision: the revision that a source action found."""

    action_name: str | None = None
    revision_id: str | None = None


@_shape
class RollbackMetadata:
    """PipelineRollbackMetadata."""

    rollback_target_pipeline_execution_id: str | None = None


@_shape
class ExecutionSummary:
    """PipelineExecutionSummary: an execution as ListPipelineExecutions shows it."""

    pipeline_execution_id: str | None = None
    status: str | None = None
    start_time: datetime | None = None
    last_update_time: datetime | None = None
    source_revisions: tuple[SourceActionRevision, ...] = ()
    trigger: Trigger = field(default_factory=Trigger)
    stop_trigger: StopTrigger = field(default_factory=StopTrigger)
    execution_mode: str | None = None
    execution_type: str | None = None
    rollback_metadata: RollbackMetadata = field(default_factory=RollbackMetadata)


@_shape
class ExecutionPage:
    """A ListPipelineExecutions response."""

    pipeline_execution_summaries: tuple[ExecutionSummary, ...] | None = None
    next_token: str | None = None


@_shape
class ArtifactRevision:
    """ArtifactRevision: the revision in a source artifact."""

    name: str | None = None
    revision_id: str | None = None


@_shape
class ResolvedVariable:
    """ResolvedPipelineVariable."""

    name: str | None = None
    resolved_value: str | None = None


@_shape
class PipelineExecution:
    """PipelineExecution: an execution as GetPipelineExecution shows it."""

    status: str | None = None
    status_summary: str | None = None
    pipeline_version: int | None = None
    artifact_revisions: tuple[ArtifactRevision, ...] = ()
    variables: tuple[ResolvedVariable, ...] = ()
    rollback_metadata: RollbackMetadata = field(default_factory=RollbackMetadata)


@_shape
class ExecutionAnswer:
    """A GetPipelineExecution response."""

    pipeline_execution: PipelineExecution = field(default_factory=PipelineExecution)


@_shape
class StartAnswer:
    """A StartPipelineExecution response."""

    pipeline_execution_id: str | None = None


@_shape
class ErrorDetails:
    """ErrorDetails: why an action or a rule failed."""

    code: str | None = None
    message: str | None = None


@_shape
class ActionType:
    """ActionTypeId."""

    category: str | None = None


@_shape
class Artifact:
    """ArtifactDetail."""

    name: str | None = None


@_shape
class ActionInput:
    """ActionExecutionInput."""

    action_type_id: ActionType = field(default_factory=ActionType)
    input_artifacts: tuple[Artifact, ...] = ()
    namespace: str | None = None


@_shape
class ActionResult:
    """ActionExecutionResult."""

    external_execution_summary: str | None = None
    external_execution_url: str | None = None
    error_details: ErrorDetails = field(default_factory=ErrorDetails)
    log_stream_arn: str | None = field(default=None, metadata={"member": "logStreamARN"})


@_shape
class ActionOutput:
    """ActionExecutionOutput."""

    execution_result: ActionResult = field(default_factory=ActionResult)
    output_variables: Mapping[str, str] = field(default_factory=dict)


@_shape
class ActionDetail:
    """ActionExecutionDetail: an execution of an action as ListActionExecutions shows it."""

    pipeline_execution_id: str | None = None
    action_execution_id: str | None = None
    stage_name: str | None = None
    action_name: str | None = None
    status: str | None = None
    start_time: datetime | None = None
    last_update_time: datetime | None = None
    updated_by: str | None = None
    input: ActionInput = field(default_factory=ActionInput)
    output: ActionOutput = field(default_factory=ActionOutput)


@_shape
class ActionPage:
    """A ListActionExecutions response."""

    action_execution_details: tuple[ActionDetail, ...] | None = None
    next_token: str | None = None


@_shape
class StageExecution:
    """StageExecution: the execution that is in a stage or waiting to enter it."""

    pipeline_execution_id: str | None = None
    status: str | None = None
    type: str | None = None


@_shape
class LatestRun:
    """ActionExecution or RuleExecution: the latest execution of an action or a rule."""

    status: str | None = None
    summary: str | None = None
    last_status_change: datetime | None = None
    token: str | None = None
    external_execution_url: str | None = None
    error_details: ErrorDetails = field(default_factory=ErrorDetails)
    log_stream_arn: str | None = field(default=None, metadata={"member": "logStreamARN"})


@_shape
class ActionState:
    """ActionState."""

    action_name: str | None = None
    latest_execution: LatestRun = field(default_factory=LatestRun)


@_shape
class TransitionState:
    """TransitionState: the state of the transition into a stage."""

    enabled: bool | None = None
    last_changed_by: str | None = None
    last_changed_at: datetime | None = None
    disabled_reason: str | None = None


@_shape
class RuleState:
    """RuleState."""

    rule_name: str | None = None
    latest_execution: LatestRun = field(default_factory=LatestRun)


@_shape
class ConditionState:
    """ConditionState."""

    rule_states: tuple[RuleState, ...] = ()


@_shape
class StageConditions:
    """StageConditionState."""

    condition_states: tuple[ConditionState, ...] = ()


@_shape
class StageState:
    """StageState."""

    stage_name: str | None = None
    latest_execution: StageExecution = field(default_factory=StageExecution)
    inbound_execution: StageExecution = field(default_factory=StageExecution)
    inbound_executions: tuple[StageExecution, ...] = ()
    inbound_transition_state: TransitionState = field(default_factory=TransitionState)
    action_states: tuple[ActionState, ...] = ()
    before_entry_condition_state: StageConditions = field(default_factory=StageConditions)
    on_success_condition_state: StageConditions = field(default_factory=StageConditions)


@_shape
class PipelineState:
    """A GetPipelineState response."""

    pipeline_version: int | None = None
    stage_states: tuple[StageState, ...] = ()


@_shape
class Condition:
    """Condition, without its rules."""

    result: str | None = None


@_shape
class FailureConditions:
    """FailureConditions: what CodePipeline does when a stage fails."""

    result: str | None = None
    conditions: tuple[Condition, ...] = ()


@_shape
class DeclaredStage:
    """StageDeclaration, without its actions."""

    name: str | None = None
    on_failure: FailureConditions = field(default_factory=FailureConditions)


@_shape
class Declaration:
    """PipelineDeclaration: one version of a pipeline's definition."""

    stages: tuple[DeclaredStage, ...] = ()


@_shape
class PipelineAnswer:
    """A GetPipeline response."""

    pipeline: Declaration = field(default_factory=Declaration)


@_shape
class ContextAction:
    """ActionContext."""

    action_execution_id: str | None = None


@_shape
class PipelineContext:
    """PipelineContext: the pipeline and action that a job belongs to."""

    pipeline_name: str | None = None
    pipeline_arn: str | None = None
    pipeline_execution_id: str | None = None
    action: ContextAction = field(default_factory=ContextAction)


@_shape
class ActionConfiguration:
    """ActionConfiguration."""

    configuration: Mapping[str, str] = field(default_factory=dict)


@_shape
class JobData:
    """JobData, without its credentials."""

    action_configuration: ActionConfiguration = field(default_factory=ActionConfiguration)
    pipeline_context: PipelineContext = field(default_factory=PipelineContext)
    continuation_token: str | None = None


@_shape
class JobDetails:
    """JobDetails, or the job in a Lambda invoke action's event."""

    id: str | None = None
    account_id: str | None = None
    data: JobData = field(default_factory=JobData)


@_shape
class JobAnswer:
    """A GetJobDetails response."""

    job_details: JobDetails = field(default_factory=JobDetails)


@_shape
class JobEvent:
    """The event that CodePipeline sends to the function of a Lambda invoke action."""

    job: JobDetails = field(default_factory=JobDetails, metadata={"member": "CodePipeline.job"})


@_shape
class Credentials:
    """A role session's credentials. They never appear in log lines or messages."""

    access_key_id: str | None = field(default=None, metadata={"member": "AccessKeyId"})
    secret_access_key: str | None = field(default=None, metadata={"member": "SecretAccessKey"})
    session_token: str | None = field(default=None, metadata={"member": "SessionToken"})

    @property
    def are_whole(self) -> bool:
        """Whether the credentials are complete."""
        return None not in {self.access_key_id, self.secret_access_key, self.session_token}


@_shape
class RoleAnswer:
    """An AssumeRole response."""

    credentials: Credentials = field(
        default_factory=Credentials, metadata={"member": "Credentials"}
    )


@_shape
class RunDescription:
    """A DescribeExecution response, with the requested ARN."""

    execution_arn: str = ""
    status: str | None = None
    input: str | None = None
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    redrive_count: int = 0
    stop_date: datetime | None = None


@_shape
class StatusChange:
    """The detail of a Step Functions Execution Status Change event."""

    execution_arn: str | None = None
    status: str | None = None
    redrive_count: int = 0


@_shape
class StatusEvent:
    """A Step Functions Execution Status Change event."""

    detail: StatusChange = field(default_factory=StatusChange)


@_shape
class PipelineChange:
    """The detail of a CodePipeline event."""

    pipeline: str | None = None
    execution_id: str | None = field(default=None, metadata={"member": "execution-id"})
    state: str | None = None
    type: ActionType = field(default_factory=ActionType)


@_shape
class PipelineEvent:
    """An event about a pipeline execution, or about one of its actions.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html
    """

    account: str | None = None
    region: str | None = None
    detail_type: str | None = field(default=None, metadata={"member": "detail-type"})
    detail: PipelineChange = field(default_factory=PipelineChange)


@_shape
class InvocationContext:
    """The requestContext of Lambda's record of an asynchronous invocation."""

    function_arn: str | None = None
    condition: str | None = None


@_shape
class InvocationRecord:
    """Lambda's record of an asynchronous invocation, without the payload."""

    request_context: InvocationContext = field(default_factory=InvocationContext)


@_shape
class TaskScheduled:
    """TaskScheduledEventDetails."""

    parameters: str | None = None


@_shape
class TaskSucceeded:
    """TaskSucceededEventDetails."""

    output: str | None = None


@_shape
class HistoryEvent:
    """HistoryEvent."""

    task_succeeded_event_details: TaskSucceeded = field(default_factory=TaskSucceeded)
    task_scheduled_event_details: TaskScheduled = field(default_factory=TaskScheduled)


@_shape
class HistoryPage:
    """A GetExecutionHistory response."""

    events: tuple[HistoryEvent, ...] = ()
    next_token: str | None = None
