"""Scripts, which define how a pipeline's actions and rules behave.

The n-th run of an action follows the n-th act of its script, and the last act repeats. A script
also answers an approval, after the act's duration. Without a script, an invoke action calls its
service, an approval waits for PutApprovalResult, and any other action succeeds after a few seconds
(`Settings.action_duration`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Act:
    """What happens in one run of an action. `duration` is in seconds."""

    duration: float = 3.0
    outcome: Literal["Succeeded", "Failed"] = "Succeeded"
    error_code: str | None = None
    error_message: str | None = None
    summary: str | None = None
    external_execution_id: str | None = None
    external_url: str | None = None
    log_stream_arn: str | None = None  # the log stream of the action's compute environment
    output_variables: Mapping[str, str] = field(default_factory=dict)
    change_identifier: str | None = None  # the change behind a source action's revision
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
    # moto is slow to import.
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
    # moto is slow to import.
    from sandbox.codepipeline.models import codepipeline_backends  # noqa: PLC0415

    if not acts:
        raise ValueError(f"the script of {pipeline}/{stage}/{condition}/{rule} has no acts")
    scripts = codepipeline_backends[account][region].rule_scripts
    scripts[pipeline, stage, condition, rule] = Script(list(acts))
