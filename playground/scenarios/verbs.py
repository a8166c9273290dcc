"""The acts that a scenario can contain, what they affect, and their members."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.scenarios import acts, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import yaml

    from playground.scenarios.page import Page


@dataclass(frozen=True)
class Verb:
    """What an act affects, and the functions that read the act's other members."""

    # pipeline, stage, action, account, run (the input of a new run) or number (of an existing run)
    reach: str
    members: Mapping[str, Callable[[Page, yaml.Node, str], Any]] = field(default_factory=dict)
    required: str | None = None


def _text(page: Page, node: yaml.Node, what: str) -> str | None:
    return page.text(node, what)


def _truth(page: Page, node: yaml.Node, what: str) -> bool | None:
    return page.truth(node, what)


def _nth(page: Page, node: yaml.Node, what: str) -> int | None:
    return page.whole(node, what, 1)


def _one_of(*words: str) -> Callable[[Page, yaml.Node, str], Any]:
    return lambda page, node, what: page.word(node, what, words)


def _variables(page: Page, node: yaml.Node, what: str) -> list[dict[str, str]]:
    texts = page.texts(node, what)
    return [{"name": name, "value": text} for name, text in texts.items()]


def _mapping(page: Page, node: yaml.Node, what: str) -> Any:
    return tree.plain(node) if page.pairs(node, what) else {}


def _list(page: Page, node: yaml.Node, what: str) -> list[Any]:
    return [tree.plain(item) for item in page.items(node, what)]


_EXECUTION = {"execution": _nth}
_TRANSITION = {"transition": _one_of("Inbound", "Outbound")}

VERBS: dict[str, Verb] = {
    "start": Verb("pipeline", {"variables": _variables, "sourceRevisions": _list, "token": _text}),
    "stop": Verb("pipeline", {"abandon": _truth, "reason": _text, **_EXECUTION}),
    "retry": Verb("stage", {"mode": _one_of("FAILED_ACTIONS", "ALL_ACTIONS"), **_EXECUTION}),
    "rollback": Verb("stage", {"to": _nth}, required="to"),
    "approve": Verb("action", {"summary": _text}),
    "reject": Verb("action", {"summary": _text}),
    "disable": Verb("stage", {**_TRANSITION, "reason": _text}),
    "enable": Verb("stage", _TRANSITION),
    "override": Verb(
        "stage", {"condition": _one_of("BEFORE_ENTRY", "ON_SUCCESS"), **_EXECUTION}, "condition"
    ),
    "update": Verb("pipeline", {"definition": _mapping}),
    "delete": Verb("pipeline"),
    "change": Verb("action", {"to": acts.acts}, required="to"),
    "untrust": Verb("account"),
    "run": Verb("run", {"claims": _nth}),
    "abort": Verb("number", {"reason": _text}),
    "redrive": Verb("number"),
    "forge": Verb("number", {"input": _mapping}, required="input"),
    "answer": Verb("number", {"claims": _nth}, required="claims"),
}
