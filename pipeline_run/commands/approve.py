"""The command `pipeline-run approve`."""

from __future__ import annotations

import click

from pipeline_run.approvals import action_option, answer_approval, target_profile_option
from pipeline_run.connection import Connection, asks_aws, json_option


@click.command("approve")
@click.argument("run")
@click.option("--comment", metavar="TEXT", default="", help="Comment to record with the approval.")
@action_option
@target_profile_option
@json_option
@asks_aws
def command(
    *,
    connection: Connection,
    run: str,
    comment: str,
    action: str | None,
    target_profile: str | None,
    as_json: bool,
) -> None:
    """Approve the action that a run's target is waiting for.

    Uses your own permissions, not the deployment's. RUN is a run's name, an execution's ID or a
    pipeline's name.

    \b
    Example:
      pipeline-run approve deploy-shop --comment "tested" --target-profile shop
    """  # noqa: D301 - \b keeps click from rewrapping a paragraph
    answer_approval(
        connection,
        run,
        status="Approved",
        comment=comment,
        action=action,
        target_profile=target_profile,
        as_json=as_json,
    )
