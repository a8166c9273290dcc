"""A global variable of the process. Each container has its own copy of it."""

from __future__ import annotations

from typing import Any, NamedTuple


class Place(NamedTuple):
    """An attribute of a module or class."""

    owner: Any
    name: str
