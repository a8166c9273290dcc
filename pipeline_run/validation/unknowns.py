"""Text with values that only AWS knows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

# In a text, a lone surrogate marks an unknown value, because no file can contain one.
_FIRST, _MOST = 0xD800, 2_000
MARK = re.compile("[\ud800-\udffe]")
QUOTE = "\udfff"  # stands around an unknown value that is not inside quotes


@dataclass
class Unknowns:
    """The unknown values of one input, each with the text that stands for it in the file."""

    labels: list[str] = field(default_factory=list)

    def mark(self, label: str) -> str:
        """A character that stands for another unknown value."""
        if len(self.labels) < _MOST:
            self.labels.append(label)
        return chr(_FIRST + len(self.labels) - 1)

    def replace(self, pattern: re.Pattern[str], text: str) -> str:
        """The text with a mark for each match of the pattern."""
        return pattern.sub(lambda match: self.mark(match[0]), text)

    def shown(self, text: str) -> str:
        """The text as it was written, for a message."""
        return MARK.sub(lambda match: self.labels[ord(match[0]) - _FIRST], text)


def filled(text: str, value_of: Callable[[str], str]) -> str:
    """The text with a value for each mark."""
    return MARK.sub(lambda match: value_of(match[0]), text)
