"""The findings of a check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class CheckVerdict(StrEnum):
    """How a check went."""

    GOOD = "ok"
    MISSING = "missing"  # only for a feature that was not asked for
    UNTRIED = "untried"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One thing that was checked."""

    verdict: CheckVerdict
    about: str
    told: str
    add: Any = None  # a policy document's statements that would mend it
    commands: Sequence[str] = ()  # that would
