"""The command `pipeline-run approve`."""

from __future__ import annotations

from typing import Any

import click

from pipeline_run.approvals import answer_approval, approval_options


@click.command("approve")
@click.option("--comment", metavar="TEXT", default="", help="Comment to record with the approval.")
@approval_options
def command(**given: Any) -> None:
    """Approve the action that a run's target is waiting for.

    Uses your own permissions, not the deployment's. RUN is a run's name, an execution's ID or a
    pipeline's name.

    \b
    Example:
      pipeline-run approve deploy-shop --comment "tested" --target-profile shop
    """  # noqa: D301 - \b keeps click from rewrapping a paragraph
    answer_approval("Approved", **given)
