"""The pipeline execution that a run follows, and the connection to its account."""

from __future__ import annotations

from dataclasses import dataclass, replace

from codepipeline_orchestrator.model.links import execution_link
from codepipeline_orchestrator.model.target import Place, Target
from pipeline_run.connection import Connection
from pipeline_run.errors import CommandError, aws_refusals
from pipeline_run.input_document import role_arn
from pipeline_run.runs import Run
from pipeline_run.snapshots import newest_snapshot


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
    if run.goes_on:
        snapshot = newest_snapshot(connection, run.arn).snapshot
        execution_id = snapshot.pipeline_execution_id if snapshot else None
    else:
        execution_id = run.result.get("pipelineExecutionId")
    return TargetExecution(run.pipeline, target_place(run), execution_id)


def connection_to_target(
    connection: Connection, profile: str | None, target: TargetExecution
) -> Connection:
    """A connection with this profile. Raises CommandError if it is for another account."""
    there = replace(connection, profile=profile or connection.profile, region=target.place.region)
    with aws_refusals("verify your AWS identity"):
        account = there.client("sts").get_caller_identity()["Account"]
    if account != target.place.account:
        raise CommandError(
            f"The target {target.pipeline} is in account {target.place.account}, but your "
            f"credentials are for account {account}.",
            "Use --target-profile with a profile for the target's account.",
        )
    return there


def target_place(run: Run) -> Place:
    """The account and Region of the run's target."""
    here, role = Place.of(run.arn), role_arn(run.input)
    region = run.input.get("region")
    return Place(
        here.partition,
        region if isinstance(region, str) else here.region,
        Place.of(role).account if role else here.account,
    )
