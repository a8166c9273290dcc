from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.model.documents import from_document, to_document
from codepipeline_orchestrator.model.request import Mode, Request
from codepipeline_orchestrator.model.state import Execution, Memory, RunState
from codepipeline_orchestrator.model.target import Target
from get_state import poll
from start_execution import attempt

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
    request=Request(Mode.START, True, START, START + timedelta(hours=1)),
    execution=Execution(ID, START),
)


OURS = {
    "trigger": {
        "triggerType": "StartPipelineExecution",
        "triggerDetail": f"arn:aws:sts::222233334444:assumed-role/t/{TARGET.role_session_name}",
    }
}


def moment(second):
    return START + timedelta(seconds=second)


def asked(**request):
    document = {**to_document(STATE.request), **request}
    return replace(STATE, request=from_document(Request, document))


def seen(status, polls=4, state=STATE):
    """A run that has polled a few times and whose next poll reads only the status."""
    failed_since = moment(-10) if status == "Failed" else None
    return replace(state, memory=Memory(polls, status, pace={}, failed_since=failed_since))


def begun(state, codepipeline):
    return attempt(state, connect=lambda _target: codepipeline.client)


def polled(state, codepipeline, connect=None):
    """The result of a poll, with the report's details merged into the report."""
    made = poll(state, connect=connect or (lambda _target: codepipeline.client))
    if "report" in made:
        made["report"] |= made["report"].get("details", {})
    return made


def waits(made):
    """Seconds until the next poll or attempt."""
    return (datetime.fromisoformat(made["changes"]["pollAt"]) - clock.now()).total_seconds()


def reads(codepipeline, status, **more):
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
    codepipeline.add_response(
        "list_pipeline_executions", {"pipelineExecutionSummaries": list(summaries)}
    )


def acted(codepipeline, *details):
    codepipeline.add_response(
        "list_action_executions",
        {"actionExecutionDetails": list(details)},
        {"pipelineName": "deploy", "filter": {"pipelineExecutionId": ID}},
    )


def shows_progress(codepipeline, stage, action):
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
    """The summary of an execution that started and last changed this many minutes into the run."""
    moment = START + timedelta(minutes=minute)
    return {
        "pipelineExecutionId": execution_id,
        "status": status,
        "startTime": moment,
        "lastUpdateTime": moment,
        **more,
    }


def action(status, stage="Deploy", name="Rollout", category="Deploy", **more):
    kind = {"category": category, "owner": "AWS", "provider": "P", "version": "1"}
    return {
        "stageName": stage,
        "actionName": name,
        "status": status,
        "lastUpdateTime": START,
        "input": {"actionTypeId": kind},
        **more,
    }
