"""Formats conditions and rules for ListRuleExecutions and GetPipelineState."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline.declaration import rule_types
from codepipeline_sandbox.codepipeline.engine.conditional_stages import ConditionalStageRun
from codepipeline_sandbox.codepipeline.times import timestamp

if TYPE_CHECKING:
    from codepipeline_sandbox.codepipeline.engine.conditions import ConditionRun
    from codepipeline_sandbox.codepipeline.engine.rules import RuleRun
    from codepipeline_sandbox.codepipeline.engine.stages import StageRun


def rule(run: RuleRun) -> dict[str, Any]:
    """Format a rule's run for ListRuleExecutions."""
    shown = {
        "pipelineExecutionId": run.execution.id,
        "ruleExecutionId": run.id,
        "pipelineVersion": run.execution.version,
        "stageName": run.stage_run.name,
        "ruleName": run.name,
        "startTime": timestamp(run.start_time),
        "lastUpdateTime": timestamp(run.last_update),
        "updatedBy": run.updated_by,
        "status": run.status,
        "input": _input(run),
        "output": {"executionResult": _result(run)},
    }
    return {key: value for key, value in shown.items() if value is not None}


def condition_states(run: StageRun) -> dict[str, Any]:
    """Format the states of a stage's conditions for GetPipelineState."""
    if not isinstance(run, ConditionalStageRun):
        return {}
    return {f"{kind}ConditionState": _state(each) for kind, each in run.conditions.items()}


def _state(condition: ConditionRun) -> dict[str, Any]:
    latest = {
        "status": condition.status,
        "lastStatusChange": timestamp(condition.last_status_change),
    }
    rules = [_rule_state(each) for each in condition.rules]
    return {
        "latestExecution": {"status": condition.status},
        "conditionStates": [{"latestExecution": latest, "ruleStates": rules}],
    }


def _rule_state(run: RuleRun) -> dict[str, Any]:
    latest = {
        "ruleExecutionId": run.id,
        "status": run.status,
        "summary": run.summary,
        "lastStatusChange": timestamp(run.last_update),
        "lastUpdatedBy": run.updated_by,
        "externalExecutionId": run.external_execution_id,
        "externalExecutionUrl": run.external_url,
        "errorDetails": _error(run),
    }
    known = {key: value for key, value in latest.items() if value is not None}
    return {"ruleName": run.name, "latestExecution": known}


def _input(run: RuleRun) -> dict[str, Any]:
    names = [each["name"] for each in run.declaration.get("inputArtifacts", ())]
    made = run.execution.artifacts
    given = {
        "ruleTypeId": rule_types.complete(run.declaration["ruleTypeId"]),
        "configuration": run.configuration,
        "resolvedConfiguration": run.resolved_configuration,
        "roleArn": run.declaration.get("roleArn"),
        "region": run.declaration.get("region", run.execution.pipeline.region),
        "inputArtifacts": [made[name].detail() for name in names if name in made],
    }
    return {key: value for key, value in given.items() if value is not None}


def _result(run: RuleRun) -> dict[str, Any]:
    result = {
        "externalExecutionId": run.external_execution_id,
        "externalExecutionSummary": run.summary,
        "externalExecutionUrl": run.external_url,
        "errorDetails": _error(run),
    }
    return {key: value for key, value in result.items() if value is not None}


def _error(run: RuleRun) -> dict[str, str] | None:
    return None if run.error is None else {"code": run.error.code, "message": run.error.message}
