"""start_execution: an execution that is found instead of started has what the input asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from codepipeline_orchestrator.errors import PipelineExecutionMismatch
from tests.function.runs import ID, OURS, asked, begun, lists, moment, reads, summary, waits

IMAGE = {"variables": [{"name": "IMAGE", "value": "shop:2"}]}
COMMIT = {
    "sourceRevisions": [
        {"actionName": "Source", "revisionType": "COMMIT_ID", "revisionValue": "abc"}
    ]
}
KEY = {
    "sourceRevisions": [
        {"actionName": "Source", "revisionType": "S3_OBJECT_KEY", "revisionValue": "app.zip"}
    ]
}
FOUND_BY: dict[str, dict[str, Any]] = {
    "ifRunning join": {"ifRunning": "join"},
    "clientRequestToken": {"hasToken": True},
}


def found(state):
    """The run in its second attempt: the first may have taken effect."""
    return replace(state, attempt=1)


def revision(commit):
    return {"sourceRevisions": [{"actionName": "Source", "revisionId": commit}]}


def variable(value):
    return {"variables": [{"name": "IMAGE", "resolvedValue": value}]}


@pytest.mark.parametrize("how", FOUND_BY)
@pytest.mark.parametrize(
    "input_, listed, read, difference",
    [
        (IMAGE, {}, variable("shop:1"), "variables.IMAGE is 'shop:1', not 'shop:2'"),
        (IMAGE, {}, {}, "variables.IMAGE is none, not 'shop:2'"),
        (COMMIT, revision("abd"), {}, "sourceRevisions.Source is 'abd', not 'abc'"),
        (KEY, revision("v1"), {}, "sourceRevisions.Source is 'v1', not 'app.zip'"),
        (
            {**IMAGE, **COMMIT},
            revision("abd"),
            variable("shop:1"),
            "variables.IMAGE is 'shop:1', not 'shop:2'; sourceRevisions.Source is 'abd', not 'abc'",
        ),
    ],
)
def test_another_than_was_asked_for_is_refused(
    codepipeline, at, how, input_, listed, read, difference
):
    state = found(asked(**FOUND_BY[how], **input_))
    trigger = OURS if how == "clientRequestToken" else {}
    lists(codepipeline, summary(ID, "InProgress", **listed, **trigger))
    reads(codepipeline, "InProgress", **read)

    with pytest.raises(PipelineExecutionMismatch) as caught:
        begun(state, codepipeline)

    assert f"{how} found the execution {ID} of " in str(caught.value)
    assert f"differs from the input: {difference}. Nothing was started." in str(caught.value)


@pytest.mark.parametrize("how", FOUND_BY)
@pytest.mark.parametrize(
    "input_, listed, read",
    [
        (IMAGE, {}, variable("shop:2")),
        (COMMIT, revision("abc"), {}),
        ({**IMAGE, **COMMIT}, revision("abc"), variable("shop:2")),
    ],
)
def test_what_was_asked_for_is_followed(codepipeline, at, how, input_, listed, read):
    state = found(asked(**FOUND_BY[how], **input_))
    trigger = OURS if how == "clientRequestToken" else {}
    lists(codepipeline, summary(ID, "InProgress", **listed, **trigger))
    reads(codepipeline, "InProgress", **read)
    assert begun(state, codepipeline)["changes"]["execution"]["pipelineExecutionId"] == ID


def test_who_asks_for_nothing_in_particular_follows_any(codepipeline, at):
    lists(codepipeline, summary(ID, "InProgress", **revision("abc")))
    made = begun(asked(ifRunning="join"), codepipeline)
    assert made["changes"]["execution"]["pipelineExecutionId"] == ID


def test_what_an_attempt_of_the_run_has_started_is_the_runs_own(codepipeline, at):
    # given an execution that was edited while the answer was lost, as far as anybody can tell
    lists(codepipeline, summary(ID, "InProgress", **OURS))
    made = begun(found(asked(**IMAGE)), codepipeline)
    assert made["changes"]["execution"]["pipelineExecutionId"] == ID


def test_revisions_that_are_not_known_yet_are_waited_for(codepipeline, at):
    # given an execution whose source action is still running
    lists(codepipeline, summary(ID, "InProgress"))
    codepipeline.add_response("get_pipeline_state", {"stageStates": []}, {"name": "deploy"})
    codepipeline.add_response("list_action_executions", {"actionExecutionDetails": []})
    made = begun(asked(ifRunning="join", **COMMIT), codepipeline)
    assert made["ended"] is False
    assert made["changes"]["execution"] is None
    assert waits(made) > 0


@pytest.mark.parametrize("after", ["2026-01-05T09:03:00+00:00", "2026-01-05T09:02:00.500000+00:00"])
def test_only_what_began_later_is_the_latest(codepipeline, at, after):
    # given a list that is not in the order of starts
    lists(
        codepipeline,
        summary("old", "InProgress", 2),
        summary(ID, "InProgress", 4),
        summary("older", "Succeeded", 3),
    )
    made = begun(asked(mode="latest", startedAfter=after), codepipeline)
    assert made["changes"]["execution"]["pipelineExecutionId"] == ID


@pytest.mark.parametrize(
    "second, ended", [(0, False), (3_599, False), (3_600, True), (9_999, True)]
)
def test_an_execution_that_has_not_begun_is_waited_for_until_the_deadline(
    codepipeline, at, second, ended
):
    at(second)
    lists(codepipeline, summary(ID, "Succeeded", -1))
    state = asked(mode="latest", startedAfter=moment(0).isoformat())
    made = begun(state, codepipeline)
    assert made["ended"] is ended
    assert made["changes"]["execution"] is None
    told = made["report"]["status"] if ended else made["snapshot"]["status"]
    assert told == "not started"
