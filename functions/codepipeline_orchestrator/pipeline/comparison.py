"""Compares an execution's variables and source revisions with the input."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from codepipeline_orchestrator.model.report import Difference
from codepipeline_orchestrator.model.request import Request
from codepipeline_orchestrator.text import plain

if TYPE_CHECKING:
    from codepipeline_orchestrator.aws.answers import ResolvedVariable, SourceActionRevision

_LONGEST = 200  # maximum number of characters of a value; a message shows several values
# Types that revisionId can be compared with. AWS does not return the keys of S3 objects.
_COMPARABLE = {"COMMIT_ID", "IMAGE_DIGEST", "S3_OBJECT_VERSION_ID"}


def different_variables(
    request: Request, variables: Iterable[ResolvedVariable]
) -> tuple[Difference, ...]:
    """The variables in the input whose values differ in the execution.

    `variables` are the ResolvedPipelineVariables of GetPipelineExecution.
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
    """The source revisions in the input that differ in the execution.

    `revisions` are the SourceRevisions of ListPipelineExecutions, which source actions add as they
    finish. A revision that cannot be compared counts as different.
    """
    actual = {each.action_name: each.revision_id for each in revisions}
    return tuple(
        _difference(f"sourceRevisions.{each['actionName']}", each["revisionValue"], found)
        for each in request.source_revisions
        for found in [actual.get(each["actionName"])]
        if each["revisionType"] not in _COMPARABLE or found != each["revisionValue"]
    )


def lacks_revisions(request: Request, revisions: Iterable[SourceActionRevision]) -> bool:
    """Whether a source action named in the input has not reported its revision yet."""
    reported = {each.action_name for each in revisions}
    return any(each["actionName"] not in reported for each in request.source_revisions)


def _difference(name: str, asked: str, actual: str | None) -> Difference:
    return Difference(name, plain(asked, _LONGEST) or "", plain(actual, _LONGEST))
