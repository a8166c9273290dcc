"""Compares what the input asks for with what an execution has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from codepipeline_orchestrator.model.report import Difference
from codepipeline_orchestrator.model.request import Request
from codepipeline_orchestrator.text import plain

if TYPE_CHECKING:
    from codepipeline_orchestrator.aws.answers import ResolvedVariable, SourceActionRevision

_LONGEST = 200  # characters of a value; a message names several
# What revisionId shows of it. An S3 object's key is not among the revisions that AWS lists.
_COMPARABLE = {"COMMIT_ID", "IMAGE_DIGEST", "S3_OBJECT_VERSION_ID"}


def different_variables(
    request: Request, variables: Iterable[ResolvedVariable]
) -> tuple[Difference, ...]:
    """The variables that the input gives, and the execution has otherwise.

    `variables` are ResolvedPipelineVariables of GetPipelineExecution.
    """
    actual = {each.name: each.resolved_value for each in variables}
    return tuple(
        _difference(f"variables.{each['name']}", each["value"], actual.get(each["name"]))
        for each in request.variables
        if actual.get(each["name"]) != each["value"]
    )


def different_revisions(
    request: Request, revisions: Iterable[SourceActionRevision]
) -> tuple[Difference, ...]:
    """The source revisions that the input gives, and the execution has otherwise.

    `revisions` are SourceRevisions of ListPipelineExecutions, without those that the execution's
    source actions have not reported yet. A revision that cannot be compared counts as different.
    """
    actual = {each.action_name: each.revision_id for each in revisions}
    return tuple(
        _difference(f"sourceRevisions.{each['actionName']}", each["revisionValue"], found)
        for each in request.source_revisions
        for found in [actual.get(each["actionName"])]
        if each["revisionType"] not in _COMPARABLE or found != each["revisionValue"]
    )


def lacks_revisions(request: Request, revisions: Iterable[SourceActionRevision]) -> bool:
    """Whether a source action that the input names has not reported its revision yet."""
    reported = {each.action_name for each in revisions}
    return any(each["actionName"] not in reported for each in request.source_revisions)


def _difference(name: str, asked: str, actual: str | None) -> Difference:
    return Difference(name, plain(asked, _LONGEST) or "", plain(actual, _LONGEST))
