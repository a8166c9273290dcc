"""A global variable of the process, of which each container has its own copy."""

from __future__ import annotations

from typing import Any, NamedTuple


class Place(NamedTuple):
    """An attribute of a module or class."""

    owner: Any
    name: str
