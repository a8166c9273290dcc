"""Reads the details of an ended execution for the report.

Details never change the outcome, so those that AWS denies or throttles are omitted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from codepipeline_orchestrator.errors import OrchestratorError, TargetAccessDenied
from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.report import EndDetails, FailedAction, Revision, StageAttempt
from codepipeline_orchestrator.model.request import OnSuperseded
from codepipeline_orchestrator.pipeline.comparison import different_revisions, different_variables
from codepipeline_orchestrator.pipeline.executions import rollback_of, successor
from codepipeline_orchestrator.pipeline.failed_action import (
    approvals,
    failed_actions,
    failed_in_stages,
    lacks_kind,
)
from codepipeline_orchestrator.pipeline.listing import (
    Listed,
    action_executions,
    executions_around,
    pipeline_state,
)
from codepipeline_orchestrator.pipeline.output_variables import asked_for
from codepipeline_orchestrator.pipeline.stage_attempts import newest_stages, stage_attempts
from codepipeline_orchestrator.pipeline.unmet_condition import unmet_condition
from codepipeline_orchestrator.telemetry import logger
from codepipeline_orchestrator.text import error_text, plain

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient

    from codepipeline_orchestrator.aws.answers import ActionDetail, PipelineExecution
    from codepipeline_orchestrator.model.request import Request
    from codepipeline_orchestrator.model.state import Execution
    from codepipeline_orchestrator.model.target import Target

_Value = TypeVar("_Value")
# Maximum length of a text from the target's account. A message can hold 5,000 characters.
_LONGEST = 2_000
_LONGEST_REVISION = 1_500  # characters; a limit of the CodePipeline API
# Maximum size of each list as JSON. The state machine passes at most 256 KiB, and a result contains
# more than these lists.
_MOST_BYTES = 20_000


@dataclass(frozen=True)
class Ended:
    """The execution whose details are read, and how to connect to its account."""

    target: Target
    request: Request
    execution: Execution
    outcome: Outcome | None
    connect: Callable[[], CodePipelineClient]
    is_another: bool  # whether the run first followed another execution

    @property
    def execution_id(self) -> str:
        """The id of the execution."""
        return self.execution.pipeline_execution_id


def read_end_details(ended: Ended, found: PipelineExecution) -> tuple[EndDetails, bool]:
    """Read variables, revisions, times, failures, approvals and output variables.

    Also returns whether the stage is being retried: an action is still running, but the execution
    shows Failed. `found` is the execution from GetPipelineExecution.
    """
    outcome = ended.outcome
    details, is_retried = EndDetails(), False
    with _not_vital("variables and revisions"):
        details = _ran_with(found, ended)
    with _not_vital("times"):
        details = _with_times(details, ended)
    if outcome is None:
        with _not_vital("actions"):
            details = replace(details, stages=_stages(_actions(ended), outcome))
    else:
        details, is_retried = _with_actions(details, ended, outcome)
    if outcome is Outcome.FAILED and not details.failures and not is_retried:
        with _not_vital("stages"):
            shown = _failures_in_stages(details, ended)
            of_actions = any(each.action is not None for each in shown)
            details = replace(details, failures=shown, kinds_unknown=of_actions)
    return details, is_retried


@contextmanager
def _not_vital(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001 - no error may change the outcome
        _warn(what, error)


def _warn(what: str, error: Exception) -> None:
    logger.warning("the report lacks details", lacks=what, error=error_text(error))


def _ran_with(found: PipelineExecution, ended: Ended) -> EndDetails:
    revisions = [
        Revision(each.name, plain(each.revision_id, _LONGEST_REVISION) or "")
        for each in found.artifact_revisions
        if each.name or each.revision_id
    ]
    variables = [
        {"name": each.name, "resolvedValue": each.resolved_value}
        for each in found.variables
        if each.name is not None and each.resolved_value is not None
    ]
    differences = different_variables(ended.request, found.variables) if ended.is_another else ()
    return EndDetails(
        status_summary=plain(found.status_summary, _LONGEST),
        variables=_as_many(variables),
        differences=differences,
        source_revisions=_as_many(revisions),
        rollback_of=found.rollback_metadata.rollback_target_pipeline_execution_id,
    )


def _as_many(values: Sequence[_Value]) -> tuple[_Value, ...]:
    kept: list[_Value] = []
    left = _MOST_BYTES
    for each in values:
        left -= len(json.dumps(to_document(each))) + 2  # 2 for the comma and the space
        if left >= 0:
            kept.append(each)
    return tuple(kept)


def _with_times(details: EndDetails, ended: Ended) -> EndDetails:
    """Add the times, the stop reason and the successor, which only ListPipelineExecutions shows."""
    # The execution that superseded or rolled back this one may be anywhere in the list.
    alone = ended.outcome not in {Outcome.SUPERSEDED, Outcome.FAILED}
    listed = executions_around(
        ended.target, ended.execution_id, codepipeline=ended.connect(), alone=alone
    )
    found = listed.execution(ended.execution_id)
    if found is None:
        return details
    different = (
        different_revisions(ended.request, found.source_revisions) if ended.is_another else ()
    )
    return replace(
        details,
        start_time=found.start_time,
        end_time=found.last_update_time if ended.outcome is not None else None,
        stop_reason=plain(found.stop_trigger.reason, _LONGEST),
        superseded_by=_superseded_by(listed, ended),
        rolled_back_by=_rolled_back_by(listed, ended),
        differences=(*details.differences, *different),
    )


def _superseded_by(listed: Listed, ended: Ended) -> str | None:
    if ended.outcome is not Outcome.SUPERSEDED:
        return None
    newer = successor(listed.executions, ended.execution_id, ended.execution.start_time)
    return newer.pipeline_execution_id if newer else None


def _rolled_back_by(listed: Listed, ended: Ended) -> str | None:
    if ended.outcome is not Outcome.FAILED:
        return None
    return rollback_of(listed.executions, ended.execution_id)


_DEFECT = "the orchestrator failed to read the actions (check the logs of its functions)"


def _with_actions(details: EndDetails, ended: Ended, outcome: Outcome) -> tuple[EndDetails, bool]:
    """Add the details from the action executions, or the reason why they are missing."""
    try:
        return _from_actions(details, ended.request, outcome, _actions(ended))
    except TargetAccessDenied as error:
        _warn("actions", error)
        unread = (
            f"the role {ended.target.role_arn} is not allowed to perform "
            "codepipeline:ListActionExecutions"
        )
    except OrchestratorError as error:
        _warn("actions", error)
        unread = "CodePipeline did not answer ListActionExecutions"
    except Exception as error:  # noqa: BLE001 - no error may change the outcome
        _warn("actions", error)
        unread = _DEFECT
    wanted = _wanted(ended.request, outcome)
    return replace(details, actions_unread=unread, missing_variables=wanted), False


def _actions(ended: Ended) -> list[ActionDetail]:
    return action_executions(ended.target, ended.execution_id, codepipeline=ended.connect())


def _stages(actions: Sequence[ActionDetail], outcome: Outcome | None) -> tuple[StageAttempt, ...]:
    return newest_stages(stage_attempts(actions, outcome))


def _from_actions(
    details: EndDetails, request: Request, outcome: Outcome, actions: Sequence[ActionDetail]
) -> tuple[EndDetails, bool]:
    has_failed = outcome is Outcome.FAILED
    made = asked_for(request.output_variables, actions)
    missing = (name for name in _wanted(request, outcome) if name not in made)
    details = replace(
        details,
        approvals=_as_many(approvals(actions)),
        stages=_stages(actions, outcome),
        failures=failed_actions(actions, details.source_revisions) if has_failed else (),
        kinds_unknown=has_failed and lacks_kind(actions),
        target_variables=made if request.output_variables else None,
        missing_variables=tuple(missing),
    )
    is_running = any(each.status == "InProgress" for each in actions)
    return details, has_failed and is_running


def _wanted(request: Request, outcome: Outcome) -> tuple[str, ...]:
    """The output variables that the run should return. A failing run returns none."""
    accepts = request.on_superseded is OnSuperseded.SUCCEED
    is_accepted = accepts and outcome is Outcome.SUPERSEDED
    return request.output_variables if is_accepted or outcome is Outcome.SUCCEEDED else ()


def _failures_in_stages(details: EndDetails, ended: Ended) -> tuple[FailedAction, ...]:
    """The failed actions or the unmet condition that only GetPipelineState shows."""
    state = pipeline_state(ended.target, codepipeline=ended.connect())
    began = details.start_time or ended.execution.start_time
    failed = failed_in_stages(state.stage_states, ended.execution_id, began)
    unmet = unmet_condition(state.stage_states, ended.execution_id)
    return failed or ((unmet,) if unmet else ())
