"""The command `pipeline-run reject`."""

from __future__ import annotations

from typing import Any

import click

from pipeline_run.approvals import answer_approval, approval_options


@click.command("reject")
@click.option("--comment", metavar="TEXT", required=True, help="Why the approval is rejected.")
@approval_options
def command(**given: Any) -> None:
    """Reject the action that a run's target is waiting for. The target then fails.

    Uses your own permissions, not the deployment's. RUN is a run's name, an execution's ID or a
    pipeline's name.

    \b
    Example:
      pipeline-run reject deploy-shop --comment "not before the sale"
    """  # noqa: D301 - \b keeps click from rewrapping a paragraph
    answer_approval("Rejected", **given)
