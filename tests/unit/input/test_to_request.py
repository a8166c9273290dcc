from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from assume_role import target_of
from codepipeline_orchestrator.input.fields import RunInput
from codepipeline_orchestrator.input.parsing import parse_input
from codepipeline_orchestrator.input.to_request import request_of
from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.request import Request

RUN = "arn:aws:states:eu-west-1:111122223333:execution:Runs:job-1"
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
OURS = "arn:aws:iam::111122223333:role/local"
ID = "aaaaaaaa-1111-2222-3333-444444444444"

# A value other than the default for each field, with the fields that it requires.
SAMPLES: dict[str, dict[str, Any]] = {
    "pipelineName": {"pipelineName": "another"},
    "roleArn": {"roleArn": "arn:aws:iam::222233334444:role/t"},
    "externalId": {"externalId": "theirs"},
    "region": {"region": "us-east-1"},
    "mode": {"mode": "idle"},
    "pipelineExecutionId": {"pipelineExecutionId": ID},
    "wait": {"wait": False},
    "variables": {"variables": [{"name": "A", "value": "b"}]},
    "sourceRevisions": {
        "sourceRevisions": [
            {"actionName": "Git", "revisionType": "COMMIT_ID", "revisionValue": "abc"}
        ]
    },
    "clientRequestToken": {"clientRequestToken": "once"},
    "ifRunning": {"ifRunning": "join"},
    "onNeverRun": {"mode": "latest", "onNeverRun": "succeed"},
    "startedAfter": {"mode": "latest", "startedAfter": "2026-01-05T08:00:00Z"},
    "timeoutMinutes": {"timeoutMinutes": 5},
    "onSuperseded": {"onSuperseded": "follow"},
    "onRestarted": {"onRestarted": "follow"},
    "onTimeout": {"onTimeout": "stop"},
    "onAbort": {"onAbort": "stop"},
    "maxStageRetries": {"maxStageRetries": 3},
    "outputVariables": {"outputVariables": ["Build.VERSION"]},
}


def handed_on(document):
    run_input = parse_input({"pipelineName": "deploy", **document})
    target = target_of(
        run_input, run=RUN, start_time=START.isoformat(), local_role=OURS, external_id="ours"
    )
    request = request_of(run_input, started_at=START, has_job=False, hears=False)
    return {**to_document(target), **to_document(request)}


@pytest.mark.parametrize("name", [str(each.alias) for each in RunInput.model_fields.values()])
def test_every_field_of_the_input_reaches_the_functions_or_is_consumed(name):
    document = SAMPLES[name]
    without = {other: value for other, value in document.items() if other != name}

    assert handed_on(document) != handed_on(without)


def test_started_after_run_means_the_time_at_which_the_run_began():
    made = handed_on({"mode": "latest", "startedAfter": "run"})
    assert made["startedAfter"] == START.isoformat()


@pytest.mark.parametrize("has_token", [True, False])
@pytest.mark.parametrize("has_job", [True, False])
@pytest.mark.parametrize("hears", [True, False])
def test_the_request_records_how_the_run_was_started(has_token, has_job, hears):
    token = SAMPLES["clientRequestToken"] if has_token else {}
    run_input = parse_input({"pipelineName": "deploy", **token})
    made = request_of(run_input, started_at=START, has_job=has_job, hears=hears)
    assert (made.has_token, made.has_job, made.hears) == (has_token, has_job, hears)


def test_a_field_that_the_functions_read_keeps_its_name_and_value():
    made = handed_on(SAMPLES["sourceRevisions"])
    assert made["sourceRevisions"] == SAMPLES["sourceRevisions"]["sourceRevisions"]


def test_a_missing_field_means_the_same_in_the_input_and_in_the_states():
    run_input = parse_input({"pipelineName": "deploy"})
    request = request_of(run_input, started_at=START, has_job=False, hears=False)

    # The request has the same defaults. null and an empty list are equivalent.
    shared = {each.name for each in fields(Request)} & set(RunInput.model_fields)
    in_states = {name: getattr(request, name) or None for name in shared}
    assert in_states == {name: getattr(run_input, name) or None for name in shared}
    assert "on_timeout" in shared
