"""Compares answers with the status of the execution in CodePipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.outcomes.witness import Played

NOTHING = "-"
_POLICIES = {"Superseded": "onSuperseded", "Cancelled": "onRestarted"}
_BAD_ENDS = {"Failed", "Stopped", "Cancelled", "Superseded"}


def waiter_word(played: Played) -> str:
    """Describe the waiter's verdict and whether it is right, such as `failure, wrong`.

    The verdict is success, failure, crash or hangs, or `-` if the waiter does not support the
    input. Success is right if the followed execution has succeeded. Failure is right if the
    execution has permanently ended in any other way. A crash or a hang reports nothing, so it is
    never right.
    """
    follower = played.waiter
    if follower is None or follower.began is None:
        return NOTHING
    if follower.verdict is None:
        return "hangs, wrong"
    status = _status(played, follower.followed, follower.statuses)
    in_the_end = _status(played, follower.followed, played.statuses)
    right = {
        "success": status == "Succeeded",
        "failure": status in {*_BAD_ENDS, None} and not _recovers(played, in_the_end),
    }.get(follower.verdict.says, False)
    return f"{follower.verdict.says}, {'right' if right else 'wrong'}"


def _recovers(played: Played, in_the_end: str | None) -> bool:
    return in_the_end == "Succeeded" and not _retried(played)


def _retried(played: Played) -> bool:
    return any(each.verb == "retry" for each in played.scenario.happens)


def _status(played: Played, execution: str | None, statuses: Mapping[str, str]) -> str | None:
    """The status of the followed execution, or of the newer one that the policy follows instead."""
    status = statuses.get(execution or "")
    asked = played.answers[0].asked
    name = _POLICIES.get(status or "", "")
    policy = "follow" if name and "targetname" in asked else asked.get(name, "fail")
    if policy == "fail":
        return status
    if policy == "succeed":
        return "Succeeded"
    order = list(statuses)
    newer = order[order.index(str(execution)) + 1 :]
    return _status(played, newer[0], statuses) if newer else status


def contradictions(played: Played) -> list[str]:
    """Describe each answer of the product that contradicts how the execution ended.

    Answers are compared with CodePipeline's status at the end of the scenario. If someone retried
    an execution after its end was reported, only the last answer is compared.
    """
    found = []
    for answer in played.answers[-1:] if _retried(played) else played.answers:
        result = answer.result or {}
        outcome, execution = result.get("outcome"), result.get("pipelineExecutionId")
        status = played.statuses.get(execution or "")
        if outcome in {*_BAD_ENDS, "Succeeded"} and outcome != status:
            number = played.numbers.get(str(execution))
            found.append(f"reported {outcome}, but {number} is {status}")
    return found
