"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """How much it matters."""

    GOOD = "ok"
    MISSING = "missing"  # only for a feature that was not asked for
    UNTRIED = "untried"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One thing that was checked."""

    verdict: Verdict
    about: str
    told: str
    add: Any = None  # a policy document's statements that would mend it
