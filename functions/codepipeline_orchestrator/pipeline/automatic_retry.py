"""Reads a pipeline's declaration to find out which failed stages CodePipeline may retry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codepipeline_orchestrator.aws.answers import DeclaredStage, FailureConditions

# Results after which an execution is not retried automatically. A rollback is another execution.
_FINAL = {None, "FAIL", "ROLLBACK"}


def without_automatic_retry(stages: Iterable[DeclaredStage]) -> frozenset[str]:
    """The names of the stages that CodePipeline does not retry automatically after a failure.

    Only `onFailure` with the result RETRY configures a retry
    (https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_FailureConditions.html).
    """
    return frozenset(each.name for each in stages if each.name and _is_final(each.on_failure))


def _is_final(declared: FailureConditions) -> bool:
    return {declared.result, *(each.result for each in declared.conditions)} <= _FINAL
