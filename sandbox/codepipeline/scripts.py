"""Scripts that define how actions behave. Scripts are stored outside the pipeline's declaration.

The n-th run of an action follows the n-th act, and the last act repeats. An action without a script
succeeds after a few seconds (`Settings.action_duration`). Without a script, a Lambda or Step
Functions invoke action calls its service. An approval without a script waits for PutApprovalResult.
With a script, the act plays the approver and answers after its duration.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Act:
    """What one run of an action does: how long it takes, in seconds, and how it ends."""

    duration: float = 3.0
    outcome: Literal["Succeeded", "Failed"] = "Succeeded"
    error_code: str | None = None
    error_message: str | None = None
    summary: str | None = None
    external_execution_id: str | None = None
    external_url: str | None = None
    log_stream_arn: str | None = None  # the log stream of the action's compute environment
    output_variables: Mapping[str, str] = field(default_factory=dict)
    change_identifier: str | None = None  # the change that led to a source action's revision
    revision: str | None = None  # a source action's revision; the default is a random one


@dataclass
class Script:
    """The acts of one action, and how many times the action has run."""

    acts: Sequence[Act]
    taken: int = 0

    def next(self) -> Act:
        """Return the act for the next run."""
        act = self.acts[min(self.taken, len(self.acts) - 1)]
        self.taken += 1
        return act


def script(  # noqa: PLR0917 - ordered like a path
    account: str,
    region: str,
    pipeline: str,
    stage: str,
    action: str,
    acts: Sequence[Act],
) -> None:
    """Set how an action behaves, starting with its next run. The pipeline need not exist yet."""
    # Imported here because moto is slow to import and only needed once a sandbox is up.
    from sandbox.codepipeline.models import codepipeline_backends  # noqa: PLC0415

    if not acts:
        raise ValueError(f"the script of {pipeline}/{stage}/{action} has no acts")
    scripts = codepipeline_backends[account][region].scripts
    scripts[pipeline, stage, action] = Script(list(acts))


def rule_script(  # noqa: PLR0917
    account: str,
    region: str,
    pipeline: str,
    stage: str,
    condition: Literal["beforeEntry", "onSuccess", "onFailure"],
    rule: str,
    acts: Sequence[Act],
) -> None:
    """Set how a condition's rule behaves, starting with its next run."""
    # Imported here because moto is slow to import and only needed once a sandbox is up.
    from sandbox.codepipeline.models import codepipeline_backends  # noqa: PLC0415

    if not acts:
        raise ValueError(f"the script of {pipeline}/{stage}/{condition}/{rule} has no acts")
    scripts = codepipeline_backends[account][region].rule_scripts
    scripts[pipeline, stage, condition, rule] = Script(list(acts))
