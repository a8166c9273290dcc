"""The command `pipeline-run start`."""

from __future__ import annotations

from typing import Any

import click

from pipeline_run import deployment
from pipeline_run.connection import Connection, asks_aws, json_option
from pipeline_run.exits import HELP
from pipeline_run.follow import notify_option
from pipeline_run.input_options import document_of, input_options
from pipeline_run.starting import detach_option, follow_or_detach, start_as_user


@click.command("start", epilog=HELP)
@input_options
@detach_option
@notify_option
@json_option
@asks_aws
def command(
    *,
    connection: Connection,
    pipeline: str | None,
    given: str | None,
    detach: bool,
    notifies: bool,
    as_json: bool,
    **fields: Any,
) -> None:
    """Start a run for PIPELINE and follow it to the end.

    Validates the input before it starts anything. After Ctrl-C, the run continues.

    \b
    Examples:
      pipeline-run start deploy-shop --role-arn arn:aws:iam::222233334444:role/target
      pipeline-run start web --variable IMAGE=shop:1.4 --if-running wait
      pipeline-run start --input @input.json --detach
    """  # noqa: D301 - \b keeps click from rewrapping a paragraph
    document = document_of(pipeline, given, fields)
    arn = start_as_user(connection, deployment.find(connection), document)
    follow_or_detach(connection, arn, detach=detach, notifies=notifies, as_json=as_json)
