"""Finds failed actions and approvals among a pipeline execution's action executions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from codepipeline_orchestrator.model.links import log_link
from codepipeline_orchestrator.model.report import Approval, FailedAction, Revision
from codepipeline_orchestrator.text import is_web_address, plain

if TYPE_CHECKING:
    from codepipeline_orchestrator.aws.answers import (
        ActionDetail,
        LatestRun,
        RuleState,
        StageState,
    )

_EPOCH = datetime.fromtimestamp(0, UTC)
# Maximum length of a text from the target's account. A message can hold 5,000 characters.
_LONGEST = 2_000
_LONGEST_LINK = 2_048  # characters; a limit of the CodePipeline API


def failed_action(detail: ActionDetail) -> FailedAction | None:
    """The failed action from an ActionExecutionDetail, or None if its name or stage is missing."""
    if detail.stage_name is None or detail.action_name is None:
        return None
    result = detail.output.execution_result
    error = result.error_details
    return FailedAction(
        stage=detail.stage_name,
        action=detail.action_name,
        code=plain(error.code, _LONGEST),
        message=plain(error.message or result.external_execution_summary, _LONGEST),
        approval=is_approval(detail),
        approver=plain(detail.updated_by, _LONGEST) if is_approval(detail) else None,
        link=_web_address(result.external_execution_url),
        log_link=log_link(result.log_stream_arn),
    )


def failed_actions(
    details: Iterable[ActionDetail], revisions: Sequence[Revision] = ()
) -> tuple[FailedAction, ...]:
    """The failed actions that ended the execution, in the order in which they failed.

    `details` are the execution's action executions, newest first. `revisions` are its source
    revisions.
    """
    newest = _newest_attempts(details)
    failed = [each for each in newest if each.status == "Failed"]
    if not failed:
        return ()
    last_start = max(each.start_time or _EPOCH for each in newest)
    # No action starts after a failure until the stage is retried. If all actions of the stage are
    # retried, an earlier action may fail while a later action's old failure is still listed.
    last = [each for each in failed if (each.last_update_time or _EPOCH) >= last_start] or failed
    last.sort(key=lambda detail: detail.last_update_time or _EPOCH)
    named = ((failed_action(each), _revision(each, revisions)) for each in last)
    return tuple(replace(each, revision=revision) for each, revision in named if each)


def failed_in_stages(
    stages: Iterable[StageState], execution_id: str, began: datetime | None
) -> tuple[FailedAction, ...]:
    """The failed actions of this execution that GetPipelineState shows, in the pipeline's order.

    Only stages that show this execution as Failed count. Failures from before the execution `began`
    are ignored. They are from an earlier execution and belong to actions that this one did not
    reach.
    """
    return tuple(
        _failed(action.latest_execution, FailedAction(stage.stage_name, action.action_name))
        for stage in stages
        if stage.stage_name is not None and shows_failed(stage, execution_id)
        for action in stage.action_states
        if action.action_name is not None
        and action.latest_execution.status == "Failed"
        and not _is_before(action.latest_execution.last_status_change, began)
    )


def shows_failed(stage: StageState, execution_id: str) -> bool:
    """Whether the stage shows this execution as Failed."""
    latest = stage.latest_execution
    return latest.pipeline_execution_id == execution_id and latest.status == "Failed"


def _failed(latest: LatestRun, what: FailedAction) -> FailedAction:
    return replace(
        what,
        code=plain(latest.error_details.code, _LONGEST),
        message=plain(latest.error_details.message or latest.summary, _LONGEST),
        link=_web_address(latest.external_execution_url),
        log_link=log_link(latest.log_stream_arn),
    )


def _is_before(moment: datetime | None, began: datetime | None) -> bool:
    return moment is not None and began is not None and moment < began


def failed_rule(stage: str, condition: str, rule: RuleState) -> FailedAction:
    """The failed rule of a stage's condition, from a RuleState of GetPipelineState."""
    return _failed(
        rule.latest_execution, FailedAction(stage, condition=condition, rule=rule.rule_name)
    )


def _revision(detail: ActionDetail, revisions: Sequence[Revision]) -> str | None:
    inputs = {each.name for each in detail.input.input_artifacts}
    own = [each for each in revisions if each.name in inputs]
    known = own or revisions
    return known[0].revision_id if len(known) == 1 and known[0].revision_id else None


def approvals(details: Iterable[ActionDetail]) -> tuple[Approval, ...]:
    """The approvals that were given, oldest first. `details` are newest first."""
    return tuple(
        Approval(
            stage=each.stage_name,
            action=each.action_name,
            by=plain(each.updated_by, _LONGEST),
            summary=plain(each.output.execution_result.external_execution_summary, _LONGEST),
        )
        for each in reversed(_newest_attempts(details))
        if is_approval(each)
        and each.status == "Succeeded"
        and each.stage_name is not None
        and each.action_name is not None
    )


def _newest_attempts(details: Iterable[ActionDetail]) -> list[ActionDetail]:
    """Only the newest execution of each action. A retried action has several."""
    newest: dict[tuple[str | None, str | None], ActionDetail] = {}
    for detail in details:
        newest.setdefault((detail.stage_name, detail.action_name), detail)
    return list(newest.values())


def is_approval(detail: ActionDetail) -> bool:
    """Whether an ActionExecutionDetail belongs to an approval."""
    return detail.input.action_type_id.category == "Approval"


def lacks_kind(details: Iterable[ActionDetail]) -> bool:
    """Whether AWS omitted the category of a failed action, which might be an approval."""
    return any(
        each.status == "Failed" and each.input.action_type_id.category is None for each in details
    )


def _web_address(url: str | None) -> str | None:
    """The URL if it is safe to show as a link, or else None."""
    address = plain(url, _LONGEST_LINK)
    return address if address and is_web_address(address) else None
