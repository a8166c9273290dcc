"""Reads the section `happens`: what people do, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from playground.scenarios import moments, places, runs, tree
from playground.scenarios.mistakes import one_of
from playground.scenarios.model import Happening
from playground.scenarios.page import Page, Pair
from playground.scenarios.verbs import VERBS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import yaml

    from playground.scenarios.model import Place
    from playground.scenarios.places import Known

_COMMON = (*moments.MEMBERS, "says")


class _Reader(NamedTuple):
    page: Page
    known: Known
    product: Mapping[str, str]


def happenings(
    page: Page, node: yaml.Node | None, known: Known, product: Mapping[str, str]
) -> Iterator[Happening]:
    """Yield everything that happens, in the order of the file."""
    reader = _Reader(page, known, product)
    for item in page.items(node, "'happens'") if node else []:
        found = _happening(reader, item)
        if found is not None:
            yield found


def _happening(reader: _Reader, node: yaml.Node) -> Happening | None:
    page = reader.page
    pairs = page.pairs(node, "An item of 'happens'")
    verbs = [pair for pair in pairs if pair.name in VERBS]
    if len(verbs) != 1:
        _tell_verbs(page, node, pairs, verbs)
        return None
    verb, key, value = verbs[0]
    members = _members(page, verb, pairs)
    details = _details(page, key, verb, members)
    place = _object(reader, verb, value, details)
    return Happening(
        tree.line_of(node),
        verb,
        details,
        place,
        says=page.text(members["says"], "'says'") if "says" in members else None,
        **moments.time(page, node, members, reader.known),
    )


def _members(page: Page, verb: str, pairs: list[Pair]) -> dict[str, yaml.Node]:
    known = (verb, *_COMMON, *VERBS[verb].members)
    for name, key, _ in pairs:
        if name not in known:
            page.wrong(key, f"'{verb}' cannot have '{name}'.", name, known[1:])
    return {name: value for name, _, value in pairs if name in known}


def _tell_verbs(page: Page, node: yaml.Node, pairs: list[Pair], verbs: list[Pair]) -> None:
    if verbs:
        both = " and ".join(f"'{pair.name}'" for pair in verbs)
        page.wrong(verbs[1].key, f"An item of 'happens' can have only one act, not {both}.")
        return
    of_all = {name for verb in VERBS.values() for name in verb.members} | set(_COMMON)
    for name, key, _ in pairs:
        if name not in of_all:
            page.wrong(key, f"'{name}' is not an act.", name, VERBS)
            return
    if pairs:
        page.wrong(node, f"The act is missing. Add one of {one_of(VERBS)}.")


def _object(reader: _Reader, verb: str, value: yaml.Node, details: dict[str, Any]) -> Place | None:
    """Read what the act affects.

    Returns a pipeline, stage or action. The input of a new run, the number of an existing run and
    the role in an account are added to `details` instead.
    """
    page, reach = reader.page, VERBS[verb].reach
    if reach == "run":
        asked = runs.run(page, value, reader.known, reader.product)
        details |= {"run": asked} if asked else {}
        return None
    if reach == "number":
        details["number"] = page.whole(value, f"'{verb}'", 1)
        return None
    if reach == "account":
        name = page.text(value, f"'{verb}'")
        account = None if name is None else reader.known.account(page, value, name)
        details |= {"role": runs.role_arn(account, reader.product)} if account else {}
        return None
    text = page.text(value, f"'{verb}'")
    place = None if text is None else places.place(page, value, text, reader.known, reach)
    approvals = reader.known.approvals
    if place is not None and verb in {"approve", "reject"} and place not in approvals:
        of_it = [str(each) for each in approvals if each.pipeline == place.pipeline]
        page.wrong(value, f"'{text}' is not an approval.", str(text), of_it)
    return place


def _details(
    page: Page, key: yaml.Node, verb: str, members: Mapping[str, yaml.Node]
) -> dict[str, Any]:
    known = VERBS[verb]
    if known.required is not None and known.required not in members:
        page.wrong(key, f"'{verb}' needs '{known.required}'.")
    return {
        name: read(page, members[name], f"'{name}'")
        for name, read in known.members.items()
        if name in members
    }
