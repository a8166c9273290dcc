"""The command `pipeline-run reject`."""

from __future__ import annotations

import click

from pipeline_run.approvals import action_option, answer_approval, target_profile_option
from pipeline_run.connection import Connection, asks_aws, json_option


@click.command("reject")
@click.argument("run")
@click.option("--comment", metavar="TEXT", required=True, help="Why the approval is rejected.")
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
    """Reject the action that a run's target is waiting for. The target then fails.

    Uses your own permissions, not the deployment's. RUN is a run's name, an execution's ID or a
    pipeline's name.

    \b
    Example:
      pipeline-run reject deploy-shop --comment "not before the sale"
    """  # noqa: D301 - \b keeps click from rewrapping a paragraph
    answer_approval(
        connection,
        run,
        status="Rejected",
        comment=comment,
        action=action,
        target_profile=target_profile,
        as_json=as_json,
    )
