"""Finds the unmet stage condition of an execution that failed without a failed action."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from codepipeline_orchestrator.model.report import FailedAction
from codepipeline_orchestrator.pipeline.failed_action import failed_rule, shows_failed

if TYPE_CHECKING:
    from codepipeline_orchestrator.aws.answers import RuleState, StageState

_NOT_MET = {"Failed", "Errored"}


def unmet_condition(stages: Iterable[StageState], execution_id: str) -> FailedAction | None:
    """The condition that ended the execution, from GetPipelineState's stageStates.

    The result is None unless a stage shows this execution as Failed.
    """
    for stage in stages:
        if stage.stage_name is not None and shows_failed(stage, execution_id):
            for condition, rule in rules_with_status(stage, _NOT_MET):
                return failed_rule(stage.stage_name, condition, rule)
    return None


def rules_with_status(
    stage: StageState, statuses: Collection[str]
) -> Iterator[tuple[str, RuleState]]:
    """The stage's rules with one of these statuses, each with the name of its condition."""
    # The names of the conditions in OverrideStageCondition.
    conditions = {
        "BEFORE_ENTRY": stage.before_entry_condition_state,
        "ON_SUCCESS": stage.on_success_condition_state,
    }
    for condition, shown in conditions.items():
        for state in shown.condition_states:
            for rule in state.rule_states:
                if rule.latest_execution.status in statuses:
                    yield condition, rule
