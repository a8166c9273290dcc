"""YAML and JSON as nodes that know their lines; tags and what they mean are left alone."""

from __future__ import annotations

import re

import yaml

_BRACKET = re.compile(r"[\[\]{}]")
_DEEPEST = 200  # brackets; what people write has a dozen


def compose(text: str) -> yaml.Node | None:
    """The root node. yaml.YAMLError, with a mark where there is one, for what is not YAML."""
    if _depth(text) > _DEEPEST:
        # PyYAML would take minutes to find that out.
        raise yaml.YAMLError("it is nested too deeply")
    try:
        # JSON may be indented with tabs, which YAML does not know; inside of texts neither has any.
        return yaml.compose(text.replace("\t", " "), Loader=yaml.SafeLoader)
    except RecursionError as error:
        raise yaml.YAMLError("it is nested too deeply") from error


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in _BRACKET.findall(text):
        depth = max(0, depth + (1 if bracket in "[{" else -1))
        deepest = max(deepest, depth)
    return deepest
