"""The command `pipeline-run rerun`."""

from __future__ import annotations

from typing import Any

import click

from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.input.parsing import parse_input
from codepipeline_orchestrator.model.run_arn import state_machine_arn_of
from pipeline_run.connection import Connection, asks_aws, json_option
from pipeline_run.deployment import Deployment
from pipeline_run.errors import WrongUse
from pipeline_run.exits import HELP
from pipeline_run.follow import notify_option
from pipeline_run.output import remark
from pipeline_run.run_search import named
from pipeline_run.runs import Run
from pipeline_run.starting import detach_option, follow_or_detach, start_as_user

_PARENT = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"


@click.command("rerun", epilog=HELP)
@click.argument("run")
@detach_option
@notify_option
@json_option
@asks_aws
def command(
    *, connection: Connection, run: str, detach: bool, notifies: bool, as_json: bool
) -> None:
    """Start another run with the input of RUN and follow it to the end.

    RUN is a run's name, an execution's ID or a pipeline's name. If a pipeline action started RUN,
    the action does not wait for the new run. To repeat the action, retry its stage.

    \b
    Example:
      pipeline-run rerun 3f0c9a51
    """  # noqa: D301 - \b keeps click from rewrapping a paragraph
    found = named(connection, run)
    document = _repeated(found)
    arn = start_as_user(connection, Deployment(state_machine_arn_of(found.arn)), document)
    if found.has_job:
        remark(f"The action that started run {found.name} does not wait for the new run.")
    follow_or_detach(connection, arn, detach=detach, notifies=notifies, as_json=as_json)


def _repeated(run: Run) -> dict[str, Any]:
    """The run's input, without what belongs only to the first run."""
    document = {name: value for name, value in run.input.items() if name != _PARENT}
    try:
        parse_input(document)
    except InvalidInput as error:
        raise WrongUse(
            f"Run {run.name} cannot be repeated, because its input is invalid: {error}",
            "Start a new run with `pipeline-run start`.",
        ) from error
    if document.pop("clientRequestToken", None):
        remark(
            "The new run has no clientRequestToken, because the same token would not start the "
            "target again."
        )
    return document
