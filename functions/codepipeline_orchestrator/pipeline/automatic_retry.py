"""Whether CodePipeline may retry a stage that failed, from the pipeline's declaration."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codepipeline_orchestrator.aws.answers import DeclaredStage, FailureConditions

# What is not known may be a retry of some kind. A rollback is another execution.
_FINAL = {None, "FAIL", "ROLLBACK"}


def without_automatic_retry(stages: Iterable[DeclaredStage]) -> frozenset[str]:
    """The names of the stages that CodePipeline does not retry by itself when they fail.

    Only `onFailure` asks for it, with the result RETRY
    (https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_FailureConditions.html).
    """
    return frozenset(each.name for each in stages if each.name and _is_final(each.on_failure))


def _is_final(declared: FailureConditions) -> bool:
    return {declared.result, *(each.result for each in declared.conditions)} <= _FINAL
