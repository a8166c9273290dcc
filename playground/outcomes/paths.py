"""Describes the path that a scenario takes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

from playground.outcomes.comparison import waiter_word

if TYPE_CHECKING:
    from playground.outcomes.witness import Answer, Played

_NO_POLICY = {"pipelineName", "roleArn", "region", "targetname", "assumerolearn"}
_DEFAULTS = {"mode": "start"}


def path(played: Played) -> str:
    """Describe the policies, the states that a run visited, its end, and the waiter's verdict."""
    ways = "; then ".join(_way(answer) for answer in played.answers)
    return f"{ways}; {_view(played)}"


def _way(answer: Answer) -> str:
    parts = [*_policies(answer.asked), *_states(answer), _end(answer), _end_of_action(answer)]
    return " > ".join(part for part in parts if part)


def _policies(asked: Mapping[str, Any]) -> Iterator[str]:
    dialect = ["waiter"] if "targetname" in asked else []
    given = (
        f"{name} {json.dumps(value) if name != 'pipelineExecutionId' else 'given'}"
        for name, value in asked.items()
        if name not in _NO_POLICY and _DEFAULTS.get(name) != value
    )
    policies = ", ".join([*dialect, *given])
    if policies:
        yield f"[{policies}]"


def _states(answer: Answer) -> Iterator[str]:
    for visit, _ in groupby(map(str, answer.visits)):
        yield visit


def _end(answer: Answer) -> str:
    result = answer.result
    if answer.status == "ABORTED":
        return "aborted"
    if result is None:
        return "refused before it began"
    failure = result.get("failure") or {}
    reasons = [name for name in ("approver", "code", "message") if failure.get(name)]
    beside = [name for name in ("alsoFailed", "differences", "restarted") if result.get(name)]
    known = ", ".join([*reasons, *beside])
    suffix = f" ({known})" if known else ""
    return f"{result.get('error') or result['outcome']}{suffix}"


def _end_of_action(answer: Answer) -> str:
    status = (answer.action or {}).get("status")
    as_usual = {"SUCCEEDED": "Succeeded", "FAILED": "Failed", None: status}
    return "" if status in {None, as_usual.get(answer.status)} else f"action {status}"


def _view(played: Played) -> str:
    follower = played.waiter
    word = waiter_word(played)
    if follower is None or follower.began is None:
        return f"waiter {word}"
    reasons = [each for each, _ in groupby(follower.waited)]
    reasons += [follower.verdict.because] if follower.verdict else []
    return f"waiter {word}: {', '.join(reasons)}"
