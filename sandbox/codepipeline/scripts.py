"""How actions act: a script beside the pipeline, since the declaration says only what they are.

The n-th run of an action takes the n-th act, and the last act repeats. An action without a
script succeeds after a few seconds (`Settings.action_duration`); a Lambda or Step Functions
invoke action without one does what it says. An approval without one waits for PutApprovalResult;
with one, its act stands for the approver, who answers after the act's duration.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Act:
    """What one run of an action does: how long it takes (seconds), and how it ends."""

    duration: float = 3.0
    outcome: Literal["Succeeded", "Failed"] = "Succeeded"
    error_code: str | None = None
    error_message: str | None = None
    summary: str | None = None
    external_execution_id: str | None = None
    external_url: str | None = None
    log_stream_arn: str | None = None  # of the action's compute
    output_variables: Mapping[str, str] = field(default_factory=dict)
    change_identifier: str | None = None  # of the change that led to a source action's revision
    revision: str | None = None  # of a source action; one of the world's seed otherwise


@dataclass
class Script:
    """The acts of one action, and how many runs have taken theirs."""

    acts: Sequence[Act]
    taken: int = 0

    def next(self) -> Act:
        """The act of the next run."""
        act = self.acts[min(self.taken, len(self.acts) - 1)]
        self.taken += 1
        return act


def script(  # noqa: PLR0917 - from the whole to the part, as a path is written
    account: str,
    region: str,
    pipeline: str,
    stage: str,
    action: str,
    acts: Sequence[Act],
) -> None:
    """Say how an action acts from its next run on; the pipeline need not exist yet."""
    # moto is slow to import, and only a sandbox that is up needs it.
    from sandbox.codepipeline.models import codepipeline_backends  # noqa: PLC0415

    if not acts:
        raise ValueError(f"the script of {pipeline}/{stage}/{action} has no act")
    scripts = codepipeline_backends[account][region].scripts
    scripts[pipeline, stage, action] = Script(list(acts))


def rule_script(  # noqa: PLR0917 - the same
    account: str,
    region: str,
    pipeline: str,
    stage: str,
    condition: Literal["beforeEntry", "onSuccess", "onFailure"],
    rule: str,
    acts: Sequence[Act],
) -> None:
    """Say how a rule of a stage's condition acts from its next run on."""
    # moto is slow to import, and only a sandbox that is up needs it.
    from sandbox.codepipeline.models import codepipeline_backends  # noqa: PLC0415

    if not acts:
        raise ValueError(f"the script of {pipeline}/{stage}/{condition}/{rule} has no act")
    scripts = codepipeline_backends[account][region].rule_scripts
    scripts[pipeline, stage, condition, rule] = Script(list(acts))
