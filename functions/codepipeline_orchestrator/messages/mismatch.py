"""Messages about an execution that differs from the input."""

from __future__ import annotations

from collections.abc import Sequence

from codepipeline_orchestrator.model.report import Difference
from codepipeline_orchestrator.model.target import Target

_MOST_NAMED = 5
_REASON = {
    "ifRunning join": "The run would have joined it because ifRunning is 'join'.",
    "clientRequestToken": "It was started with the same clientRequestToken.",
}
_ADVICE = {
    "ifRunning join": "To start the target after that execution, set ifRunning to 'wait'. To join "
    "any running execution, remove variables and sourceRevisions.",
    "clientRequestToken": "Use a different clientRequestToken for a different input.",
}


def mismatch(target: Target, execution_id: str, how: str, differences: Sequence[Difference]) -> str:
    """How the execution that was found differs from the input, and what to do."""
    return (
        f"Execution {execution_id} of {target} differs from the input: "
        f"{difference_list(differences)}. {_REASON[how]} Nothing was started. {_ADVICE[how]}"
    )


def difference_list(differences: Sequence[Difference]) -> str:
    """As many of the differences as fit into a sentence."""
    named = [_difference(each) for each in differences[:_MOST_NAMED]]
    more = len(differences) - _MOST_NAMED
    return "; ".join([*named, f"and {more} more"] if more > 0 else named)


def _difference(difference: Difference) -> str:
    actual = "none" if difference.actual is None else repr(difference.actual)
    return f"{difference.name} is {actual}, not {difference.asked!r}"
