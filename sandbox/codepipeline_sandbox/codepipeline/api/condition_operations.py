"""The API operations for conditions and rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline.api import pagination, rule_descriptions
from codepipeline_sandbox.codepipeline.declaration import rule_types
from codepipeline_sandbox.codepipeline.engine import latest_runs, overrides
from codepipeline_sandbox.codepipeline.engine.conditional_stages import ConditionalStageRun

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.codepipeline.engine.executions import Execution
    from codepipeline_sandbox.codepipeline.engine.rules import RuleRun
    from codepipeline_sandbox.codepipeline.models import CodePipelineBackend

Document = dict[str, Any]


def override_stage_condition(
    backend: CodePipelineBackend,
    *,
    pipeline_name: str,
    stage_name: str,
    pipeline_execution_id: str,
    condition_type: str,
    caller: str,
) -> Document:
    """Continue an execution as if a condition had been met."""
    pipeline = backend.pipeline(pipeline_name)
    overrides.override(pipeline, stage_name, pipeline_execution_id, condition_type, caller)
    return {}


def list_rule_executions(
    backend: CodePipelineBackend,
    *,
    pipeline_name: str,
    max_results: int = 100,
    filter: Mapping[str, Any] | None = None,  # noqa: A002 - the API's name
    next_token: str | None = None,
) -> Document:
    """List the runs of the pipeline's rules, newest first."""
    wanted = dict(filter or {})
    executions = latest_runs.executions(backend.pipeline(pipeline_name), wanted)
    runs = [run for each in executions for run in _rule_runs(each)]
    return pagination.answer(
        "ruleExecutionDetails",
        latest_runs.wanted(runs, wanted, key=lambda run: (run.condition.kind, run.name)),
        rule_descriptions.rule,
        position=lambda run: -run.number,
        scope=["ListRuleExecutions", pipeline_name, wanted],
        size=max_results,
        token=next_token,
    )


def list_rule_types(
    _backend: CodePipelineBackend,
    *,
    rule_owner_filter: str | None = None,
    region_filter: str | None = None,
) -> Document:
    """List the rule types. All of them belong to AWS and exist in every Region."""
    assert rule_owner_filter in {None, "AWS"}, "the API model has no other owner"
    del region_filter
    return {"ruleTypes": rule_types.listed()}


def _rule_runs(execution: Execution) -> list[RuleRun]:
    stages = execution.stage_runs.values()
    return [r for run in stages if isinstance(run, ConditionalStageRun) for r in run.rule_runs]
