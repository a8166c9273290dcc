"""Checks that a rule is valid for its type and that everything it refers to exists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline.declaration import rule_types, variables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.codepipeline.declaration.rule_types import RuleType


class Known:
    """The artifacts and namespaces that the stages checked so far provide."""

    def __init__(self) -> None:
        self.artifacts: set[str] = set()
        self.namespaces = {"codepipeline", "variables"}

    def add(self, stage: Mapping[str, Any]) -> None:
        """Add the outputs of a stage's actions."""
        for action in stage["actions"]:
            self.artifacts.update(each["name"] for each in action["outputArtifacts"])
            if "namespace" in action:
                self.namespaces.add(action["namespace"])


def problem(rule: Mapping[str, Any], result: str | None, known: Known) -> str | None:
    """Describe what is wrong with the rule, or return None. `result` is the condition's result."""
    rule_type = rule_types.rule_type_of(rule["ruleTypeId"])
    if rule_type is None:
        return f"has the unknown type {rule['ruleTypeId']['provider']}"
    if result == "SKIP" and not rule_type.can_skip:
        return "cannot be used with the result SKIP: only LambdaInvoke and VariableCheck can"
    return (
        _in_configuration(rule, rule_type)
        or _in_references(rule, known)
        or _in_artifacts(rule, rule_type, known)
    )


def _in_configuration(rule: Mapping[str, Any], rule_type: RuleType) -> str | None:
    given = rule.get("configuration", {})
    for key in sorted(set(given) - {*rule_type.required, *rule_type.optional}):
        return f"has the unknown configuration '{key}'"
    for key in sorted(set(rule_type.required) - set(given)):
        return f"is missing the required configuration '{key}'"
    for key, values in rule_type.values.items():
        if given[key] not in values:
            return f"has the {key} '{given[key]}', which is not one of {sorted(values)}"
    if rule_type.commands != ("commands" in rule):
        return "has no commands" if rule_type.commands else "cannot have commands"
    return None


def _in_references(rule: Mapping[str, Any], known: Known) -> str | None:
    for text in rule.get("configuration", {}).values():
        for reference in variables.references(text):
            namespace, dot, name = reference.partition(".")
            if not (dot and name) or namespace not in known.namespaces:
                return f"refers to '#{{{reference}}}', which does not exist"
    return None


def _in_artifacts(rule: Mapping[str, Any], rule_type: RuleType, known: Known) -> str | None:
    names = [each["name"] for each in rule.get("inputArtifacts", ())]
    if len(names) > rule_type.most_artifacts:
        return f"has {len(names)} input artifacts, over the limit of {rule_type.most_artifacts}"
    missing = [name for name in names if name not in known.artifacts]
    return f"uses {missing[0]}, which no earlier action produces" if missing else None
