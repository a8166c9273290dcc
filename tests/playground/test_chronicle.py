from __future__ import annotations

import json
from typing import Any

import pytest

from playground.chronicle import Chronicle, asked, entry, line, short
from playground.company import SECOND, Action, Company

ROLE = "arn:aws:iam::222233334444:role/target"


def event(kind: str, **detail: Any) -> dict[str, Any]:
    return {
        "detail-type": kind,
        "account": "111122223333",
        "time": "2026-01-05T09:00:03Z",
        "detail": {"pipeline": "release", **detail},
    }


def pipeline(state: str, by: str = "") -> dict[str, Any]:
    trigger = {"trigger-detail": by}
    return event(
        "CodePipeline Pipeline Execution State Change",
        state=state,
        **{"execution-trigger": trigger},
    )


def action(state: str, category: str = "Build", **result: str) -> dict[str, Any]:
    return event(
        "CodePipeline Action Execution State Change",
        state=state,
        stage="Deploy",
        action="Rollout",
        type={"category": category},
        **{"execution-result": {name.replace("_", "-"): text for name, text in result.items()}},
    )


def run(status: str, **detail: str) -> dict[str, Any]:
    name = "0123456789abcdef"
    kind = "Step Functions Execution Status Change"
    return event(kind, status=status, name=name, input='{"pipelineName": "app"}', **detail)


@pytest.mark.parametrize(
    "change, what, tone, headline",
    [
        (
            pipeline("STARTED", "arn:aws:iam::111122223333:root"),
            "started by the account's administrator",
            "begins",
            True,
        ),
        (
            pipeline("STARTED", "arn:aws:sts::222233334444:assumed-role/target/session"),
            "started through the role target",
            "begins",
            True,
        ),
        (
            pipeline("STARTED", '{"FailedPipelineExecutionId":"0123"}'),
            "started automatically to roll back a failed stage",
            "begins",
            True,
        ),
        (pipeline("STARTED", "someone"), "started by someone", "begins", True),
        (pipeline("SUCCEEDED"), "succeeded", "good", True),
        (pipeline("SUPERSEDED"), "superseded", "bad", True),
        (pipeline("STOPPING"), "stopping", "said", True),
        (
            event("CodePipeline Stage Execution State Change", state="RESUMED", stage="Deploy"),
            "stage Deploy is retried",
            "begins",
            False,
        ),
        (action("STARTED"), "Deploy/Rollout started", "begins", False),
        (action("SUCCEEDED"), "Deploy/Rollout succeeded", "good", False),
        (action("SUCCEEDED", "Invoke"), "Deploy/Rollout succeeded", "good", True),
        (
            action("FAILED", error_code="JobFailed", external_execution_summary="no room"),
            "Deploy/Rollout failed: JobFailed: no room",
            "bad",
            True,
        ),
        (action("ABANDONED"), "Deploy/Rollout abandoned", "bad", True),
        (run("RUNNING"), "began: starts and follows app", "begins", True),
        (run("SUCCEEDED"), "ended SUCCEEDED", "good", True),
        (run("FAILED", error="PipelineFailed"), "ended FAILED: PipelineFailed", "bad", True),
    ],
)
def test_a_change_is_described_in_words(
    change: dict[str, Any], what: str, tone: str, headline: bool
) -> None:
    one = entry(change)

    assert one is not None
    assert (one.what, one.tone, one.headline) == (what, tone, headline)


def test_a_stage_event_that_repeats_its_actions_events_is_left_out() -> None:
    kind = "CodePipeline Stage Execution State Change"

    assert entry(event(kind, state="STARTED", stage="Deploy")) is None


def test_other_events_are_left_out() -> None:
    assert entry(event("Object Created")) is None


@pytest.mark.parametrize(
    "document, words",
    [
        ({"pipelineName": "app"}, "starts and follows app"),
        ({"pipelineName": "app", "mode": "latest"}, "follows app"),
        ({"pipelineName": "app", "roleArn": ROLE}, "starts and follows app in 222233334444"),
        ({"pipelineName": "app", "roleArn": None}, "starts and follows app"),
        ({"pipelineName": "app", "roleArn": "a:b"}, "starts and follows app"),
        ({"job": {}, "input": {"pipelineName": "app"}}, "starts and follows app for an action"),
        ({"targetname": "app"}, "follows app"),
        ({"targetname": "app", "trigger": True}, "starts and follows app"),
        (
            {"targetname": "app", "trigger": "true", "assumerolearn": ROLE},
            "starts and follows app in 222233334444",
        ),
        ({}, "invalid input"),
        ([1], "invalid input"),
        ("job", "invalid input"),
    ],
)
def test_a_runs_input_is_described_in_words(document: Any, words: str) -> None:
    assert asked(json.dumps(document)) == words


def test_a_line_has_columns() -> None:
    one = entry(run("SUCCEEDED"))

    assert one is not None
    assert line(one) == "09:00:03  111122223333  run 0123456789abc     ended SUCCEEDED"


def test_a_line_has_no_links_and_a_limited_length() -> None:
    assert short("It failed. See https://a.b/c?d=e.") == "It failed."
    assert short("waits: https://a.b/c Run: https://d.e/f") == "waits"
    assert len(short("a" * 1000)) < 300


def test_an_event_forwarded_to_another_account_appears_once(cloud) -> None:
    company = Company(cloud, targets=(SECOND,), EventSenders=SECOND)
    company.add_pipeline("web", {"Go": [Action("Do")]}, account=SECOND)
    chronicle = Chronicle(cloud)

    company.start("web", account=SECOND)
    cloud.world.run(until=cloud.world.now + 120)

    ids = [event["id"] for event in chronicle.events()]
    assert ids
    assert len(set(ids)) == len(ids)
    sent = [event["id"] for event in cloud.events.log]
    assert len(set(sent)) < len(sent)
    assert chronicle.events() == []
