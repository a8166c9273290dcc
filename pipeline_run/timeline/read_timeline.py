"""Read the data for a timeline from AWS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from codepipeline_orchestrator.model.documents import from_document
from codepipeline_orchestrator.model.links import run_link
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.target import Place, Target
from pipeline_run import snapshots
from pipeline_run.aws_clock import time_of
from pipeline_run.connection import Connection
from pipeline_run.environment import environment
from pipeline_run.runs import Run
from pipeline_run.snapshots import TimedSnapshot
from pipeline_run.target_execution import executed_actions
from pipeline_run.timeline.model import Row, Timeline, linked
from pipeline_run.timeline.poll_rows import rows_from_polls
from pipeline_run.timeline.progress_row import progress_row
from pipeline_run.timeline.run_rows import rows_of_run
from pipeline_run.timeline.steps import RunStep, events, steps
from pipeline_run.timeline.target_rows import rows_from_actions, rows_from_result

_MOST_EXECUTIONS = 5  # maximum number of followed executions whose actions are read
_MOST_ACTIONS = 2_000
_HOW = "To read its actions, use --target-profile with a profile that may read it."
_POLLED = (
    "Its stages and actions are shown as the run's polls found them. Where a time lies between two "
    "polls, <= marks the longest possible duration."
)


@dataclass(frozen=True)
class _Read:
    """The target's action executions, or the reason why they were not read."""

    actions: Sequence[Mapping[str, Any]] = ()
    error: str = ""
    elsewhere: str = ""  # the target's account, if the caller gave no profile for it


def read_timeline(connection: Connection, run: Run, target_profile: str | None) -> Timeline:
    """The run's timeline.

    The target's rows come from its action executions if the caller can read them, else from the
    run's result, else from the run's polls.
    """
    history = list(events(connection, run.arn))
    # AWS's time has no fraction of a second, so the newest event can be later.
    now = max(
        time_of([run.described], environment()), *(each["timestamp"] for each in history[-1:])
    )
    taken = steps(history)
    target = next(
        (from_document(Target, step.changes["target"]) for step in taken if _has(step)), None
    )
    polled = [step for step in taken if step.snapshot]
    ids = list(dict.fromkeys(_followed(polled)))
    read = _actions(connection, run, target, ids, target_profile)
    of_target, note = _of_target(run, target, taken, ids, read)
    ended = run.stopped
    page = linked(("The run", run_link(run.arn)))
    seen = progress_row(taken, ended, page)
    return Timeline(
        run=run,
        now=now,
        target=str(target) if target else run.pipeline,
        execution=polled[-1].snapshot if polled else None,
        snapshot=snapshots.of_events(reversed(history)) if run.goes_on else TimedSnapshot(),
        of_target=of_target,
        of_run=_rows(seen, rows_of_run(taken, ended, page)),
        note=note,
    )


def _of_target(
    run: Run, target: Target | None, taken: Sequence[RunStep], ids: Sequence[str], read: _Read
) -> tuple[list[Row], str]:
    """The target's rows, and a note on what could not be read, and how to read it."""
    failed = f"The target could not be read ({read.error}). {_HOW}" if read.error else ""
    outcome = next((each for each in Outcome if each == run.outcome), None)
    rows = rows_from_actions(read.actions, target, {ids[-1]: outcome} if ids and outcome else {})
    rows = rows or rows_from_result(run, target)
    if rows:
        return rows, failed
    rows = rows_from_polls(taken, run)
    if read.elsewhere:
        failed = f"The target is in another account, {read.elsewhere}. {_HOW}"
    return rows, f"{failed} {_POLLED}" if rows else failed


def _rows(seen: Row | None, others: list[Row]) -> list[Row]:
    return [seen, *others] if seen else others


def _has(step: RunStep) -> bool:
    return step.state == "AssumeRole" and bool(step.changes.get("target"))


def _followed(polled: Sequence[RunStep]) -> list[str]:
    found = (step.snapshot.pipeline_execution_id for step in polled if step.snapshot)
    return [each for each in found if each]


def _actions(
    connection: Connection,
    run: Run,
    target: Target | None,
    ids: Sequence[str],
    profile: str | None,
) -> _Read:
    if target is None or not ids:
        return _Read()
    if profile is None and Place.of(run.arn).account != target.account:
        return _Read(elsewhere=target.account)
    client = connection.with_profile(profile).codepipeline(target.region)
    found: list[Mapping[str, Any]] = []
    try:
        for execution_id in ids[-_MOST_EXECUTIONS:]:
            actions = executed_actions(client, target.pipeline_name, execution_id)
            found += islice(actions, _MOST_ACTIONS)
    except (BotoCoreError, ClientError) as error:
        return _Read(error=str(error))
    return _Read(found)
