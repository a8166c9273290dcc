"""Name the pipeline that was probably meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from codepipeline_orchestrator.input.mistakes import meant
from codepipeline_orchestrator.model.target import Place
from pipeline_run.connection import Connection
from pipeline_run.errors import CommandError, aws_refusals

_MOST_NAMED = 5

# The names of the pipelines in a Region, or None if they are unknown.
ListNames = Callable[[str], Sequence[str] | None]


def list_names(connection: Connection, region: str) -> list[str] | None:
    """The names of all pipelines, or None if the caller may not list them."""
    try:
        with aws_refusals("list the pipelines"):
            pages = connection.codepipeline(region).get_paginator("list_pipelines").paginate()
            return [each["name"] for page in pages for each in page["pipelines"]]
    except CommandError:
        return None


def not_found(name: str, place: Place, names: Sequence[str] | None) -> str:
    """Report that a pipeline does not exist. `names` are those of the existing pipelines."""
    if names is not None and not names:
        return (
            f"Account {place.account} has no pipelines in {place.region}. Check --target-region, "
            "--role-arn and --profile."
        )
    missing = f"There is no pipeline {name} in account {place.account}, {place.region}"
    if names is None:
        return (
            f"{missing}. Check the name, the Region, and the role, which sets the account. With a "
            "--target-profile that may list pipelines, this command suggests a name."
        )
    if hint := meant(name, names):
        return f"{missing}{hint}."
    more = len(names) - _MOST_NAMED
    others = f" and {more} more" if more > 0 else ""
    return f"{missing}. Pipelines there: {', '.join(names[:_MOST_NAMED])}{others}."
