"""Find and read runs in Step Functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from codepipeline_orchestrator.aws.answers import PipelineContext, RunDescription, read_answer
from codepipeline_orchestrator.job.answer_from_run import digest_in, goes_on
from codepipeline_orchestrator.model.documents import json_object
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.target import Place
from pipeline_run import deployment as deployments
from pipeline_run.caller import Caller, CallerKind, caller_of
from pipeline_run.connection import Connection
from pipeline_run.deployment import Deployment
from pipeline_run.errors import CommandError, WrongUse, aws_refusals
from pipeline_run.input_document import pipeline_name, role_arn
from pipeline_run.output import one_line
from pipeline_run.run_result import result_from

RUNNING = "Running"  # shown instead of an outcome while the run has not ended


@dataclass(frozen=True)
class Run:
    """A run, as DescribeExecution returns it. Its documents may contain anything."""

    described: Mapping[str, Any]
    invoking: PipelineContext | None = None  # None if no action started it, or if it is unknown

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
    def has_job(self) -> bool:
        """Whether a pipeline action started the run."""
        return digest_in(read_answer(RunDescription, self.described)) is not None

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
        return pipeline_name(self.input) or "?"

    @property
    def target_place(self) -> Place:
        """The account and Region of the target."""
        here, role = Place.of(self.arn), role_arn(self.input)
        region = self.input.get("region")
        return Place(
            here.partition,
            region if isinstance(region, str) else here.region,
            Place.of(role).account if role else here.account,
        )

    @property
    def targets_own_account(self) -> bool:
        """Whether the target is in the account of the run."""
        return self.target_place.account == Place.of(self.arn).account

    @property
    def pipelines(self) -> set[str]:
        """The target pipeline and, if it is known, the pipeline that started the run."""
        invoking = self.invoking.pipeline_name if self.invoking else None
        return {self.pipeline, invoking or self.pipeline}

    @property
    def caller(self) -> Caller | None:
        """Who or what started the run, if it is known."""
        if self.has_job:
            return Caller(
                CallerKind.PIPELINE, self.invoking.pipeline_name if self.invoking else None
            )
        return caller_of(self.name, self.input)

    @property
    def outcome(self) -> str:
        """The run's outcome, or Running."""
        return RUNNING if self.goes_on else str(self.result.get("outcome", Outcome.ERROR))

    @property
    def result(self) -> dict[str, Any]:
        """The result document. Empty while the run continues."""
        if self.goes_on:
            return {}
        document = result_from(self.described)
        if self.status == "ABORTED":
            document["message"] = self._stopped()
        return document

    @property
    def failure(self) -> dict[str, Any]:
        """The stage and action that failed, with message and links. Empty if nothing failed."""
        return self.result.get("failure") or {}

    @property
    def executions(self) -> set[str]:
        """The target executions that the run's input and result name."""
        names = ("pipelineExecutionId", "superseded", "restarted")
        found = (document.get(name) for document in (self.input, self.result) for name in names)
        return {each for each in found if isinstance(each, str)}

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
    run = read_if_exists(connection, arn)
    if run is None:
        raise CommandError(
            f"Run {arn} does not exist, or its history has expired.", _elsewhere(connection, arn)
        )
    return run


def read_if_exists(connection: Connection, arn: str) -> Run | None:
    """The run with this ARN, or None if it does not exist."""
    client = connection.stepfunctions
    with aws_refusals(f"describe the run {arn}"):
        try:
            return Run(client.describe_execution(executionArn=arn))
        except (client.exceptions.ExecutionDoesNotExist, client.exceptions.InvalidArn):
            return None


def of_arn(connection: Connection, arn: str) -> Run:
    """The run with this ARN.

    Raises CommandError if it does not exist or is not an execution of codepipeline-orchestrator.
    """
    machine = deployments.state_machine_of(arn)
    if machine is None:
        raise WrongUse(
            f"{arn} is not the ARN of a run.",
            "A run's ARN has the form arn:aws:states:REGION:ACCOUNT:execution:STATE-MACHINE:NAME.",
        )
    run = read(connection, arn)
    where = deployments.from_definition(connection, machine)
    if where is None:
        raise _other_program(arn, machine)
    deployments.remark_if_unconfirmed(where)
    return confirmed(run, where)


def confirmed(run: Run, where: Deployment) -> Run:
    """The run, if it is one of codepipeline-orchestrator's.

    Raises CommandError if the state machine's definition could not be read and the run's documents
    are not those of a run.
    """
    if where.unconfirmed and not (run.pipeline != "?" or "pipelineExecutionId" in run.result):
        raise _other_program(run.arn, where.state_machine)
    return run


def _other_program(arn: str, machine: str) -> CommandError:
    return CommandError(
        f"Execution {arn} belongs to the state machine {machine.rpartition(':')[2]}, which is not "
        "a deployment of codepipeline-orchestrator.",
        "List the runs of your deployment with `pipeline-run list`.",
    )


def _elsewhere(connection: Connection, arn: str) -> str:
    region = Place.of(arn).region
    if region != connection.session.region_name:
        return f"It is in another Region. Use --region {region}."
    return "List the newest runs with `pipeline-run list`."
