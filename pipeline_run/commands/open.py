"""The command `pipeline-run open`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import click

from codepipeline_orchestrator.model.links import run_link
from pipeline_run.connection import Connection, asks_aws, json_option
from pipeline_run.environment import environment
from pipeline_run.errors import CommandError, WrongUse
from pipeline_run.output import remark, say, say_json
from pipeline_run.run_search import named
from pipeline_run.runs import Run
from pipeline_run.target_execution import target_execution


@click.command("open")
@click.argument("run", required=False)
@click.option("--run", "of_run", is_flag=True, help="Open the run's page in Step Functions.")
@click.option("--page", is_flag=True, help="Open the run's timeline as an HTML page.")
@click.option(
    "--target-profile",
    metavar="NAME",
    help="AWS profile for the target's account, to read its actions for --page.",
)
@json_option
@asks_aws
def command(
    *,
    connection: Connection,
    run: str | None,
    of_run: bool,
    page: bool,
    target_profile: str | None,
    as_json: bool,
) -> None:
    """Open the page of a run's target in the AWS console, and print its URL.

    RUN is a run's name, an execution's ID or a pipeline's name. Default: the newest run. If the run
    has no target execution, opens the run's page. Without a browser, only prints the URL.

    \b
    Examples:
      pipeline-run open
      pipeline-run open deploy-shop --page
    """  # noqa: D301 - \b keeps click from rewrapping a paragraph
    if of_run and page:
        raise WrongUse("--run and --page cannot be combined.", "Choose one.")
    found = named(connection, run)
    if page:
        url = _timeline(connection, found, target_profile)
    else:
        url = _in_console(connection, found, of_run=of_run)
    opened = environment().browse(url)
    if as_json:
        say_json({"run": found.arn, "name": found.name, "url": url, "opened": opened})
        return
    say(url)
    if not opened:
        remark("No browser was found. Open the URL yourself.")


def _in_console(connection: Connection, run: Run, *, of_run: bool) -> str:
    link = None if of_run else target_execution(connection, run).link
    url = link or run_link(run.arn)
    if url is None:
        raise CommandError(
            f"Run {run.name} is in a partition without a public console.",
            "Use --page to open its timeline.",
        )
    return url


def _timeline(connection: Connection, run: Run, target_profile: str | None) -> str:
    from pipeline_run.timeline.page import page  # noqa: PLC0415 - other pages do not need it
    from pipeline_run.timeline.read_timeline import read_timeline  # noqa: PLC0415 - as above

    text = page(read_timeline(connection, run, target_profile))
    # The page has everything from the run's history, so only the user may read the file.
    handle, name = tempfile.mkstemp(prefix=f"pipeline-run-{run.name[:20]}-", suffix=".html")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    return Path(name).as_uri()
