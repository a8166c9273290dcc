"""A model of aws-codepipeline-waiter's published rule.

About every 30 seconds, the waiter calls GetPipelineState and checks the stages in their order:

- If there are no stages, or a stage has never run, there is no latestExecution. Reading it throws
  an error, which the waiter catches, and the action fails without a reason.
- At the first stage that is InProgress, the waiter waits.
- At the first stage that is Failed or Stopped, the action fails.
- If no stage is any of these, the waiter waits while the stages show different executions.
  Otherwise, the action succeeds.

Where the waiter's versions differ, this model follows the newest version, as shown by that
version's published tests. The older versions do not compare execution IDs and treat Stopped as a
success. No version uses the ID of the execution that it starts. Every poll assumes the target's
role again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

_BAD = {"Failed", "Stopped"}


@dataclass(frozen=True)
class Verdict:
    """A verdict and its reason."""

    says: Literal["success", "failure", "crash", "waits"]
    because: str


def judge(stages: Sequence[Mapping[str, Any]]) -> Verdict:
    """Judge the stageStates from a response of GetPipelineState."""
    if not stages:
        return Verdict("crash", "there are no stages")
    for stage in stages:
        latest = stage.get("latestExecution")
        if latest is None:
            return Verdict("crash", f"{stage['stageName']} has never run")
        if latest["status"] in _BAD:
            return Verdict("failure", f"{stage['stageName']} is {latest['status']}")
        if latest["status"] == "InProgress":
            return Verdict("waits", f"{stage['stageName']} is InProgress")
    first, *rest = (stage["latestExecution"]["pipelineExecutionId"] for stage in stages)
    for stage, execution in zip(stages[1:], rest, strict=True):
        if execution != first:
            return Verdict("waits", f"{stage['stageName']} shows another execution")
    return Verdict("success", "no stage is InProgress, Failed or Stopped")
