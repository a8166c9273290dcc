"""Reads how an action behaves: `2m`, `4m fails "no room"`, a mapping, or a list of these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from codepipeline_sandbox.codepipeline.acts import Act
from playground.scenarios import durations
from playground.scenarios.mistakes import nearest
from playground.scenarios.page import kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.scenarios.page import Page

_SHOWN = ("code", "summary", "id", "url", "log", "variables", "revision", "change")
MEMBERS = ("takes", "fails", *_SHOWN)
_NAMES = {"code": "error_code", "summary": "summary", "revision": "revision"}
_NAMES |= {"change": "change_identifier"}
_NAMES |= {"id": "external_execution_id", "url": "external_url", "log": "log_stream_arn"}
_WORDS = 2


def acts(page: Page, node: yaml.Node, what: str) -> tuple[Act, ...]:
    """Read one act for each run of the action. The last act applies to all further runs."""
    if not isinstance(node, yaml.SequenceNode):
        return _present(act(page, node, what))
    if not node.value:
        page.wrong(node, f"{what} has an empty list. Add at least one act.")
    return _present(*(act(page, item, what) for item in node.value))


def act(page: Page, node: yaml.Node, what: str) -> Act | None:
    """Read one act."""
    if isinstance(node, yaml.MappingNode):
        return of_members(page, page.members(node, what, MEMBERS), what)
    text = page.text(node, what)
    return None if text is None else _of_text(page, node, text, what)


def of_members(page: Page, members: Mapping[str, yaml.Node], what: str) -> Act | None:
    """Build an act from the members of a mapping."""
    found: dict[str, Any] = {}
    for member, name in _NAMES.items():
        if member in members:
            found[name] = page.text(members[member], f"'{member}'")
    if "takes" in members:
        found["duration"] = page.duration(members["takes"], "'takes'")
    if "variables" in members:
        found["output_variables"] = page.texts(members["variables"], "'variables'")
    if "fails" in members:
        found["outcome"] = "Failed"
        found["error_message"] = _reason(page, members["fails"])
    elif "code" in members:
        page.wrong(members["code"], f"{what} has a 'code' but no 'fails'.")
    return None if found.get("duration", 0.0) is None else Act(**found)


def _of_text(page: Page, node: yaml.Node, text: str, what: str) -> Act | None:
    first, *rest = text.split(maxsplit=_WORDS) or [""]
    duration = durations.seconds(first)
    if duration is None:
        page.duration(_first(node, first) if durations.is_too_long(first) else node, what)
        return None
    if not rest:
        return Act(duration)
    if rest[0] != "fails":
        near = " Did you mean 'fails'?" if nearest(rest[0], ["fails", "failed"]) else ""
        page.wrong(node, f"Only 'fails' can follow the duration, not '{rest[0]}'.{near}")
        return None
    return Act(duration, "Failed", error_message=_unquoted(rest[1]) if rest[1:] else None)


def _first(node: yaml.Node, word: str) -> yaml.Node:
    return yaml.ScalarNode(node.tag, word, node.start_mark)


def _reason(page: Page, node: yaml.Node) -> str | None:
    if node.tag != "tag:yaml.org,2002:bool":
        return page.text(node, "'fails'")
    if str(node.value).lower() not in {"true", "yes"}:
        page.wrong(node, f"'fails' must be a message or true, but is {kind(node)}.")
    return None


def _unquoted(text: str) -> str:
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else text


def _present(*acts: Act | None) -> tuple[Act, ...]:
    return tuple(act for act in acts if act is not None)
