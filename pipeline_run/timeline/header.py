"""The top of the page, with everything that people on call need to know first."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline_run.timeline.markup import Markup, element
from pipeline_run.timeline.model import Timeline, linked

_TONES = {"Running": "going", "Succeeded": "good", "Started": "good", "Idle": "good"}
_TONES |= {"Skipped": "good", "Failed": "bad", "Error": "bad", "TimedOut": "bad"}


def header(timeline: Timeline) -> Markup:
    """The outcome, what failed and what to do."""
    tone = _TONES.get(timeline.outcome, "stopped")
    return element(
        "header",
        element(
            "h1",
            element("span", timeline.outcome, class_=f"outcome {tone}"),
            element("span", timeline.run.pipeline, class_="pipeline"),
        ),
        _failure(timeline),
        element("p", _links(timeline), class_="links"),
        _told(timeline),
        element("p", timeline.note, class_="note") if timeline.note else "",
    )


def _failure(timeline: Timeline) -> Markup:
    failure = timeline.failure
    if not failure:
        return Markup()
    place = [
        [f"{name} ", element("b", str(failure[name]))]
        for name in ("stage", "action", "rule")
        if failure.get(name)
    ]
    said = [str(failure[each]) for each in ("code", "message") if failure.get(each)]
    return element(
        "section",
        element("p", "Failed in ", place[0], *([", ", each] for each in place[1:])),
        element("pre", ": ".join(said)) if said else Markup(),
        class_="failure",
        aria_label="What failed",
    )


def _told(timeline: Timeline) -> list[Markup]:
    text, commands = timeline.advice
    told = [element("p", text, class_="told")]
    for intro, command in commands:
        told += [element("p", intro), element("pre", command, class_="command")]
    return told


def _links(timeline: Timeline) -> Iterator[Markup]:
    failure = timeline.failure
    pairs = linked(
        ("Failed action", failure.get("link")),
        ("Log", failure.get("logLink")),
        ("Execution", timeline.link),
        ("Run", timeline.page_of_run),
    )
    return (link(name, url) for name, url in pairs)


def link(name: str, url: str) -> Markup:
    """A link that opens in a new tab and sends no referrer."""
    return element("a", name, class_="link", href=url, target="_blank", rel="noopener noreferrer")
