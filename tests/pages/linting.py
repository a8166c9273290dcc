"""Lints many templates in one cfn-lint run because each run takes more than half a second."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

REGION = "eu-west-1"
# Templates from before and after a migration may use the same resource name.
_OF_TWO_TEMPLATES = {"E3019"}


def complaints(pieces: Iterable[tuple[str, Mapping[str, Any]]]) -> list[str]:
    from cfnlint.api import lint  # noqa: PLC0415 - takes three seconds to import in each test process

    merged: dict[str, Any] = {"AWSTemplateFormatVersion": "2010-09-09"}
    places = {}
    for number, (place, template) in enumerate(pieces):
        names = {*template["Resources"], *template["Parameters"]}
        for section in ("Parameters", "Resources"):
            for name, declared in template[section].items():
                renamed = _renamed(declared, names, number)
                merged.setdefault(section, {})[f"{name}{number}"] = renamed
                places[f"{name}{number}"] = place
    return [
        f"{_place(match.path, places)}: {match.rule.id} {match.message}"
        for match in lint(json.dumps(merged), regions=[REGION])
        if match.rule.id not in _OF_TWO_TEMPLATES
    ]


def _renamed(node: Any, names: set[str], number: int) -> Any:
    match node:
        case {"Ref": str(name)} if name in names:
            return {"Ref": f"{name}{number}"}
        case {"Fn::GetAtt": [name, attribute]} if name in names:
            return {"Fn::GetAtt": [f"{name}{number}", attribute]}
        case {"Fn::Sub": value}:
            return {"Fn::Sub": _substituted(value, names, number)}
        case dict():
            return {key: _renamed(value, names, number) for key, value in node.items()}
        case list():
            return [_renamed(value, names, number) for value in node]
    return node


def _substituted(value: Any, names: set[str], number: int) -> Any:
    if isinstance(value, str):
        return _renamed_within(value, names, number)
    text, values = value
    return [_renamed_within(text, names - set(values), number), _renamed(values, names, number)]


def _renamed_within(text: str, names: set[str], number: int) -> str:
    for name in sorted(names):
        for end in "}.":
            text = text.replace(f"${{{name}{end}", f"${{{name}{number}{end}")
    return text


def _place(path: Any, places: Mapping[str, str]) -> str:
    return next((places[part] for part in path or [] if part in places), "merged template")
