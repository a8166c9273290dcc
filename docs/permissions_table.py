"""Build the tables in docs/security.md that show what each role in the templates may do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from samtranslator.yaml_helper import yaml_parse

from docs.generated import rewritten, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[1]


def with_permissions(page: str) -> str:
    """Rebuild every table on the page from the templates."""
    return rewritten(page, r"permissions of ([\w.-]+)", _tables)


def _tables(file: str) -> str:
    resources = yaml_parse((ROOT / file).read_text(encoding="utf-8"))["Resources"]
    roles: dict[str, list[tuple[str, ...]]] = {}
    for role, one in statements(resources):
        roles.setdefault(role, []).append((f"`{one['Sid']}`", _actions(one), _where(one)))
    return "\n".join(
        f"**`{role}`**, {_users(role, resources)}:\n\n"
        f"{table(('statement', 'allows', 'on'), sorted(rows))}"
        for role, rows in sorted(roles.items())
    )


def statements(resources: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each policy statement in a template with the name of its role."""
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
    """The resources that use a role. TargetAccessRole assumes the roles that no resource uses."""
    arn = {"Fn::GetAtt": [role, "Arn"]}
    users = [
        name.removesuffix("Function")
        for name, resource in resources.items()
        if arn in _roles_of(resource["Properties"])
    ]
    return f"used by {', '.join(users)}" if users else "assumed by TargetAccessRole"


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
    """The statement's resources, under their names in the template, and its conditions."""
    named = [_named(resource) for resource in several(statement["Resource"])]
    return f"{', '.join(named)}{_condition(statement.get('Condition', {}))}"


def _named(resource: Any) -> str:
    match resource:
        case "*":
            return "all resources; AWS allows no restriction"
        case str():
            return f"`{resource}`"
        case list():
            return " or ".join(map(_named, resource))
        case {"Ref": name} | {"Fn::GetAtt": [name, _]}:
            return str(name)
        case {"Fn::Sub": str(text)}:
            return f"`{text}`"
        case {"Fn::Split": [_, {"Fn::Sub": [str(text), _]}]}:
            return f"`{text}` for each name"
    raise AssertionError(resource)


def _condition(condition: Mapping[str, Any]) -> str:
    asked = [
        f"`{key}` is {_named(value)}" for keys in condition.values() for key, value in keys.items()
    ]
    return f", where {' and '.join(asked)}" if asked else ""


def several(value: Any) -> list[Any]:
    """Return the value as a list, because a policy may contain a single value without a list."""
    return value if isinstance(value, list) else [value]
