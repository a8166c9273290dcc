from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

import stop_execution
from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.errors import TargetNotFoundYet, TargetUnavailable
from codepipeline_orchestrator.model.documents import to_document
from tests.function.runs import (
    ID,
    OTHER,
    OURS,
    RUN,
    START,
    STATE,
    TARGET,
    asked,
    lists,
    summary,
)

STOPPED_AT = START + timedelta(minutes=10)
NAMES = ("function_name", "memory_limit_in_mb", "invoked_function_arn", "aws_request_id")


@pytest.fixture
def stopped(codepipeline, monkeypatch):
    def do(execution=None, stop_date=STOPPED_AT, on_abort="stop", **payload):
        monkeypatch.setattr(clients, "target_codepipeline", lambda _target: codepipeline.client)
        event = {
            "run": RUN,
            "target": to_document(TARGET),
            "request": to_document(asked(onAbort=on_abort).request),
            "execution": to_document(execution),
            "memory": None,
            "why": "Stop",
            "report": {},
            "stopDate": stop_date and stop_date.isoformat(),
            **payload,
        }
        context: Any = SimpleNamespace(**dict.fromkeys(NAMES, "x"))
        return stop_execution.handler(event, context)

    return do


def stops(codepipeline, execution_id=ID, *, abandon=False):
    codepipeline.add_response(
        "stop_pipeline_execution",
        {"pipelineExecutionId": execution_id},
        {
            "pipelineName": "deploy",
            "pipelineExecutionId": execution_id,
            "abandon": abandon,
            "reason": "Stop of run job-1 of codepipeline-orchestrator",
        },
    )


@pytest.mark.parametrize("on_abort", ["stop", "abandon"])
def test_the_followed_execution_is_stopped_without_a_search(codepipeline, stopped, on_abort):
    stops(codepipeline, abandon=on_abort == "abandon")
    made = stopped(STATE.execution, on_abort=on_abort, report={"outcome": "x"})
    assert made == {"outcome": "x", "stopped": True}


@pytest.mark.interleaving(45, 46)
@pytest.mark.parametrize("minute", [0, 10, 11])
def test_an_execution_that_the_run_started_before_it_was_stopped_is_found(
    codepipeline, stopped, minute
):
    lists(codepipeline, summary(OTHER, "InProgress", 9), summary(ID, "InProgress", minute, **OURS))
    stops(codepipeline)
    assert stopped() == {"stopped": True}


@pytest.mark.interleaving(46)
def test_an_execution_that_a_redriven_run_starts_later_is_not_stopped(codepipeline, stopped):
    lists(codepipeline, summary(OTHER, "InProgress", 11.1, **OURS))
    with pytest.raises(TargetNotFoundYet, match="lists no execution"):
        stopped()
    lists(
        codepipeline,
        summary(OTHER, "InProgress", 11.1, **OURS),
        summary(ID, "InProgress", 9, **OURS),
    )
    stops(codepipeline)
    assert stopped() == {"stopped": True}


@pytest.mark.interleaving(45)
@pytest.mark.parametrize("listed", [[], [summary(OTHER, "InProgress", 1)]])
def test_an_execution_that_is_not_listed_yet_makes_lambda_retry_the_event(
    codepipeline, stopped, listed
):
    lists(codepipeline, *listed)
    with pytest.raises(TargetNotFoundYet):
        stopped()


def test_a_list_that_cannot_be_read_makes_lambda_retry_the_event(codepipeline, stopped):
    codepipeline.add_client_error("list_pipeline_executions", "ThrottlingException")
    with pytest.raises(TargetUnavailable):
        stopped()


def test_without_a_stop_date_any_execution_of_the_run_is_stopped(codepipeline, stopped):
    lists(codepipeline, summary(ID, "InProgress", 50, **OURS))
    stops(codepipeline)
    assert stopped(stop_date=None) == {"stopped": True}


def test_a_final_refusal_is_reported(codepipeline, stopped):
    lists(codepipeline, summary(ID, "InProgress", **OURS))
    codepipeline.add_client_error("stop_pipeline_execution", "AccessDeniedException")
    made = stopped()
    assert "codepipeline:StopPipelineExecution" in made["notStopped"]
    assert "stopped" not in made
