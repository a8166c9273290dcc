"""Dataclasses from the JSON that travels between the states of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

Kind = TypeVar("Kind")


def read(kind: type[Kind], document: Mapping[str, Any]) -> Kind:
    """The dataclass from its document; fields that it does not have are left out.

    A run keeps the definition that it began with, while the functions are updated, or rolled back:
    what another version wrote must not end it.
    """
    known = {each.name for each in fields(kind)}  # type: ignore[arg-type] # dataclasses alone
    return kind(**{name: value for name, value in document.items() if name in known})
