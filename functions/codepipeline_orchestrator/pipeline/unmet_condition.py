"""Which condition of a stage was not met, for an execution that failed though no action did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from codepipeline_orchestrator.model.report import FailedAction
from codepipeline_orchestrator.pipeline.failed_action import failed_rule

# The stage's member of GetPipelineState, and the condition as OverrideStageCondition calls it.
_CONDITIONS = {
    "beforeEntryConditionState": "BEFORE_ENTRY",
    "onSuccessConditionState": "ON_SUCCESS",
}
_NOT_MET = {"Failed", "Errored"}


def unmet_condition(stages: Iterable[Mapping[str, Any]], execution_id: str) -> FailedAction | None:
    """The condition that ended the execution, from GetPipelineState's stageStates.

    None unless a stage shows this very execution as Failed: what another one left says nothing.
    """
    for stage in stages:
        latest = stage.get("latestExecution", {})
        if latest.get("pipelineExecutionId") == execution_id and latest.get("status") == "Failed":
            for condition, rule in _rules_not_met(stage):
                return failed_rule(stage["stageName"], condition, rule)
    return None


def _rules_not_met(stage: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for member, condition in _CONDITIONS.items():
        for state in stage.get(member, {}).get("conditionStates", []):
            for rule in state.get("ruleStates", []):
                if rule.get("latestExecution", {}).get("status") in _NOT_MET:
                    yield condition, rule
