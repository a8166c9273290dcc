from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.pages.shell import SOMETHING

if TYPE_CHECKING:
    from collections.abc import Mapping


def check_parameters(
    template: Mapping[str, Any], given: Mapping[str, str], *, complete: bool
) -> None:
    """Raise ValueError if a parameter is unknown or missing, or if its value is not allowed."""
    declared = template["Parameters"]
    for name, value in given.items():
        if name not in declared:
            raise ValueError(f"the template has no parameter {name}")
        if SOMETHING not in value:
            _check_value(name, declared[name], value)
    if not complete:
        return
    for name, parameter in declared.items():
        if "Default" not in parameter and name not in given:
            raise ValueError(f"the template needs the parameter {name}")


def _check_value(name: str, parameter: Mapping[str, Any], value: str) -> None:
    listed = parameter["Type"] == "CommaDelimitedList"
    pattern = parameter.get("AllowedPattern", ".*")
    for part in value.split(",") if listed else [value]:
        if not re.fullmatch(pattern, part):
            raise ValueError(f"{name} does not allow {part}")
    allowed = [str(each) for each in parameter.get("AllowedValues", [])]
    if allowed and value not in allowed:
        raise ValueError(f"{name} does not allow {value}")
