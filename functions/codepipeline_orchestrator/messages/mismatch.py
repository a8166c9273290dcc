"""How an execution differs from what the input asks for."""

from __future__ import annotations

from collections.abc import Sequence

from codepipeline_orchestrator.model.report import Difference
from codepipeline_orchestrator.model.target import Target

_MOST_NAMED = 5
_ADVICE = {
    "ifRunning join": "Use ifRunning wait to start the target after that execution, or leave the "
    "variables and revisions out to join whatever is running.",
    "clientRequestToken": "Use another clientRequestToken for another request.",
}


def mismatch(target: Target, execution_id: str, how: str, differences: Sequence[Difference]) -> str:
    """What `how` (ifRunning join, clientRequestToken) found, in what it differs, what to do."""
    return (
        f"{how} found the execution {execution_id} of {target}, which differs from the input: "
        f"{difference_list(differences)}. Nothing was started. {_ADVICE[how]}"
    )


def difference_list(differences: Sequence[Difference]) -> str:
    """Each difference, as many as fit into a sentence."""
    named = [_difference(each) for each in differences[:_MOST_NAMED]]
    more = len(differences) - _MOST_NAMED
    return "; ".join([*named, f"and {more} more"] if more > 0 else named)


def _difference(difference: Difference) -> str:
    actual = "none" if difference.actual is None else repr(difference.actual)
    return f"{difference.name} is {actual}, not {difference.asked!r}"
