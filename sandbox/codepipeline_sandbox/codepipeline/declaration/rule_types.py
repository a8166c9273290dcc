"""The rule types that CodePipeline supports, with their configuration and artifact limits.

https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class RuleType:
    """A rule type, with its required and optional configuration keys."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    commands: bool = False  # whether the rule has commands in addition to its configuration
    most_artifacts: int = 0
    can_skip: bool = False  # whether a beforeEntry condition with the result SKIP can use it
    # the allowed values of configuration keys
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)


RULE_TYPES = {
    "CloudWatchAlarm": RuleType(("AlarmName",), ("AlarmStates", "WaitTime")),
    "CodeBuild": RuleType(
        ("ProjectName",),
        ("BatchEnabled", "CombineArtifacts", "EnvironmentVariables", "PrimarySource"),
        most_artifacts=5,
    ),
    "Commands": RuleType(commands=True, most_artifacts=5),
    "DeploymentWindow": RuleType(("Cron",), ("TimeZone",)),
    "LambdaInvoke": RuleType(
        ("FunctionName",), ("UserParameters",), most_artifacts=5, can_skip=True
    ),
    "VariableCheck": RuleType(
        ("Operator", "Value", "Variable"),
        can_skip=True,
        values={"Operator": frozenset({"EQ", "NE", "CONTAINS", "MATCHES"})},
    ),
}


def complete(type_id: Mapping[str, str]) -> dict[str, str]:
    """Add the default owner and version to a rule type's id if they are missing."""
    return {"owner": "AWS", "version": "1", **type_id}


def rule_type_of(type_id: Mapping[str, str]) -> RuleType | None:
    """Return the rule type with this id, or None."""
    known = complete(type_id)["version"] == "1"
    return RULE_TYPES.get(type_id["provider"]) if known else None


def listed() -> list[dict[str, Any]]:
    """Format all rule types for ListRuleTypes."""
    return [_shown(provider, rule_type) for provider, rule_type in RULE_TYPES.items()]


def _shown(provider: str, rule_type: RuleType) -> dict[str, Any]:
    return {
        "id": {"category": "Rule", "owner": "AWS", "provider": provider, "version": "1"},
        "ruleConfigurationProperties": [
            {
                "name": name,
                "required": name in rule_type.required,
                "key": name in rule_type.required,
                "secret": False,
            }
            for name in (*rule_type.required, *rule_type.optional)
        ],
        "inputArtifactDetails": {"minimumCount": 0, "maximumCount": rule_type.most_artifacts},
    }
