"""What aws-codepipeline-waiter would have said: a model of its published rule.

Every 30 seconds or so it reads GetPipelineState and goes through the stages in their order:

- a stage that has never run has no latestExecution, and reading its status throws; what it throws
  is caught, and fails the action without a reason;
- a stage that is InProgress, or shows another execution than the first stage does: it waits on;
- a stage that is Failed or Stopped: the action fails;
- no such stage: the action succeeds.

Where its versions differ, the model takes the newer, as its published tests show it: the older ones
compare no execution ids, and take Stopped for a success. The id of the execution that it starts
plays no part in any of them. With every look it assumes the target's role anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

_BAD = {"Failed", "Stopped"}


@dataclass(frozen=True)
class Verdict:
    """What the rule says of a look at the pipeline, and what it saw to say so."""

    says: Literal["success", "failure", "crash", "waits"]
    because: str


def judge(stages: Sequence[Mapping[str, Any]]) -> Verdict:
    """The verdict on the stageStates of GetPipelineState."""
    first = stages[0].get("latestExecution", {}) if stages else {}
    for stage in stages:
        latest = stage.get("latestExecution")
        if latest is None:
            return Verdict("crash", f"{stage['stageName']} has never run")
        if latest["status"] in _BAD:
            return Verdict("failure", f"{stage['stageName']} is {latest['status']}")
        if latest["status"] == "InProgress":
            return Verdict("waits", f"{stage['stageName']} is InProgress")
        if latest["pipelineExecutionId"] != first.get("pipelineExecutionId"):
            return Verdict("waits", f"{stage['stageName']} shows another execution")
    return Verdict("success", "no stage is InProgress, Failed or Stopped")
