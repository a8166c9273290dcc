from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from codepipeline_orchestrator.messages.progress import progress_phrase
from codepipeline_orchestrator.model.documents import from_document, to_document
from codepipeline_orchestrator.model.progress import Progress, worth_showing
from codepipeline_orchestrator.model.target import Target
from codepipeline_orchestrator.polling.refresh import read_progress

ID = "aaaaaaaa-1111-2222-3333-444444444444"
OTHER = "bbbbbbbb-1111-2222-3333-444444444444"
TARGET = Target("deploy", "222233334444", "eu-west-1", "aws", "arn", None, "run-1")
SINCE = datetime(2026, 1, 5, 9, 0, 30, tzinfo=UTC)
NOW = SINCE + timedelta(seconds=70)
SAID_SINCE = {"since": "2026-01-05T09:00:30+00:00"}


class Shown:
    def __init__(self, *stages, actions=()):
        self.stages = stages
        self.actions = actions

    def get_pipeline_state(self, *, name):
        assert name == "deploy"
        return {"stageStates": list(self.stages)}

    def list_action_executions(self, *, pipelineName, filter):  # noqa: A002, N803 - AWS's names
        assert (pipelineName, filter) == ("deploy", {"pipelineExecutionId": ID})
        return {"actionExecutionDetails": list(self.actions)}


def stage(name, execution_id=None, status="InProgress", actions=(), **more):
    latest = {"pipelineExecutionId": execution_id, "status": status}
    shown = {"latestExecution": latest} if execution_id else {}
    return {"stageName": name, "actionStates": list(actions), **shown, **more}


def action(name, **latest):
    return {"actionName": name, **({"latestExecution": latest} if latest else {})}


def condition(status):
    rule = {"ruleName": "Alarm", "latestExecution": {"status": status, "lastStatusChange": SINCE}}
    return {"conditionStates": [{"ruleStates": [rule]}]}


def began_last(name):
    return {"latest": {"action": name, **SAID_SINCE}}


def read(shown):
    return to_document(read_progress(TARGET, ID, codepipeline=cast("Any", shown)))


def progress(document):
    return from_document(Progress, document) if document else None


RUNNING = {"status": "InProgress"}
DISABLED = {
    "enabled": False,
    "lastChangedBy": "arn:ann",
    "lastChangedAt": SINCE,
    "disabledReason": "not\nyet",
}


