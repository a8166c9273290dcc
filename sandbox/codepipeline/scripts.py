"""How actions behave: scripts kept outside the pipeline, whose declaration cannot hold them.

The n-th run of an action follows the n-th act, and the last act repeats. An action without a script
succeeds after a few seconds (`Settings.action_duration`). Without a script, a Lambda or Step
Functions invoke action calls its service. An approval without a script waits for PutApprovalResult.
With one, the act plays the approver and answers after its duration.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Act:
    """What one run of an action does: how long it takes (in seconds) and how it ends."""

    duration: float = 3.0
    outcome: Literal["Succeeded", "Failed"] = "Succeeded"
    error_code: str | None = None
    error_message: str | None = None
    summary: str | None = None
    external_execution_id: str | None = None
    external_url: str | None = None
    log_stream_arn: str | None = None  # the log stream of the action's compute
    output_variables: Mapping[str, str] = field(default_factory=dict)
    change_identifier: str | None = None  # the change that led to a source action's revision
    revision: str | None = None  # a source action's revision; by default a random one


@dataclass
class Script:
    """The acts of one action, and the number of runs so far."""

    acts: Sequence[Act]
    taken: int = 0

    def next(self) -> Act:
        """The act of the next run."""
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
    """Set how an action behaves from its next run on. The pipeline need not exist yet."""
    # Importing moto is slow and only needed once a sandbox is up.
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
    """Set how a rule of a stage's condition behaves from its next run on."""
    # Importing moto is slow and only needed once a sandbox is up.
    from sandbox.codepipeline.models import codepipeline_backends  # noqa: PLC0415

    if not acts:
        raise ValueError(f"the script of {pipeline}/{stage}/{condition}/{rule} has no acts")
    scripts = codepipeline_backends[account][region].rule_scripts
    scripts[pipeline, stage, condition, rule] = Script(list(acts))
