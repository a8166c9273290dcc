from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from codepipeline_orchestrator.aws.answers import PipelineExecution, read_answer
from codepipeline_orchestrator.errors import TargetAccessDenied, TargetUnavailable
from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.pipeline.end_details import Ended, read_end_details
from codepipeline_orchestrator.telemetry import logger
from codepipeline_orchestrator.text import error_text
from tests.function.runs import ID, OTHER, START, STATE, asked, summary


class Lists:
    def __init__(self, *executions, actions=(), stages=()):
        self.executions = executions
        self.actions = actions
        self.stages = stages

    def list_pipeline_executions(self, **_of):
        return {"pipelineExecutionSummaries": list(self.executions)}

    def list_action_executions(self, **_of):
        if isinstance(self.actions, Exception):
            raise self.actions
        return {"actionExecutionDetails": list(self.actions)}

    def get_pipeline_state(self, **_of):
        return {"stageStates": list(self.stages)}


def ended(connect, outcome, *, state=STATE, another=False):
    return Ended(state.target, state.request, state.followed, outcome, connect, is_another=another)


def described(
    *executions, outcome=Outcome.STOPPED, state=STATE, actions=(), stages=(), another=False, **found
):
    codepipeline: Any = Lists(*executions, actions=actions, stages=stages)
    read = read_answer(PipelineExecution, found)
    execution = ended(lambda: codepipeline, outcome, state=state, another=another)
    return to_document(read_end_details(execution, read)[0])


def test_missing_details_are_omitted():
    assert described() == {}
    assert described(variables=[], artifactRevisions=[], rollbackMetadata={}) == {}
    assert described(outcome=Outcome.FAILED) == {}
    assert described(artifactRevisions=[{}]) == {}
    assert described(variables=[{}, {"name": "A"}, {"resolvedValue": "b"}]) == {}


def test_text_from_the_target_account_is_cut_at_2000_characters():
    stopped = summary(ID, "Stopped", stopTrigger={"reason": "r" * 2_001})
    made = described(stopped, statusSummary="s" * 2_001)
    assert made["statusSummary"] == f"{'s' * 1_999}…"
    assert made["stopReason"] == f"{'r' * 1_999}…"


def test_an_incomplete_revision_keeps_its_fields():
    made = described(artifactRevisions=[{"name": "Source"}, {"revisionId": "abc"}])
    assert made["sourceRevisions"] == [
        {"name": "Source", "revisionId": ""},
        {"name": None, "revisionId": "abc"},
    ]


@pytest.mark.parametrize("more, kept", [(0, 2), (1, 1)])
def test_variables_are_kept_up_to_20000_bytes_of_json(more, kept):
    # The JSON of these two variables is `more` bytes longer than the maximum.
    small = {"name": "A", "resolvedValue": "a"}
    size = 20_000 - len(json.dumps(small)) - 2 * len(", ")
    rest = size - len(json.dumps({"name": "B", "resolvedValue": ""}))
    large = {"name": "B", "resolvedValue": "b" * (rest + more)}

    assert described(variables=[small, large])["variables"] == [small, large][:kept]


def acted(status, **more):
    times = {"startTime": START, "lastUpdateTime": START + timedelta(minutes=1)}
    return {"stageName": "Deploy", "actionName": "A", "status": status, **times, **more}


def test_an_execution_in_progress_has_stages_but_no_end():
    made = described(summary(ID, "InProgress"), outcome=None, actions=[acted("InProgress")])

    start = {"startTime": "2026-01-05T09:00:00+00:00"}
    going = {"name": "A", **start, "status": "InProgress"}
    stage = {"name": "Deploy", **start, "status": "InProgress", "actions": [going]}
    assert made == {**start, "stages": [stage]}


@pytest.mark.parametrize("outcome", [None, Outcome.STOPPED, Outcome.SUCCEEDED])
def test_stages_that_could_not_be_read_are_omitted(outcome):
    assert "stages" not in described(outcome=outcome, actions=TargetAccessDenied("no"))


@pytest.mark.parametrize(
    "outcome, shown", [(Outcome.SUCCEEDED, "Succeeded"), (Outcome.STOPPED, None)]
)
def test_an_ended_execution_has_the_times_of_its_stages(outcome, shown):
    (stage,) = described(outcome=outcome, actions=[acted("Succeeded")])["stages"]

    assert stage.get("status") == shown
    assert stage["endTime"] == stage["actions"][0]["endTime"] == "2026-01-05T09:01:00+00:00"


@pytest.mark.parametrize("another", [True, False])
def test_only_another_execution_than_the_first_is_compared_with_the_input(another):
    revision = {"actionName": "Source", "revisionType": "COMMIT_ID", "revisionValue": "abc"}
    made = described(
        summary(ID, "Stopped"),
        state=asked(variables=[{"name": "A", "value": "b"}], sourceRevisions=[revision]),
        another=another,
    )
    names = [each["name"] for each in made.get("differences", [])]
    assert names == (["variables.A", "sourceRevisions.Source"] if another else [])


@pytest.mark.parametrize("outcome, is_retried", [(None, False), (Outcome.FAILED, True)])
def test_only_a_failed_execution_with_a_running_action_is_being_retried(outcome, is_retried):
    codepipeline: Any = Lists(actions=[{"status": "InProgress"}])
    execution = ended(lambda: codepipeline, outcome)
    assert read_end_details(execution, PipelineExecution())[1] is is_retried


