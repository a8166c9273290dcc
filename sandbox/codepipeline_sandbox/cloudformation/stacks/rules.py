"""The Rules section of a template, which checks the parameters before anything is created.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SUPPORTED = {"Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or"}


def check(template: Mapping[str, Any], parameters: Any) -> None:
    """Raise ValidationError if an assertion is false."""
    for name, rule in template.get("Rules", {}).items():
        if not _is_met(rule.get("RuleCondition", True), parameters):
            continue
        for each in rule["Assertions"]:
            if not _is_met(each["Assert"], parameters):
                reason = each.get("AssertDescription", "the assertion is false")
                raise ValidationError(message=f"Template validation error: Rule {name}: {reason}")


def _is_met(condition: Any, parameters: Any) -> bool:
    condition = _without_contains(condition)
    if unknown := sorted(set(_functions(condition)) - _SUPPORTED):
        raise ValidationError(message=f"The sandbox does not support {unknown[0]} in Rules")
    met: bool = parsing.parse_condition(condition, parameters, {})
    return met


def _without_contains(value: Any) -> Any:
    """Replace each Fn::Contains with equivalent comparisons."""
    match value:
        case {"Fn::Contains": [list() as choices, sought]}:
            return {"Fn::Or": [{"Fn::Equals": [choice, sought]} for choice in choices]}
        case dict():
            return {key: _without_contains(each) for key, each in value.items()}
        case list():
            return [_without_contains(each) for each in value]
        case _:
            return value


def _functions(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (name for name in value if name.startswith("Fn::"))
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _functions(item)
