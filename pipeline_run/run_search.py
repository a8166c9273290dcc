"""Find the run that a person means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from codepipeline_orchestrator.errors import JobsUnavailable
from codepipeline_orchestrator.input.mistakes import meant
from codepipeline_orchestrator.job.table import JobsTable
from pipeline_run import deployment as deployments
from pipeline_run import runs
from pipeline_run.connection import Connection
from pipeline_run.deployment import Deployment
from pipeline_run.environment import environment
from pipeline_run.errors import CommandError, WrongUse, aws_refusals
from pipeline_run.output import one_line
from pipeline_run.runs import Run
from pipeline_run.snapshots import newest_snapshot

NAMES_SEARCHED = 1_000  # one call of ListExecutions
RUNS_SEARCHED = 200  # at least one call of DescribeExecution for each
_BATCH = 20
_LONGEST_NAME = 80  # characters; a limit of Step Functions
_MOST_CANDIDATES = 5
_LIST = "List runs with `pipeline-run list`, or use a run's ARN."
_UNKNOWN_CALLERS = "The pipelines that started some of the runs could not be read."
_HEXADECIMAL = re.compile(r"[0-9a-f-]+")
SHORT_ID = 8  # characters of an execution's ID that CodePipeline's console shows
_TOO_SHORT = f" For an execution, enter at least {SHORT_ID} characters of its ID."


def named(connection: Connection, text: str | None = None) -> Run:
    """The run that the text means. Without text, the newest run.

    The text is a run's ARN, its name or the beginning of its name, the ID of the target execution
    or the invoking execution, or the name of the target or invoking pipeline, which means its
    newest run. Raises CommandError if there is no such run, or more than one.
    """
    if text is not None and not text.strip():
        # A script's empty variable must not stop or repeat whatever run is the newest.
        raise WrongUse("RUN is empty.", "Name a run. `pipeline-run list` lists them.")
    if text and text.startswith("arn:"):
        return runs.of_arn(connection, text)
    where = deployments.find(connection)
    reader = RunReader(connection, where)
    return runs.confirmed(_meant(reader, text) if text else _newest(reader), where)


class RunReader:
    """Reads a deployment's runs, with their invoking pipelines if the user may read those."""

    def __init__(self, connection: Connection, where: Deployment) -> None:
        self.connection = connection
        self.where = where
        self.pipelines: set[str] = set()  # the targets and invoking pipelines of the runs it read
        self.unknown_callers = ""  # a sentence, if it is unknown which pipelines started some runs
        self._jobs: JobsTable | None = None
        self._jobs_are_readable = True

    def newest(self, most: int, status: str | None = None) -> list[Any]:
        """The newest runs, as ListExecutions returns them."""
        more = {"statusFilter": status} if status else {}
        pages = self.connection.stepfunctions.get_paginator("list_executions")
        with aws_refusals("list the runs"):
            found = pages.paginate(
                stateMachineArn=self.where.state_machine,
                PaginationConfig={"MaxItems": most, "PageSize": min(most, 1000)},
                **more,  # type: ignore[arg-type] # the status is valid
            )
            return [run for page in found for run in page["executions"]]

    def read(self, arns: Sequence[str]) -> list[Run]:
        """The runs with these ARNs, except those whose history has expired meanwhile."""
        self.connection.stepfunctions  # noqa: B018 - created before the threads use it
        found = environment().call_each(self._described, arns)
        read = self._with_invoking([run for run in found if run])
        for run in read:
            self.pipelines |= run.pipelines
            if run.has_job and not run.invoking:
                self.unknown_callers = _UNKNOWN_CALLERS
        return read

    def each(self, listed: Sequence[Any]) -> Iterator[Run]:
        """Read the listed runs in batches, as they are needed."""
        for start in range(0, len(listed), _BATCH):
            yield from self.read([run["executionArn"] for run in listed[start : start + _BATCH]])

    def _described(self, arn: str) -> Run | None:
        return runs.read_if_exists(self.connection, arn)

    def _with_invoking(self, found: Sequence[Run]) -> list[Run]:
        if self._jobs is None and any(run.has_job for run in found):
            self._jobs = self._jobs_table()
        return list(environment().call_each(self._with_context, found))

    def _with_context(self, run: Run) -> Run:
        if self._jobs is None or not self._jobs_are_readable or not run.has_job:
            return run
        try:
            item = self._jobs.read(run.name)
        except JobsUnavailable:
            self._jobs_are_readable = False
            return run
        return replace(run, invoking=item.context) if item else run

    def _jobs_table(self) -> JobsTable | None:
        if not self.where.stack or not self._jobs_are_readable:
            return None
        try:
            name = deployments.stack_resources(self.connection, self.where.stack).get("JobsTable")
        except (BotoCoreError, ClientError):
            name = None
        self._jobs_are_readable = name is not None
        return JobsTable(name, self.connection.client("dynamodb")) if name else None


