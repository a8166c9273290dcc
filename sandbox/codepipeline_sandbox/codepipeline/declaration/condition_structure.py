"""Checks that the conditions of a pipeline's stages are valid.

https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.declaration import rule_structure
from codepipeline_sandbox.codepipeline.exceptions import (
    InvalidStageDeclarationException,
    InvalidStructureException,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = ("beforeEntry", "onSuccess", "onFailure")
# The results that the User Guide documents for each kind of condition.
RESULTS = {
    "beforeEntry": {"FAIL", "SKIP"},
    "onSuccess": {"FAIL", "ROLLBACK"},
    "onFailure": {"ROLLBACK"},
}
ALL_OF_FAILURE = {"FAIL", "RETRY", "ROLLBACK", "SKIP"}


def check(declaration: Mapping[str, Any]) -> None:
    """Check all conditions.

    Raises InvalidStructureException or InvalidStageDeclarationException.
    """
    known = rule_structure.Known()
    for number, stage in enumerate(declaration["stages"]):
        for kind in (kind for kind in KINDS if kind in stage):
            if declaration["pipelineType"] != "V2":
                raise InvalidStructureException(f"A stage's {kind} requires a V2 pipeline")
            _check_results(stage, kind, declaration["executionMode"], first=number == 0)
        _check_rules(stage, "beforeEntry", known)
        known.add(stage)
        _check_rules(stage, "onSuccess", known)
        _check_rules(stage, "onFailure", known)


def _check_results(stage: Mapping[str, Any], kind: str, mode: str, *, first: bool) -> None:
    for result in _results(stage[kind]):
        if result not in _allowed(stage[kind], kind):
            raise _invalid(stage, kind, f"cannot have the result {result}")
        if result == "ROLLBACK" and first:
            raise _invalid(stage, kind, "cannot roll back, because that is the source stage")
        if result == "ROLLBACK" and mode == "PARALLEL":
            raise _invalid(stage, kind, "cannot roll back in a PARALLEL pipeline")
    if "retryConfiguration" in stage[kind] and "RETRY" not in _results(stage[kind]):
        raise _invalid(stage, kind, "has a retryConfiguration, but not the result RETRY")


def _results(declared: Mapping[str, Any]) -> list[str]:
    given = (declared, *declared.get("conditions", ()))
    return [each["result"] for each in given if "result" in each]


def _allowed(declared: Mapping[str, Any], kind: str) -> set[str]:
    if kind != "onFailure":
        return RESULTS[kind]
    if settings.current().failure_results == "all":
        return ALL_OF_FAILURE
    # The User Guide: "You cannot use automatic stage retry with onFailure conditions."
    return RESULTS[kind] if "conditions" in declared else RESULTS[kind] | {"RETRY"}


def _check_rules(stage: Mapping[str, Any], kind: str, known: rule_structure.Known) -> None:
    for condition in stage.get(kind, {}).get("conditions", ()):
        rules = condition.get("rules", ())
        if not rules:
            raise _invalid(stage, kind, "has a condition without rules")
        for name, count in Counter(rule["name"] for rule in rules).items():
            if count > 1:
                raise _invalid(stage, kind, f"uses the rule name {name} more than once")
        for rule in rules:
            problem = rule_structure.problem(rule, condition.get("result"), known)
            if problem is not None:
                raise _invalid(stage, kind, f"has a rule '{rule['name']}' that {problem}")


def _invalid(stage: Mapping[str, Any], kind: str, problem: str) -> InvalidStageDeclarationException:
    return InvalidStageDeclarationException(f"The {kind} of stage {stage['name']} {problem}")
