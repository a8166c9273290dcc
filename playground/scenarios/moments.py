"""Reads when something happens: at a time, or after an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.scenarios import places
from playground.scenarios.mistakes import hint, one_of
from playground.scenarios.model import Moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    import yaml

    from playground.scenarios.page import Page
    from playground.scenarios.places import Known

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
    """Read when something happens: the members `at`, or `when` and `after`."""
    after = _duration(page, members, "after") or 0.0
    given = [name for name in MOMENTS if name in members]
    if len(given) != 1:
        suffix = f", not {' and '.join(given)}" if given else ""
        page.wrong(node, f"Give the time once, as {one_of(MOMENTS)}{suffix}.")
        return {}
    if "after" in members and given == ["at"]:
        page.wrong(members["after"], "'after' is only valid with 'when'. Add it to 'at'.")
    if "nth" in members and given != ["when"]:
        page.wrong(members["nth"], "'nth' is only valid with 'when'.")
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
        page.wrong(
            node,
            f"'{text}' does not name a state. Examples: 'deploy failed', "
            "'deploy Stage/Action started'.",
        )
        return None
    place = places.place(page, node, subject, known, "any")
    if place is None:
        return None
    kind = "action" if place.action else "stage" if place.stage else "pipeline"
    if state not in STATES[kind]:
        suggestion = hint(state, STATES[kind])
        page.wrong(
            node, f"{'An' if kind == 'action' else 'A'} {kind} is never '{state}'.{suggestion}"
        )
        return None
    return Moment(place, state.upper(), nth or 1, each)


def _duration(page: Page, members: Mapping[str, yaml.Node], name: str) -> float | None:
    return page.duration(members[name], f"'{name}'") if name in members else None