def _newest(reader: RunReader) -> Run:
    found = reader.read([run["executionArn"] for run in reader.newest(1)])
    if not found:
        raise CommandError("No runs found.", "Start one with `pipeline-run start PIPELINE`.")
    return found[0]


def _meant(reader: RunReader, text: str) -> Run:
    if len(text) <= _LONGEST_NAME and (exact := reader.read([reader.where.run_arn(text)])):
        return exact[0]
    listed = reader.newest(NAMES_SEARCHED)
    begun = [run["executionArn"] for run in listed if run["name"].startswith(text)]
    is_id = _HEXADECIMAL.fullmatch(text) is not None
    if not begun or not is_id:
        recent: Iterable[Run] = reader.each(listed[:RUNS_SEARCHED])
        found: list[Run] = []
        if is_id and len(text) >= SHORT_ID:
            recent = list(recent)
            found = _of_execution(reader, text, recent)
        if found := found or _of_pipeline(text, recent):
            return _only_one(text, found)
    if begun:
        return _only_one(text, reader.read(begun[: _MOST_CANDIDATES + 1]))
    bounds = (
        f" Searched the names of the newest {len(listed):,} runs and the pipelines and executions "
        f"of the newest {RUNS_SEARCHED}."
    )
    raise CommandError(
        f"No run matches '{one_line(text)}'{one_line(meant(text, reader.pipelines))}."
        f"{bounds if listed[RUNS_SEARCHED:] else ''}"
        f"{_TOO_SHORT if is_id and len(text) < SHORT_ID else ''}",
        f"{reader.unknown_callers} {_LIST}".lstrip(),
    )


def _of_execution(reader: RunReader, text: str, recent: Sequence[Run]) -> list[Run]:
    """The runs that follow, or were started by, an execution whose ID begins with the text."""
    ids = environment().call_each(lambda run: _executions(reader, run), recent)
    return [
        run
        for run, known in zip(recent, ids, strict=True)
        if any(each.startswith(text) for each in known)
    ]


def _executions(reader: RunReader, run: Run) -> set[str]:
    known = {*run.executions, run.invoking.pipeline_execution_id if run.invoking else None}
    if run.goes_on:
        known.add(newest_snapshot(reader.connection, run.arn).execution_id)
    return {each for each in known if each}


def _of_pipeline(text: str, recent: Iterable[Run]) -> list[Run]:
    """The newest run for a pipeline, or else the newest run that the pipeline started."""
    started = None
    for run in recent:
        if run.pipeline == text:
            return [run]
        if started is None and text in run.pipelines:
            started = run
    return [started] if started else []


def _only_one(text: str, found: Sequence[Run]) -> Run:
    if found[1:]:
        shown = [
            f"{run.name} ({one_line(run.pipeline)}, {run.outcome})"
            for run in found[:_MOST_CANDIDATES]
        ]
        more = ", and more" if found[_MOST_CANDIDATES:] else ""
        raise CommandError(
            f"Several runs match '{one_line(text)}': {', '.join(shown)}{more}.",
            "Enter more of the run's name.",
        )
    return found[0]
