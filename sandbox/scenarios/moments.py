"""When something happens: at a time, or when an event tells of something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.scenarios import places
from sandbox.scenarios.mistakes import hint, one_of
from sandbox.scenarios.model import Moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    import yaml

    from sandbox.scenarios.page import Page
    from sandbox.scenarios.places import Known

MOMENTS = ("at", "when", "whenever")
STATES = {
    "pipeline": (
        *("started", "resumed", "succeeded", "failed", "stopping", "stopped"),
        *("superseded", "canceled"),
    ),
    "stage": ("started", "resumed", "succeeded", "failed", "stopping", "stopped", "canceled"),
    "action": ("started", "succeeded", "failed", "canceled", "abandoned"),
}
MEMBERS = (*MOMENTS, "nth", "after")


def time(
    page: Page, node: yaml.Node, members: Mapping[str, yaml.Node], known: Known
) -> dict[str, Any]:
    """The members of a Happening that say its time: at, or when and how long after."""
    after = _duration(page, members, "after") or 0.0
    given = [name for name in MOMENTS if name in members]
    if len(given) != 1:
        said = f", and not {' and '.join(given)}" if given else ""
        page.wrong(node, f"When it happens is said once, by {one_of(MOMENTS)}{said}.")
        return {}
    if "after" in members and given == ["at"]:
        page.wrong(members["after"], "'after' belongs to 'when'; add it to 'at'.")
    if "nth" in members and given != ["when"]:
        page.wrong(members["nth"], "'nth' belongs to 'when'.")
    if given == ["at"]:
        return {"at": _duration(page, members, "at") or 0.0}
    moment = _moment(page, members[given[0]], members, known, each=given == ["whenever"])
    return {"when": moment, "after": after}


def _moment(
    page: Page, node: yaml.Node, members: Mapping[str, yaml.Node], known: Known, *, each: bool
) -> Moment | None:
    nth = page.whole(members["nth"], "'nth'", 1) if "nth" in members else 1
    if (text := page.text(node, "'when'")) is None:
        return None
    subject, _, state = text.rpartition(" ")
    if not subject:
        page.wrong(node, f"'{text}' says no state: 'deploy failed', 'deploy Stage/Action started'.")
        return None
    place = places.place(page, node, subject, known, "any")
    if place is None:
        return None
    kind = "action" if place.action else "stage" if place.stage else "pipeline"
    if state not in STATES[kind]:
        told = hint(state, STATES[kind])
        page.wrong(node, f"{'An' if kind == 'action' else 'A'} {kind} is never '{state}'.{told}")
        return None
    return Moment(place, state.upper(), nth or 1, each)


def _duration(page: Page, members: Mapping[str, yaml.Node], name: str) -> float | None:
    return page.duration(members[name], f"'{name}'") if name in members else None
