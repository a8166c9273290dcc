"""The findings of a check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class CheckVerdict(StrEnum):
    """The verdict of a check."""

    GOOD = "ok"
    MISSING = "missing"  # only needed for a feature that the input does not use
    UNTRIED = "untried"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    verdict: CheckVerdict
    about: str
    told: str
    add: Any = None  # policy statements that fix the problem
    commands: Sequence[str] = ()  # commands that fix the problem
