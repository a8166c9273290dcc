"""Puts the pictures into docs/architecture.md, each drawn from what it shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docs import run_picture, states_picture, template_picture

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PICTURES: Mapping[str, Callable[[], str]] = {
    "states": states_picture.picture,
    "template": template_picture.picture,
    "run": run_picture.picture,
}
_PART = re.compile(
    r"(<!-- made by `make generate`: picture of the (?P<name>\w+) -->\n)"
    r".*?(<!-- up to here -->)",
    re.DOTALL,
)


def with_pictures(page: str) -> str:
    """The page with each picture as it is now. KeyError for an unknown one."""
    return _PART.sub(lambda part: f"{part[1]}\n{_drawn(part['name'])}\n{part[3]}", page)


def _drawn(name: str) -> str:
    return f"```mermaid\n{PICTURES[name]()}```\n"
