"""Reads the section `faults`, for example `{call: throttled, operation: sts:AssumeRole}`."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import yaml

from codepipeline_sandbox.faults import CallFault, DeliveryFault, InvalidFault, InvocationFault
from playground.scenarios.mistakes import Mistake, one_of
from playground.scenarios.tree import line_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playground.scenarios.model import Fault
    from playground.scenarios.page import Page
    from playground.scenarios.places import Known

KINDS: Mapping[str, type[Fault]] = {
    "call": CallFault,
    "delivery": DeliveryFault,
    "invocation": InvocationFault,
}
OWN_NAMES = {"from": "start", "to": "end"}
DURATIONS = ("from", "to", "seconds", "spread")
_WHOLE = ("times", "behind", "status")
_ANYWHERE = "*"


def faults(page: Page, node: yaml.Node, known: Known) -> Iterator[Fault]:
    """Yield the faults in the order of the file."""
    for item in page.items(node, "'faults'"):
        found = _fault(page, item, known)
        if found is not None:
            yield found


def members_of(kind: str) -> list[str]:
    """The members that a fault of this kind may have."""
    own = {name: our for our, name in OWN_NAMES.items()}
    names = [field.name for field in fields(KINDS[kind]) if field.name != "kind"]
    return [own.get(name, name) for name in names]


def _fault(page: Page, node: yaml.Node, known: Known) -> Fault | None:
    pairs = page.pairs(node, "A fault")
    if not pairs and not isinstance(node, yaml.MappingNode):
        return None
    kinds = [pair.name for pair in pairs if pair.name in KINDS]
    if len(kinds) != 1:
        wanted = f"A fault must have exactly one kind: {one_of(KINDS)}."
        odd = next((pair for pair in pairs if pair.name not in {*KINDS, *members_of("call")}), None)
        page.wrong(odd.key if odd else node, wanted)
        return None
    (kind,) = kinds
    for name, key, _ in pairs:
        if name not in {kind, *members_of(kind)}:
            page.wrong(key, f"A {kind} fault cannot have '{name}'.", name, members_of(kind))
    before = len(page.mistakes)
    read = {
        name: _value(page, name, value, known)
        for name, _, value in pairs
        if name in {kind, *members_of(kind)}
    }
    if len(page.mistakes) > before:
        return None
    return _made(page, node, kind, read, {name: value for name, _, value in pairs})


def _value(page: Page, name: str, node: yaml.Node, known: Known) -> Any:
    what = f"'{name}'"
    if name in DURATIONS:
        return page.duration(node, what)
    if name in _WHOLE:
        return page.whole(node, what, 1)
    if name == "chance":
        return _chance(page, node)
    text = page.text(node, what)
    if name == "account" and text not in {None, _ANYWHERE}:
        return known.account(page, node, str(text))
    return text


def _chance(page: Page, node: yaml.Node) -> float | None:
    text = page.text(node, "'chance'")
    try:
        return None if text is None else float(text)
    except ValueError:
        page.wrong(node, f"'chance' must be a number above 0 and at most 1, but is '{text}'.")
        return None


def _made(
    page: Page, node: yaml.Node, kind: str, read: dict[str, Any], nodes: Mapping[str, yaml.Node]
) -> Fault | None:
    try:
        return _make(kind, read)
    except InvalidFault as error:
        page.mistakes.append(Mistake(line_of(_guilty(node, kind, read, nodes)), _sentence(error)))
        return None


def _make(kind: str, read: Mapping[str, Any]) -> Fault:
    members = {OWN_NAMES.get(name, name): value for name, value in read.items() if name != kind}
    return KINDS[kind](read[kind], **members)


def _guilty(
    node: yaml.Node, kind: str, read: Mapping[str, Any], nodes: Mapping[str, yaml.Node]
) -> yaml.Node:
    """Find the member that makes the fault invalid, or else the fault's kind."""
    for name in (name for name in read if name != kind):
        try:
            _make(kind, {other: value for other, value in read.items() if other != name})
        except InvalidFault:
            continue
        return nodes[name]
    return nodes.get(kind, node)


def _sentence(error: InvalidFault) -> str:
    text = str(error).replace("; did you mean", ". Did you mean")
    return text[:1].upper() + text[1:] + ("" if text.endswith("?") else ".")
