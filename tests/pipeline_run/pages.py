"""The command lines in the documentation."""

from __future__ import annotations

import re

from playground.accounts import ROOT

PAGE = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
_README = (ROOT / "README.md").read_text(encoding="utf-8")
# Pipes, redirections and comments are removed from the command lines.
SHOWN = [
    re.split(r" *[|>#]", words)[0]
    for page in (_README, PAGE)
    for words in re.findall(r"^ {4}(?:echo .*\| )?pipeline-run (.+)$", page, re.MULTILINE)
]
