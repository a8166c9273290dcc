"""Text with which other people could forge output, and a check of output."""

from __future__ import annotations

import re
import unicodedata

MARK = "FORGED"
TRICKS = (
    "\n",
    "\r\n",
    "\r",
    "\x0b",
    "\x85",
    "\u2028",
    "\u2029",
    "\t",
    "\x1b[2J\x1b[1;1H",  # clears the screen
    "\x9b2J",
    "\x1b]0;",  # sets the window's title
    "\u202e\u2066",  # changes the writing direction
    "\u200b",  # invisible
    "\ue000",
    "\n::error::",  # a command for GitHub Actions
    "\n  ::warning file=x::",
    "\n##[error]",  # Azure Pipelines and old GitHub runners
    "##vso[task.logissue type=error]",
    "##teamcity[buildStatus status='SUCCESS']",
)
HOSTILE = "".join(f"{trick}{MARK} " for trick in TRICKS)
STARTS_LIKE_A_COMMAND = f"::error::{MARK}\n{MARK}"
TEXTS = {
    "tricks": HOSTILE,
    "a command": STARTS_LIKE_A_COMMAND,
    "a lone surrogate": f"\ud800{MARK}\n{MARK}",
    "a long text": f"{'x' * 5_000}\n{MARK}",
}
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_COMMAND = re.compile(r"^\s*::|##\[|##vso\[|##teamcity\[", re.IGNORECASE)


_HANGING = " " * 12  # of a paragraph's other lines; no line of another kind begins so deep


def forged(output: str) -> list[str]:
    """The lines of the output that others could have forged."""
    return [
        line
        for line in output.split("\n")
        if (line.lstrip().startswith(MARK) and not line.startswith(_HANGING))
        or _COMMAND.search(line)
        or any(unicodedata.category(each) in _HIDDEN for each in line)
    ]
