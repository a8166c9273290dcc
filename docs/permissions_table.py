"""The table of what each role of the templates may do, and why, for docs/security.md."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from samtranslator.yaml_helper import yaml_parse

from docs.generated import rewritten, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[1]


def with_permissions(page: str) -> str:
    """The page with each generated table as the templates are now."""
    return rewritten(page, r"permissions of ([\w.-]+)", _table)


def _table(file: str) -> str:
    resources = yaml_parse((ROOT / file).read_text(encoding="utf-8"))["Resources"]
    rows = [
        (f"`{role}`", _users(role, resources), f"`{one['Sid']}`", _actions(one), _where(one))
        for role, one in statements(resources)
    ]
    return table(("role", "used by", "statement", "allows", "on"), sorted(rows))


def statements(resources: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each statement of the roles and policies of a template, with the role that has it."""
    for name, resource in resources.items():
        properties = resource["Properties"]
        if resource["Type"] == "AWS::IAM::Role":
            for policy in properties.get("Policies", []):
                for statement in policy["PolicyDocument"]["Statement"]:
                    yield name, statement
        elif resource["Type"] == "AWS::IAM::Policy":
            for role in properties["Roles"]:
                for statement in properties["PolicyDocument"]["Statement"]:
                    yield role["Ref"], statement


def _users(role: str, resources: Mapping[str, Any]) -> str:
    """Whose role it is; of those that are assumed, who assumes them."""
    arn = {"Fn::GetAtt": [role, "Arn"]}
    users = [
        name.removesuffix("Function")
        for name, resource in resources.items()
        if arn in _roles_of(resource["Properties"])
    ]
    return ", ".join(users) or "sessions of runs"


def _roles_of(properties: Mapping[str, Any]) -> list[Any]:
    return [
        properties.get("Role"),
        properties.get("RoleArn"),
        properties.get("Target", {}).get("RoleArn"),
        *(target.get("RoleArn") for target in properties.get("Targets", [])),
    ]


def _actions(statement: Mapping[str, Any]) -> str:
    return ", ".join(f"`{action}`" for action in several(statement["Action"]))


def _where(statement: Mapping[str, Any]) -> str:
    """The resources in words of the template, and the conditions."""
    named = [_named(resource) for resource in several(statement["Resource"])]
    return f"{', '.join(named)}{_condition(statement.get('Condition', {}))}"


def _named(resource: Any) -> str:
    match resource:
        case "*":
            return "all: there is nothing narrower"
        case str():
            return f"`{resource}`"
        case list():
            return " or ".join(map(_named, resource))
        case {"Ref": name} | {"Fn::GetAtt": [name, _]}:
            return str(name)
        case {"Fn::Sub": str(text)}:
            return f"`{text}`"
        case {"Fn::Split": [_, {"Fn::Sub": [str(text), _]}]}:
            return f"`{text}` for each of the names"
    raise AssertionError(resource)


def _condition(condition: Mapping[str, Any]) -> str:
    asked = [
        f"`{key}` is {_named(value)}" for keys in condition.values() for key, value in keys.items()
    ]
    return f", where {' and '.join(asked)}" if asked else ""


def several(value: Any) -> list[Any]:
    """The values; policies write one of them without a list."""
    return value if isinstance(value, list) else [value]
