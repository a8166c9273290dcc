from __future__ import annotations

import pytest

from codepipeline_orchestrator.aws.answers import ResolvedVariable, SourceActionRevision
from codepipeline_orchestrator.model.report import Difference
from codepipeline_orchestrator.pipeline.comparison import different_revisions, different_variables
from tests.function.runs import asked

LONG, LONGER = "x" * 200, "x" * 201


@pytest.mark.parametrize(
    "wanted, actual, shown", [(LONGER, LONG, (f"{'x' * 199}…", LONG)), (" ", "b", ("", "b"))]
)
def test_values_are_compared_whole_but_reported_shortened_and_without_white_space(
    wanted, actual, shown
):
    request = asked(variables=[{"name": "A", "value": wanted}]).request
    found = different_variables(request, [ResolvedVariable("A", actual)])
    assert found == (Difference("variables.A", *shown),)


@pytest.mark.parametrize(
    "kind, is_comparable",
    [
        ("COMMIT_ID", True),
        ("IMAGE_DIGEST", True),
        ("S3_OBJECT_VERSION_ID", True),
        ("S3_OBJECT_KEY", False),
    ],
)
def test_a_revision_that_cannot_be_compared_counts_as_different(kind, is_comparable):
    revision = {"actionName": "Source", "revisionType": kind, "revisionValue": "abc"}
    request = asked(sourceRevisions=[revision]).request
    found = different_revisions(request, [SourceActionRevision("Source", "abc")])
    assert (found == ()) is is_comparable
