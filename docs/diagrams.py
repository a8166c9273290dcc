"""Insert the pictures into docs/architecture.md, each drawn from the code it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docs import run_picture, states_picture, template_picture
from docs.generated import rewritten

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PICTURES: Mapping[str, Callable[[], str]] = {
    "states": states_picture.picture,
    "template": template_picture.picture,
    "run": run_picture.picture,
}


def with_pictures(page: str) -> str:
    """Redraw every picture on the page. Raise KeyError for an unknown picture."""
    return rewritten(page, r"picture of the (\w+)", _drawn)


def _drawn(name: str) -> str:
    return f"```mermaid\n{PICTURES[name]()}```\n"