@pytest.mark.parametrize(
    "shown, where",
    [
        (
            Shown(
                stage("Source", ID, "Succeeded"),
                stage(
                    "Deploy",
                    ID,
                    actions=[
                        action("Web", **RUNNING),
                        action("Done", status="Succeeded"),
                        action("Later"),
                        action("Api", **RUNNING),
                    ],
                ),
            ),
            {"stage": "Deploy", "actions": ["Web", "Api"]},
        ),
        (
            Shown(stage("Deploy", ID, "Stopping")),
            {"stage": "Deploy", "actions": [], "stopping": True},
        ),
        (Shown(stage("Source", ID, "Succeeded"), stage("Deploy", OTHER)), None),
        (Shown(stage("Deploy", ID, "Failed")), None),
        (Shown(stage("Never")), None),
        (
            Shown(
                stage("Gate", ID, actions=[action("Ask", token="t", lastStatusChange=SINCE)]),
            ),
            {
                "stage": "Gate",
                "actions": ["Ask"],
                "approval": {"action": "Ask", **SAID_SINCE},
                **began_last("Ask"),
            },
        ),
        (
            Shown(
                stage(
                    "Deploy",
                    ID,
                    actions=[
                        action("Web", **RUNNING, lastStatusChange=SINCE - timedelta(seconds=9)),
                        action("Api", **RUNNING, lastStatusChange=SINCE),
                        action("Bare", **RUNNING),
                        action("Done", status="Succeeded", lastStatusChange=NOW),
                    ],
                )
            ),
            {"stage": "Deploy", "actions": ["Web", "Api", "Bare"], **began_last("Api")},
        ),
        (
            Shown(stage("Gate", ID, actions=[action("Ask", token="t", **RUNNING)])),
            {"stage": "Gate", "actions": ["Ask"], "approval": {"action": "Ask"}},
        ),
        (  # AWS does not document whether the state keeps the token of an answered approval.
            Shown(stage("Gate", ID, actions=[action("Ask", token="t", status="Succeeded")])),
            {"stage": "Gate", "actions": []},
        ),
        (
            Shown(
                stage(
                    "Deploy",
                    OTHER,
                    "Succeeded",
                    inboundExecutions=[{"pipelineExecutionId": ID, "status": "InProgress"}],
                    inboundTransitionState=DISABLED,
                )
            ),
            {
                "stage": "Deploy",
                "transition": {"by": "arn:ann", "reason": "not yet", **SAID_SINCE},
            },
        ),
        (
            Shown(
                stage(
                    "Deploy",
                    OTHER,
                    inboundExecution={"pipelineExecutionId": ID},
                    inboundTransitionState={"enabled": True},
                )
            ),
            {"stage": "Deploy", "behind": OTHER},
        ),
        (
            Shown(stage("Deploy", OTHER, "Failed", inboundExecution={"pipelineExecutionId": ID})),
            {"stage": "Deploy", "waits": True},
        ),
        (
            Shown(stage("Deploy", inboundExecution={"pipelineExecutionId": ID})),
            {"stage": "Deploy", "waits": True},
        ),
        (Shown(stage("Deploy", OTHER, inboundExecution={"pipelineExecutionId": OTHER})), None),
        (
            Shown(
                stage(
                    "Deploy",
                    ID,
                    actions=[action("Rollout")],
                    beforeEntryConditionState=condition("Succeeded"),
                    onSuccessConditionState=condition("InProgress"),
                )
            ),
            {
                "stage": "Deploy",
                "actions": [],
                "rule": {"condition": "ON_SUCCESS", "rule": "Alarm", **SAID_SINCE},
            },
        ),
    ],
)
def test_the_progress_is_read_from_the_state(shown, where):
    assert read(shown) == where


@pytest.mark.parametrize(
    "transition, expected",
    [
        ({"enabled": False}, {}),
        ({"enabled": False, "disabledReason": "x" * 301}, {"reason": f"{'x' * 299}…"}),
    ],
)
def test_the_details_of_a_disabled_transition_are_kept_and_shortened(transition, expected):
    inbound = {"inboundExecution": {"pipelineExecutionId": ID}}
    shown = Shown(stage("Deploy", **inbound, inboundTransitionState=transition))
    assert read(shown) == {
        "stage": "Deploy",
        "transition": expected,
    }


def test_at_most_ten_actions_are_kept():
    many = [action(f"A{n}", **RUNNING) for n in range(12)]
    shown = Shown(stage("Deploy", ID, actions=many))
    found = read(shown)
    assert found["actions"] == [f"A{n}" for n in range(10)]


@pytest.mark.parametrize(
    "stages",
    [
        (),
        ({"stageName": "Deploy"},),
        ({"stageName": "Deploy", "actionStates": [{"actionName": "Old"}]},),
        (stage("Deploy", OTHER, actions=[action("Old", **RUNNING)]),),
        (None, "odd", {"actionStates": 7}),
    ],
)
def test_the_progress_of_a_parallel_pipeline_is_read_from_its_actions(stages):
    kind = {"actionTypeId": {"category": "Approval"}}
    running = {"stageName": "Deploy", "status": "InProgress"}
    actions = [
        {**running, "actionName": "Ask", "input": kind, "startTime": SINCE},
        {
            **running,
            "stageName": "Other",
            "actionName": "Web",
            "input": {"actionTypeId": {"category": "Deploy"}},
        },
        {**running, "actionName": "Bare"},
        {"stageName": "Source", "actionName": "Git", "status": "Succeeded", "input": kind},
    ]
    found = read(Shown(*stages, actions=actions))
    assert found == {
        "stage": "Deploy",
        "actions": ["Ask", "Web", "Bare"],
        "approval": {"action": "Ask", **SAID_SINCE},
        **began_last("Ask"),
    }
    assert read(Shown(*stages, actions=actions[3:])) is None
    many = [{**running, "actionName": f"A{n}"} for n in range(12)]
    found = read(Shown(*stages, actions=many))
    assert found["actions"] == [f"A{n}" for n in range(10)]


