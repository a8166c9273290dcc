from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.sandbox.codepipeline.conftest import CALLER

REVISION = {
    "revisionId": "r7",
    "revisionChangeId": "change",
    "created": datetime(2026, 1, 5, tzinfo=UTC),
}
CHECKOUT = {"pipelineName": "target", "stageName": "Source", "actionName": "Checkout"}


@pytest.mark.rule("E23")
def test_a_new_revision_of_a_source_starts_the_pipeline(client, target, world):
    # given
    pipeline = target()

    # when
    first = client.put_action_revision(**CHECKOUT, actionRevision=REVISION)
    world.run()
    second = client.put_action_revision(**CHECKOUT, actionRevision=REVISION)

    # then
    assert (first["newRevision"], second["newRevision"]) == (True, False)
    execution = pipeline.execution(first["pipelineExecutionId"])
    assert execution["status"] == "Succeeded"
    trigger = {"triggerType": "PutActionRevision", "triggerDetail": CALLER}
    assert execution["trigger"] == trigger
    [shown] = execution["artifactRevisions"]
    assert (shown["revisionId"], shown["revisionChangeIdentifier"]) == ("r7", "change")


@pytest.mark.rule("E23")
@pytest.mark.parametrize(
    "changed,code",
    [
        ({"pipelineName": "other"}, "PipelineNotFoundException"),
        ({"stageName": "Other"}, "StageNotFoundException"),
        ({"actionName": "Other"}, "ActionNotFoundException"),
        ({"stageName": "Build", "actionName": "Compile"}, "ValidationException"),
    ],
)
def test_a_revision_of_anything_else_is_refused(client, target, refused, changed, code):
    # given
    pipeline = target()

    # when, then
    with refused(code):
        client.put_action_revision(**{**CHECKOUT, **changed}, actionRevision=REVISION)
    assert pipeline.summaries() == []
