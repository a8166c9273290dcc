"""The command `pipeline-run logs`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from pipeline_run.connection import Connection, asks_aws, json_option, target_profile_option
from pipeline_run.errors import CommandError
from pipeline_run.exits import Exit
from pipeline_run.output import clock_time, remark, say, say_json
from pipeline_run.run_logs import (
    LogLine,
    deployment_of,
    log_of_failure,
    read_action_log,
    read_function_logs,
)
from pipeline_run.run_search import named
from pipeline_run.runs import Run
from pipeline_run.target_execution import connection_to_target, target_execution

_MOST = 10_000  # lines; a limit of GetLogEvents


@click.command("logs")
@click.argument("run", required=False)
@click.option(
    "--limit",
    type=click.IntRange(1, _MOST),
    default=100,
    show_default=True,
    help="Maximum number of lines of each log. The newest lines are shown.",
)
@target_profile_option("to read the failed action's log")
@json_option
@asks_aws
def command(
    *,
    connection: Connection,
    run: str | None,
    limit: int,
    target_profile: str | None,
    as_json: bool,
) -> None:
    """Show the log of the action that failed, and what the functions logged for the run.

    RUN is a run's name, an execution's ID or a pipeline's name. Default: the newest run.

    \b
    Examples:
      pipeline-run logs 3f0c9a51
      pipeline-run logs deploy-shop --target-profile shop --limit 20
    """  # noqa: D301 - \b keeps click from rewrapping a paragraph
    found = named(connection, run)
    failure = found.failure
    place = "/".join(str(failure[name]) for name in ("stage", "action") if failure.get(name))
    action = None
    if failure:
        action = _read(lambda: _of_action(connection, found, failure, target_profile, limit))
        link = failure.get("logLink") or failure.get("link")
        if action is None and link:
            remark(f"See {link}")
    functions = _read(
        lambda: read_function_logs(connection, deployment_of(connection, found), found, limit)
    )
    if as_json:
        shown = {"action": place or None, "actionLog": _document(action)}
        functions_log = {"functionsLog": _document(functions)}
        say_json({"run": found.arn, "name": found.name, **shown, **functions_log})
    else:
        if failure:
            _print(f"The log of {place}", action)
        _print(f"The functions' log of run {found.name}", functions)
    if action is None and functions is None:
        raise click.exceptions.Exit(Exit.NO_ANSWER)


def _of_action(
    connection: Connection,
    run: Run,
    failure: Mapping[str, Any],
    target_profile: str | None,
    limit: int,
) -> list[LogLine]:
    log = log_of_failure(failure)
    if log is None:
        raise CommandError("No CloudWatch log is known for the failed action.")
    target = target_execution(connection, run)
    there = connection_to_target(connection, target_profile, target)
    return read_action_log(there, log, target.place.region, limit)


def _read(read: Callable[[], list[LogLine]]) -> list[LogLine] | None:
    try:
        return read()
    except CommandError as error:
        remark(error.message)
        return None


def _document(lines: Sequence[LogLine] | None) -> list[Any] | None:
    if lines is None:
        return None
    return [{"time": line.time, "message": line.document or line.text} for line in lines]


def _print(heading: str, lines: Sequence[LogLine] | None) -> None:
    if lines is None:
        return
    say(f"{heading}:" if lines else f"{heading} is empty.")
    for line in lines:
        say(f"  {clock_time(line.time)}  {line}")
