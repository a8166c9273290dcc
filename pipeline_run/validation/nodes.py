"""Parse YAML and JSON into nodes with line numbers, without resolving tags."""

from __future__ import annotations

import re

import yaml

_BRACKET = re.compile(r"[\[\]{}]")
_DEEPEST = 200  # maximum nesting of brackets; real documents have about a dozen levels


def compose(text: str) -> yaml.Node | None:
    """The root node. Raises yaml.YAMLError if the text is not YAML."""
    if _depth(text) > _DEEPEST:
        # With deeper nesting, PyYAML would take minutes to fail.
        raise yaml.YAMLError("it is nested too deeply")
    try:
        # YAML forbids indentation with tabs, which JSON allows. JSON strings contain no literal
        # tabs.
        return yaml.compose(text.replace("\t", " "), Loader=yaml.SafeLoader)
    except RecursionError as error:
        raise yaml.YAMLError("it is nested too deeply") from error


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in _BRACKET.findall(text):
        depth = max(0, depth + (1 if bracket in "[{" else -1))
        deepest = max(deepest, depth)
    return deepest