@pytest.mark.parametrize(
    "outcome, superseded_by, pages", [(Outcome.SUPERSEDED, OTHER, 2), (Outcome.STOPPED, None, 1)]
)
def test_only_a_successor_is_searched_for_on_later_pages(outcome, superseded_by, pages):
    asked_for: list[Any] = []

    class Pages(Lists):
        def list_pipeline_executions(self, **of):
            asked_for.append(of)
            if "nextToken" in of:
                return {"pipelineExecutionSummaries": [summary(OTHER, "InProgress", 9)]}
            return {"pipelineExecutionSummaries": [summary(ID, "Superseded")], "nextToken": "2"}

    execution = ended(Pages, outcome)
    found, _ = read_end_details(execution, PipelineExecution())
    assert (found.superseded_by, len(asked_for)) == (superseded_by, pages)


def test_only_a_superseded_execution_has_a_successor():
    listed = [summary(OTHER, "InProgress", 9), summary(ID, "Succeeded", 9)]
    assert "supersededBy" not in described(*listed, outcome=Outcome.SUCCEEDED)
    assert described(*listed, outcome=Outcome.SUPERSEDED)["supersededBy"] == OTHER


def test_only_a_failed_execution_is_rolled_back():
    trigger = {"triggerType": "AutomatedRollback", "triggerDetail": ID}
    listed = [summary(OTHER, "InProgress", 9, trigger=trigger), summary(ID, "Failed")]
    assert "rolledBackBy" not in described(*listed, outcome=Outcome.STOPPED)
    assert described(*listed, outcome=Outcome.FAILED)["rolledBackBy"] == OTHER


@pytest.mark.parametrize(
    "outcome, category, unknown",
    [
        (Outcome.FAILED, "Build", False),
        (Outcome.FAILED, None, True),
        (Outcome.STOPPED, None, False),
    ],
)
def test_only_a_failure_without_a_category_may_be_an_approval(outcome, category, unknown):
    kind = {"actionTypeId": {"category": category}}
    failed = {"stageName": "S", "actionName": "A", "status": "Failed", "input": kind}
    assert described(outcome=outcome, actions=[failed]).get("kindsUnknown", False) is unknown


def test_missing_output_variables_are_reported_as_an_empty_object():
    made = described(state=asked(outputVariables=["Build.VERSION"]))
    assert made == {"targetVariables": {}}


def test_an_unlisted_execution_has_no_start_or_end_time():
    made = described(summary(OTHER, "Failed"), outcome=Outcome.SUCCEEDED)
    assert made == {}


@pytest.mark.parametrize("member", ["startTime", "lastUpdateTime", "stopTrigger"])
def test_a_field_that_is_missing_from_the_list_is_omitted(member):
    stopped = summary(ID, "Stopped", stopTrigger={"reason": "wrong"})
    names = {"startTime": "startTime", "lastUpdateTime": "endTime", "stopTrigger": "stopReason"}
    made = described({**stopped, member: 7})
    assert made.keys() == set(names.values()) - {names[member]}


def in_stage(*actions, of=ID, status="Failed"):
    latest = {"pipelineExecutionId": of, "status": status}
    return {"stageName": "Deploy", "latestExecution": latest, "actionStates": list(actions)}


def shows(name, status="Failed", minute=1, **more):
    changed = {"lastStatusChange": START + timedelta(minutes=minute)}
    return {"actionName": name, "latestExecution": {"status": status, **changed, **more}}


@pytest.mark.parametrize(
    "actions", [(), RuntimeError("ours"), ({"status": "Failed", "stageName": "Deploy"},), (None,)]
)
def test_a_failed_action_that_only_the_pipeline_state_shows_is_reported(actions):
    why = {"errorDetails": {"code": "C", "message": "no room"}}
    stages = [
        {"stageName": "Source"},
        in_stage(
            shows("A", minute=0, **why),
            shows("B", "Succeeded"),
            shows("Old", minute=-1),
            shows(None),
        ),
        in_stage(shows("Other"), of=OTHER),
        None,
    ]
    listed = summary(ID, "Failed")
    made = described(listed, outcome=Outcome.FAILED, actions=actions, stages=stages)
    assert made["failures"] == [
        {"stage": "Deploy", "action": "A", "code": "C", "message": "no room"}
    ]
    assert made["kindsUnknown"] is True


def test_a_failure_before_a_start_that_only_the_run_knows_is_ignored():
    stages = [in_stage(shows("Old", minute=-1))]
    assert described(outcome=Outcome.FAILED, stages=stages) == {}


def test_a_defect_in_our_code_is_not_reported_as_an_aws_error():
    made = described(outcome=Outcome.FAILED, actions=RuntimeError("ours"))
    assert made["actionsUnread"] == (
        "the orchestrator failed to read the actions (check the logs of its functions)"
    )


@pytest.mark.parametrize(
    "error", [TargetAccessDenied("no"), TargetUnavailable("no"), RuntimeError("ours")]
)
@pytest.mark.parametrize("outcome, also", [(Outcome.FAILED, ["stages"]), (None, [])])
def test_the_log_names_each_detail_that_could_not_be_read(monkeypatch, error, outcome, also):
    warned: list[dict[str, Any]] = []
    monkeypatch.setattr(logger, "warning", lambda _message, **fields: warned.append(fields))

    def connect():
        raise error

    unreadable: Any = None
    read_end_details(ended(connect, outcome), unreadable)

    lacks = ["variables and revisions", "times", "actions", *also]
    assert [each["lacks"] for each in warned] == lacks
    assert {each["error"] for each in warned[1:]} == {error_text(error)}
