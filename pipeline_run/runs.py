"""Find and read runs in Step Functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from codepipeline_orchestrator.aws.answers import RunDescription, read_answer
from codepipeline_orchestrator.job.answer_from_run import goes_on, result_of
from codepipeline_orchestrator.model.documents import json_object
from pipeline_run import deployment as deployments
from pipeline_run.connection import Connection
from pipeline_run.deployment import Deployment
from pipeline_run.errors import CommandError, aws_refusals
from pipeline_run.input_document import pipeline_name
from pipeline_run.output import one_line

_NEWEST = 100  # runs searched for one whose name begins with the given text


@dataclass(frozen=True)
class Run:
    """A run, as DescribeExecution returns it."""

    described: Mapping[str, Any]

    @property
    def arn(self) -> str:
        """The run's ARN."""
        return str(self.described["executionArn"])

    @property
    def name(self) -> str:
        """The last part of the run's ARN."""
        return str(self.described["name"])

    @property
    def status(self) -> str:
        """The run's status in Step Functions."""
        return str(self.described["status"])

    @property
    def started(self) -> datetime:
        """When the run started."""
        start: datetime = self.described["startDate"]
        return start

    @property
    def stopped(self) -> datetime | None:
        """When the run ended, or None while it is running."""
        return self.described.get("stopDate")

    @property
    def goes_on(self) -> bool:
        """Whether the run is still running."""
        return goes_on(read_answer(RunDescription, self.described))

    @property
    def input(self) -> dict[str, Any]:
        """The run's input, without the job that started it."""
        document: Any = json_object(self.described.get("input"))
        if document.keys() == {"job", "input"}:
            document = document["input"]
        return document if isinstance(document, dict) else {}

    @property
    def pipeline(self) -> str:
        """The name of the target pipeline."""
        return str(pipeline_name(self.input) or "?")

    @property
    def result(self) -> dict[str, Any]:
        """The result document of a run that has ended."""
        document = result_of(read_answer(RunDescription, self.described))
        if self.status == "ABORTED":
            document["message"] = self._stopped()
        return document

    def _stopped(self) -> str:
        said = ": ".join(
            one_line(self.described[each]) for each in ("error", "cause") if each in self.described
        )
        return (
            f"The run was stopped in Step Functions{f' ({said})' if said else ''}. {self.left()} "
            "To try again, start another run."
        )

    def left(self) -> str:
        """What happens to the target when the run is stopped."""
        match self.input.get("onAbort"):
            case "stop":
                return (
                    "Its target stops once its running actions have ended, because onAbort is "
                    "'stop'."
                )
            case "abandon":
                return "Its target is being stopped because onAbort is 'abandon'."
        return "Its target continues."


def read(connection: Connection, arn: str) -> Run:
    """The run with this ARN. Raises CommandError if it does not exist."""
    client = connection.stepfunctions
    with aws_refusals(f"describe the run {arn}"):
        try:
            return Run(client.describe_execution(executionArn=arn))
        except (client.exceptions.ExecutionDoesNotExist, client.exceptions.InvalidArn) as error:
            raise CommandError(
                f"Run {arn} does not exist, or its history has expired.",
                "List the newest runs with `pipeline-run list`.",
            ) from error


def newest_runs(
    connection: Connection, where: Deployment, *, most: int, status: str | None = None
) -> list[Any]:
    """The newest runs, as ListExecutions returns them."""
    more = {"statusFilter": status} if status else {}
    pages = connection.stepfunctions.get_paginator("list_executions")
    with aws_refusals("list the runs"):
        found = pages.paginate(
            stateMachineArn=where.state_machine,
            PaginationConfig={"MaxItems": most, "PageSize": min(most, 1000)},
            **more,  # type: ignore[arg-type] # the status is valid
        )
        return [run for page in found for run in page["executions"]]


def named(connection: Connection, name: str | None) -> Run:
    """The run with this ARN, or whose name begins with this text. Without text, the newest run."""
    if name and deployments.of_run(name):
        return read(connection, name)
    where = deployments.find(connection)
    runs = newest_runs(connection, where, most=_NEWEST if name else 1)
    if not name:
        if not runs:
            raise CommandError("No runs found.", "Start one with `pipeline-run start PIPELINE`.")
        return read(connection, runs[0]["executionArn"])
    return read(connection, _meant(where, name, [run["name"] for run in runs]))


def _meant(where: Deployment, name: str, names: list[str]) -> str:
    if name in names:
        return where.run_arn(name)
    begun = [each for each in names if each.startswith(name)]
    if begun[1:]:
        raise CommandError(
            f"The names of {len(begun)} recent runs start with {name!r}: {', '.join(begun[:5])}.",
            "Enter more of the name.",
        )
    return where.run_arn(begun[0] if begun else name)
