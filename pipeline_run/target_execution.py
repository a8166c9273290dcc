"""The pipeline execution that a run follows, and the connection to its account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator.model.links import execution_link
from codepipeline_orchestrator.model.target import Place, Target
from pipeline_run.connection import Connection
from pipeline_run.errors import CommandError
from pipeline_run.runs import Run
from pipeline_run.snapshots import newest_snapshot

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient


@dataclass(frozen=True)
class TargetExecution:
    """An execution of a target pipeline."""

    pipeline: str
    place: Place
    execution_id: str | None  # None if the run has no execution yet, or never got one

    @property
    def link(self) -> str | None:
        """The execution's page in the console, if it has one."""
        if self.execution_id is None:
            return None
        place = self.place
        target = Target(self.pipeline, place.account, place.region, place.partition, "", None, "")
        return execution_link(target, self.execution_id)


def target_execution(connection: Connection, run: Run) -> TargetExecution:
    """The execution that the run follows or followed."""
    execution_id = run.result.get("pipelineExecutionId")
    if run.goes_on:
        execution_id = newest_snapshot(connection, run.arn).execution_id
    return TargetExecution(run.pipeline, run.target_place, execution_id)


def executed_actions(
    client: CodePipelineClient, pipeline: str, execution_id: str
) -> Iterator[Mapping[str, Any]]:
    """The action executions of a pipeline execution, newest first. Raises botocore's errors."""
    pages = client.get_paginator("list_action_executions").paginate(
        pipelineName=pipeline, filter={"pipelineExecutionId": execution_id}
    )
    return (each for page in pages for each in page["actionExecutionDetails"])


def connection_to_target(
    connection: Connection, profile: str | None, target: TargetExecution
) -> Connection:
    """A connection with this profile. Raises CommandError if it is for another account."""
    there = replace(connection.with_profile(profile), region=target.place.region)
    account = there.identity["Account"]
    if account != target.place.account:
        raise CommandError(
            f"The target {target.pipeline} is in account {target.place.account}, but your "
            f"credentials are for account {account}.",
            "Use --target-profile with a profile for the target's account.",
        )
    return there
