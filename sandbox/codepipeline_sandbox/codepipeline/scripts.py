"""Scripts, which define how a pipeline's actions and rules behave.

The n-th run of an action follows the n-th act of its script, and the last act repeats. An
approval's script approves or rejects the action after the act's duration. Without a script, an
invoke action calls its service, an approval waits for PutApprovalResult, and any other action
succeeds after a few seconds (`Settings.action_duration`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from codepipeline_sandbox.codepipeline.acts import Script

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codepipeline_sandbox.codepipeline.acts import Act


def script(  # noqa: PLR0917 - ordered like a path
    account: str,
    region: str,
    pipeline: str,
    stage: str,
    action: str,
    acts: Sequence[Act],
) -> None:
    """Script an action, starting with its next run. The pipeline does not have to exist yet."""
    # moto is slow to import.
    from codepipeline_sandbox.codepipeline.models import codepipeline_backends  # noqa: PLC0415

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
    """Script a condition's rule, starting with the rule's next run."""
    # moto is slow to import.
    from codepipeline_sandbox.codepipeline.models import codepipeline_backends  # noqa: PLC0415

    if not acts:
        raise ValueError(f"the script of {pipeline}/{stage}/{condition}/{rule} has no acts")
    scripts = codepipeline_backends[account][region].rule_scripts
    scripts[pipeline, stage, condition, rule] = Script(list(acts))