@pytest.mark.parametrize(
    "where, phrase",
    [
        ({}, ""),
        ({"stage": "S", "actions": []}, "in stage S"),
        ({"stage": "S", "actions": ["A"]}, "in stage S, action A"),
        ({"stage": "S", "actions": ["A", "B"]}, "in stage S, actions A, B"),
        (
            {"stage": "S", "actions": ["A", "B", "C", "D"]},
            "in stage S, actions A, B, C, D",
        ),
        (
            {"stage": "S", "actions": ["A", "B", "C", "D", "E"]},
            "in stage S, actions A, B, C, D and 1 more",
        ),
        (
            {"stage": "S", "actions": ["A", "B", "C", "D", "E", "F"]},
            "in stage S, actions A, B, C, D and 2 more",
        ),
        (
            {"stage": "S", "actions": ["A"], "approval": {"action": "A", **SAID_SINCE}},
            "in stage S: action A has been waiting for approval since 2026-01-05 09:00 UTC",
        ),
        (
            {"stage": "S", "actions": ["A"], "approval": {"action": "A"}},
            "in stage S: action A is waiting for approval",
        ),
        (
            {"stage": "S", "actions": [], "rule": {"condition": "BEFORE_ENTRY", "rule": "R"}},
            "in stage S, waiting for rule R of condition BEFORE_ENTRY",
        ),
        (
            {
                "stage": "S",
                "actions": [],
                "rule": {"condition": "ON_SUCCESS", "rule": "R", **SAID_SINCE},
            },
            "in stage S, waiting for rule R of condition ON_SUCCESS since 2026-01-05 09:00 UTC",
        ),
        (
            {"stage": "S", "transition": {"by": "ann", "reason": "no", **SAID_SINCE}},
            (
                "waiting to enter stage S, whose transition was disabled by ann at "
                "2026-01-05 09:00 UTC: no"
            ),
        ),
        (
            {"stage": "S", "transition": {}},
            "waiting to enter stage S, whose transition was disabled",
        ),
        ({"stage": "S", "behind": "x"}, "waiting to enter stage S, behind execution x"),
        ({"stage": "S", "waits": True}, "waiting to enter stage S"),
    ],
)
def test_each_kind_of_progress_has_its_own_wording(where, phrase):
    assert progress_phrase(progress(where)) == phrase


IN_BUILD = {"stage": "Build", "actions": ["Compile"]}


@pytest.mark.parametrize(
    "before, now, expected",
    [
        (None, None, False),
        (None, IN_BUILD, True),
        (IN_BUILD, None, False),
        (IN_BUILD, {**IN_BUILD, "actions": ["Test"]}, False),
        (IN_BUILD, {**IN_BUILD, "stage": "Deploy"}, True),
        (IN_BUILD, {**IN_BUILD, "approval": {"action": "Ask"}}, True),
        (IN_BUILD, {**IN_BUILD, "rule": {"condition": "ON_SUCCESS", "rule": "R"}}, True),
        ({"stage": "Deploy", "behind": "a"}, {"stage": "Deploy", "behind": "b"}, True),
        (
            {"stage": "Deploy", "waits": True},
            {"stage": "Deploy", "transition": {"by": "Jo"}},
            True,
        ),
    ],
)
def test_a_new_stage_or_a_new_wait_is_worth_showing(before, now, expected):
    assert worth_showing(progress(before), progress(now)) is expected
