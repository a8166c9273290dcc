"""Follow a run to its end and exit with the status for its outcome."""

from __future__ import annotations

import click

from pipeline_run.connection import Connection
from pipeline_run.environment import environment
from pipeline_run.exits import Exit, exit_of
from pipeline_run.output import remark, say_json
from pipeline_run.run_output import print_result, run_document
from pipeline_run.screen import screen_for
from pipeline_run.views import views_of_run


def follow_to_the_end(connection: Connection, run: str, *, as_json: bool) -> None:
    """Show the run until it ends, print its result, and exit with the status for its outcome."""
    screen = screen_for(as_json=as_json)
    views = views_of_run(connection, run, environment(), with_stages=screen.shows_stages)
    try:
        last = screen.show(views)
    except KeyboardInterrupt:
        name = run.rpartition(":")[2]
        remark()  # ends the line on which the terminal shows ^C
        remark(f"The run continues. Follow it again with: pipeline-run watch {name}")
        remark(f"Stop it with: pipeline-run stop {name}")
        raise click.exceptions.Exit(Exit.INTERRUPTED) from None
    if as_json:
        say_json(run_document(last.run))
    else:
        print_result(last.run)
    result = last.run.result
    if "error" in result:
        remark(f"See what happened with: pipeline-run timeline {last.run.name}")
    raise click.exceptions.Exit(exit_of(result))
