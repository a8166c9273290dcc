from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.input.parsing import parse_input
from codepipeline_orchestrator.model.output_variables import is_reserved
from codepipeline_orchestrator.model.report import Revision
from codepipeline_orchestrator.pipeline.output_variables import handed_back
from codepipeline_orchestrator.result.document import Result, build_result
from tests.unit.reports import run_end
from tests.unit.result.test_document import EXECUTION, RUN, TARGET

REVISION = {"actionName": "Git", "revisionType": "COMMIT_ID", "revisionValue": "abc"}


@pytest.mark.parametrize(
    "given_, words",
    [
        (
            {"outputVariables": ["A.b_c", "X.y", "A_b.c"]},
            (
                "outputVariables.2: A_b.c and A.b_c would both be returned as A_b_c. Remove "
                "one of them, or give one of the target's actions another namespace."
            ),
        ),
        (
            {"outputVariables": ["A.b", "A.b"]},
            "outputVariables.1: A.b is already in outputVariables.0. Remove one of them.",
        ),
        (
            {"outputVariables": ["revision.App"]},
            (
                "outputVariables.0: revision.App would be returned as revision_App, but names "
                "that begin with revision_ are reserved for the revisions of the target's source "
                "artifacts. Give the target's action another namespace, or remove this variable."
            ),
        ),
        (
            {"variables": [{"name": "A", "value": value} for value in "12"]},
            "variables.1: the variable A is already in variables.0. Remove one of them.",
        ),
        (
            {"sourceRevisions": [REVISION, {**REVISION, "revisionValue": "def"}]},
            (
                "sourceRevisions.1: the COMMIT_ID of Git is already in sourceRevisions.0. "
                "Remove one of them."
            ),
        ),
    ],
)
def test_the_error_for_a_collision_names_the_field_and_the_fix(given_, words):
    with pytest.raises(InvalidInput) as caught:
        parse_input({"pipelineName": "p", **given_})
    assert str(caught.value) == words


def test_at_most_three_collisions_are_listed():
    names = [f"{left}{dot}b{rest}" for left in "ABCD" for dot, rest in ((".", "_c"), ("_", ".c"))]
    with pytest.raises(InvalidInput) as caught:
        parse_input({"pipelineName": "p", "outputVariables": names})
    assert str(caught.value).count("would both be returned") == 3
    assert str(caught.value).count("namespace; outputVariables.") == 2


def test_the_key_and_the_version_of_one_s3_object_do_not_collide():
    kinds = ("S3_OBJECT_KEY", "S3_OBJECT_VERSION_ID")
    revisions = [{**REVISION, "revisionType": kind} for kind in kinds]
    read = parse_input({"pipelineName": "p", "sourceRevisions": revisions})
    assert read.source_revisions is not None
    assert [each.revision_type for each in read.source_revisions] == list(kinds)


# The small alphabet makes collisions likely.
PARTS = st.text("ab_-", min_size=1, max_size=4) | st.sampled_from(["revision", "revision_a", "A"])
NAMES = st.builds("{}.{}".format, PARTS, PARTS)


@given(st.lists(NAMES, min_size=1, max_size=6), st.lists(PARTS, max_size=3, unique=True))
def test_every_accepted_output_variable_is_returned(names, artifacts):
    own = result_of([Revision(name=name, revision_id="abc") for name in artifacts])
    values = {name: str(number) for number, name in enumerate(names)}
    found = handed_back(own, values)

    try:
        parse_input({"pipelineName": "p", "outputVariables": names})
    except InvalidInput:
        return
    assert len(found) == len(own) + len(names)
    assert {name: found[name] for name in own} == own


def result_of(revisions):
    return dict(whole_result(revisions).output_variables)


def whole_result(revisions=()) -> Result:
    end = "2026-01-05T09:12:30+00:00"
    known = [{"name": each.name, "revisionId": each.revision_id} for each in revisions]
    return build_result(
        run_end(
            RUN,
            TARGET,
            EXECUTION,
            "Succeeded",
            status="Succeeded",
            endTime=end,
            sourceRevisions=known,
        )
    )


def test_the_names_of_built_in_output_variables_are_reserved():
    own = result_of([Revision(name="My source", revision_id="abc")])
    assert "revision_My_source" in own
    assert [name for name in own if not is_reserved(name)] == []
