"""Build HTML in which all untrusted text is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from typing import Any

from pipeline_run.output import one_line, utc_moment

_ALONE = {"meta", "br"}


class Markup(str):
    """HTML that was built by this module. All other strings are escaped."""

    __slots__ = ()


def element(
    tag: str, *children: str | Iterable[Any], attributes: dict[str, str] | None = None, **more: str
) -> Markup:
    """An HTML element. `class_` sets the attribute class, `aria_label` sets aria-label."""
    given = {**{_attribute(name): value for name, value in more.items()}, **(attributes or {})}
    written = "".join(f' {name}="{escape(one_line(value))}"' for name, value in given.items())
    if tag in _ALONE:
        return Markup(f"<{tag}{written}>")
    return Markup(f"<{tag}{written}>{''.join(_inner(children))}</{tag}>")


def timestamp(time: datetime) -> Markup:
    """A time in UTC. The page's script adds the viewer's local time."""
    written = time.astimezone(UTC).isoformat(timespec="seconds")
    return element("time", utc_moment(time), datetime=written)


def _attribute(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _inner(children: Iterable[Any]) -> Iterable[str]:
    for child in children:
        if isinstance(child, Markup):
            yield child
        elif isinstance(child, str):
            yield escape(one_line(child))
        else:
            yield from _inner(child)
