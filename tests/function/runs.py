"""A run and its target, and what AWS answers about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from codepipeline_orchestrator.model.state import Execution, Progress, Request, RunState
from codepipeline_orchestrator.model.target import Target

RUN = "arn:aws:states:eu-west-1:111122223333:execution:Runs:job-1"
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ID = "aaaaaaaa-1111-2222-3333-444444444444"
OTHER = "bbbbbbbb-1111-2222-3333-444444444444"
THIRD = "cccccccc-1111-2222-3333-444444444444"
TARGET = Target(
    "deploy", "222233334444", "eu-west-1", "aws", "arn:aws:iam::222233334444:role/t", None, "run-1"
)
STATE = RunState(
    run=RUN,
    target=TARGET,
    request=Request("start", True, START.isoformat(), (START + timedelta(hours=1)).isoformat()),
    execution=Execution(ID, START.isoformat()),
    progress=Progress(),
)


def moment(second):
    """So many seconds after the run's start."""
    return START + timedelta(seconds=second)


def asked(**request):
    """The run as somebody asked for it who said more."""
    return replace(STATE, request=replace(STATE.request, **request))


def seen(status, polls=4, state=STATE):
    """The run after some looks at the target, between two that ask where it stands."""
    return replace(state, progress=Progress(polls, status, pace={}))


def reads(codepipeline, status, **more):
    """GetPipelineExecution answers this."""
    codepipeline.add_response(
        "get_pipeline_execution",
        {
            "pipelineExecution": {
                "pipelineName": "deploy",
                "pipelineExecutionId": ID,
                "status": status,
                **more,
            }
        },
        {"pipelineName": "deploy", "pipelineExecutionId": ID},
    )


def lists(codepipeline, *summaries):
    """ListPipelineExecutions answers this."""
    codepipeline.add_response(
        "list_pipeline_executions", {"pipelineExecutionSummaries": list(summaries)}
    )


def acted(codepipeline, *details):
    """ListActionExecutions answers this."""
    codepipeline.add_response(
        "list_action_executions",
        {"actionExecutionDetails": list(details)},
        {"pipelineName": "deploy", "filter": {"pipelineExecutionId": ID}},
    )


def stands(codepipeline, stage, action):
    """GetPipelineState shows the target in this action."""
    going_on = {"pipelineExecutionId": ID, "status": "InProgress"}
    inside = {"actionName": action, "latestExecution": {"status": "InProgress"}}
    codepipeline.add_response(
        "get_pipeline_state",
        {
            "stageStates": [
                {"stageName": stage, "latestExecution": going_on, "actionStates": [inside]}
            ]
        },
        {"name": "deploy"},
    )


def summary(execution_id, status, minute=0, **more):
    """A PipelineExecutionSummary; it began and last changed so many minutes after the run."""
    moment = START + timedelta(minutes=minute)
    return {
        "pipelineExecutionId": execution_id,
        "status": status,
        "startTime": moment,
        "lastUpdateTime": moment,
        **more,
    }


def action(status, stage="Deploy", name="Rollout", category="Deploy", **more):
    """An ActionExecutionDetail."""
    kind = {"category": category, "owner": "AWS", "provider": "P", "version": "1"}
    return {
        "stageName": stage,
        "actionName": name,
        "status": status,
        "lastUpdateTime": START,
        "input": {"actionTypeId": kind},
        **more,
    }
