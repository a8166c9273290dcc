"""The command `pipeline-run list`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import click

from codepipeline_orchestrator.input.mistakes import meant
from codepipeline_orchestrator.model.outcome import Outcome
from pipeline_run import deployment
from pipeline_run.aws_clock import time_of
from pipeline_run.caller import CallerKind, caller_of
from pipeline_run.choice import ChoiceWithHint
from pipeline_run.columns import terminal_width
from pipeline_run.connection import Connection, asks_aws, json_option
from pipeline_run.environment import environment
from pipeline_run.output import remark, say, say_json
from pipeline_run.reason import reason
from pipeline_run.run_output import run_document
from pipeline_run.run_search import NAMES_SEARCHED, RUNS_SEARCHED, RunReader
from pipeline_run.run_table import run_row, run_table
from pipeline_run.runs import RUNNING, Run
from pipeline_run.snapshots import newest_snapshot
from pipeline_run.starting import own_name

_STATUSES = ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE")
_OUTCOMES = (RUNNING, *(each.value for each in Outcome))
_ENDED = {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}
NEVER_ACCEPTED = {Outcome.FAILED, Outcome.STOPPED, Outcome.CANCELLED, Outcome.TIMED_OUT}
_MOST = 100  # describing each run takes one API call
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class _Since(click.ParamType[datetime]):
    """A period before now, such as 2h, or a date or time."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The time. A time without an offset is local."""
        if isinstance(value, datetime):
            return value
        try:
            if period := re.fullmatch(r"([0-9]{1,6})([mhdw])", value):
                return environment().now() - timedelta(**{_UNITS[period[2]]: int(period[1])})
            return datetime.fromisoformat(value).astimezone()
        except (ValueError, OverflowError):
            return self.fail(
                f"{value!r} is not a period such as 30m, 2h, 3d or 1w, or a date such as "
                "2026-01-05 or 2026-01-05T09:30.",
                param,
                ctx,
            )


@click.command("list")
@click.option(
    "--pipeline",
    metavar="NAME",
    help="List only runs for this target, or that this pipeline started.",
)
@click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    type=ChoiceWithHint(_OUTCOMES, case_sensitive=False),
    help="List only runs with this outcome. Repeatable.",
)
@click.option(
    "--since",
    metavar="TIME",
    type=_Since(),
    help="List only runs that started after this time: 2h, 3d, or a date in local time.",
)
@click.option("--mine", is_flag=True, help="List only runs that you started with pipeline-run.")
@click.option(
    "--status",
    type=ChoiceWithHint(_STATUSES, case_sensitive=False),
    help="List only runs with this status in Step Functions.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, _MOST),
    default=10,
    show_default=True,
    help="Maximum number of runs to list.",
)
@json_option
@asks_aws
def command(
    *,
    connection: Connection,
    pipeline: str | None,
    outcomes: Sequence[str],
    since: datetime | None,
    mine: bool,
    status: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List the newest runs, with the reasons for their outcomes.

    \b
    Examples:
      pipeline-run list --outcome Failed --since 3d
      pipeline-run list --pipeline deploy-shop --mine
    """  # noqa: D301 - \b keeps click from rewrapping a paragraph
    reader = RunReader(connection, deployment.find(connection))
    listed = reader.newest(NAMES_SEARCHED, status)
    me = own_name(connection) if mine else None
    chosen = [each for each in listed if _may_be_shown(each, since, me, outcomes)]
    searched = chosen[:RUNS_SEARCHED] if pipeline or outcomes else chosen[:limit]

    def is_meant(run: Run) -> bool:
        return (not pipeline or pipeline in run.pipelines) and (
            not outcomes or run.outcome in outcomes
        )

    found = list(islice(filter(is_meant, reader.each(searched)), limit))
    if as_json:
        say_json([run_document(run) for run in found])
    elif not found:
        hint = "" if pipeline in reader.pipelines else meant(pipeline, reader.pipelines)
        say(f"No runs found{hint}.")
    else:
        reasons = environment().call_each(lambda run: _reason(connection, run), found)
        others = reader.newest(NAMES_SEARCHED) if status else listed
        _print(found, list(reasons), [run["name"] for run in others])
    if pipeline and reader.unknown_callers:
        remark(reader.unknown_callers)
    if len(found) == limit < len(chosen) and (pipeline or outcomes or since or mine or status):
        more = f" Use --limit to list up to {_MOST}." if limit < _MOST else ""
        remark(f"Listed the newest {limit}. There may be more.{more}")
    if len(found) < limit and (most := number_searched(listed, chosen, searched, since)):
        remark(
            f"Only the newest {most:,} runs were searched. To search further back, add --status."
        )


def number_searched(
    listed: Sequence[Any], chosen: Sequence[Any], searched: Sequence[Any], since: datetime | None
) -> int | None:
    """How many runs were searched, or None if there are no others to search."""
    if len(searched) < len(chosen):
        return len(searched)
    is_rest_too_old = since and listed and listed[-1]["startDate"] < since
    return len(listed) if len(listed) == NAMES_SEARCHED and not is_rest_too_old else None


def _may_be_shown(
    listed: Any, since: datetime | None, me: str | None, outcomes: Sequence[str]
) -> bool:
    if since and listed["startDate"] < since:
        return False
    if outcomes and not any(listed["status"] in possible_statuses(each) for each in outcomes):
        return False
    if me is None:
        return True
    caller = caller_of(listed["name"], {})
    return caller is not None and caller.kind is CallerKind.PERSON and caller.name == me


def possible_statuses(outcome: str) -> set[str]:
    """The statuses in Step Functions that a run with this outcome can have."""
    if outcome == RUNNING:
        return set(_STATUSES) - _ENDED
    return _ENDED - {"SUCCEEDED"} if outcome in NEVER_ACCEPTED else _ENDED


def _reason(connection: Connection, run: Run) -> str:
    return newest_snapshot(connection, run.arn).short() if run.goes_on else reason(run)


def _print(found: Sequence[Run], reasons: Sequence[str], names: Sequence[str]) -> None:
    now = time_of((run.described for run in found), environment())
    rows = [run_row(run, why, now) for run, why in zip(found, reasons, strict=True)]
    for line in run_table(rows, names, terminal_width()):
        say(line)
