"""Who is right: the waiter's verdict held against what CodePipeline itself says at that moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.outcomes.witness import Played

NOTHING = "-"
_POLICIES = {"Superseded": "onSuperseded", "Cancelled": "onRestarted"}
_BAD_ENDS = {"Failed", "Stopped", "Cancelled", "Superseded"}


def waiter_word(played: Played) -> str:
    """`success, right`, `failure, wrong`, `crash, wrong`, `hangs, wrong`; - if it has no such mode.

    A success is right when the execution that was asked for has Succeeded, a failure when it has
    ended in any other way for good. A crash tells nobody anything, and hanging neither.
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
    """Whether the failed execution succeeds by itself, with nobody retrying it."""
    return in_the_end == "Succeeded" and not _retried(played)


def _retried(played: Played) -> bool:
    return any(each.verb == "retry" for each in played.scenario.happens)


def _status(played: Played, execution: str | None, statuses: Mapping[str, str]) -> str | None:
    """The status of the execution that was asked for, by what is to be done when it is replaced."""
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
    """Where an answer of ours says another end than the execution had, which it names.

    Only what CodePipeline says at the end of the scenario counts, so where somebody retries what
    has been told of, it is the last answer.
    """
    found = []
    for answer in played.answers[-1:] if _retried(played) else played.answers:
        result = answer.result or {}
        outcome, execution = result.get("outcome"), result.get("pipelineExecutionId")
        status = played.statuses.get(execution or "")
        if outcome in {*_BAD_ENDS, "Succeeded"} and outcome != status:
            found.append(f"told {outcome}, and {played.numbers.get(str(execution))} is {status}")
    return found
