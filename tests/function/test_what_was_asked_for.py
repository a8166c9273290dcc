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
SAID_OF = {
    "ifRunning join": "The run would have joined it because ifRunning is 'join'.",
    "clientRequestToken": "It was started with the same clientRequestToken.",
}


def found(state):
    """A run in its second attempt. The first attempt may have started the target."""
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
def test_a_found_execution_that_differs_from_the_input_is_refused(
    codepipeline, at, how, input_, listed, read, difference
):
    state = found(asked(**FOUND_BY[how], **input_))
    trigger = OURS if how == "clientRequestToken" else {}
    lists(codepipeline, summary(ID, "InProgress", **listed, **trigger))
    reads(codepipeline, "InProgress", **read)

    with pytest.raises(PipelineExecutionMismatch) as caught:
        begun(state, codepipeline)

    message = str(caught.value)
    assert message.startswith(f"Execution {ID} of ")
    assert f"differs from the input: {difference}. " in message
    assert f"{SAID_OF[how]} Nothing was started. " in message


@pytest.mark.parametrize("how", FOUND_BY)
@pytest.mark.parametrize(
    "input_, listed, read",
    [
        (IMAGE, {}, variable("shop:2")),
        (COMMIT, revision("abc"), {}),
        ({**IMAGE, **COMMIT}, revision("abc"), variable("shop:2")),
    ],
)
def test_a_found_execution_that_matches_the_input_is_followed(
    codepipeline, at, how, input_, listed, read
):
    state = found(asked(**FOUND_BY[how], **input_))
    trigger = OURS if how == "clientRequestToken" else {}
    lists(codepipeline, summary(ID, "InProgress", **listed, **trigger))
    reads(codepipeline, "InProgress", **read)
    assert begun(state, codepipeline)["changes"]["execution"]["pipelineExecutionId"] == ID


def test_an_input_without_requirements_matches_any_execution(codepipeline, at):
    lists(codepipeline, summary(ID, "InProgress", **revision("abc")))
    made = begun(asked(ifRunning="join"), codepipeline)
    assert made["changes"]["execution"]["pipelineExecutionId"] == ID


def test_an_execution_that_the_run_itself_has_started_is_not_compared(codepipeline, at):
    lists(codepipeline, summary(ID, "InProgress", **OURS))
    made = begun(found(asked(**IMAGE)), codepipeline)
    assert made["changes"]["execution"]["pipelineExecutionId"] == ID


def test_the_run_waits_for_revisions_that_are_not_known_yet(codepipeline, at):
    lists(codepipeline, summary(ID, "InProgress"))
    codepipeline.add_response("get_pipeline_state", {"stageStates": []}, {"name": "deploy"})
    codepipeline.add_response("list_action_executions", {"actionExecutionDetails": []})
    made = begun(asked(ifRunning="join", **COMMIT), codepipeline)
    assert made["ended"] is False
    assert made["changes"]["execution"] is None
    assert waits(made) > 0


@pytest.mark.parametrize("after", ["2026-01-05T09:03:00+00:00", "2026-01-05T09:02:00.500000+00:00"])
def test_latest_with_started_after_follows_only_a_later_execution(codepipeline, at, after):
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
def test_the_run_waits_until_the_deadline_for_a_later_execution(codepipeline, at, second, ended):
    at(second)
    lists(codepipeline, summary(ID, "Succeeded", -1))
    state = asked(mode="latest", startedAfter=moment(0).isoformat())
    made = begun(state, codepipeline)
    assert made["ended"] is ended
    assert made["changes"]["execution"] is None
    status = made["report"]["status"] if ended else made["snapshot"]["status"]
    assert status == "not started"
