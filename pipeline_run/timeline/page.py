"""A timeline as one HTML page that needs nothing else: no script, style or picture from outside.

Its content security policy names the hashes of its own style and script, so that whatever others
wrote into names and messages could not run even if it came to be more than text.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from pipeline_run.output import moment
from pipeline_run.timeline.chart import chart, numbered, numbers, rules
from pipeline_run.timeline.entries import about, bar_entries
from pipeline_run.timeline.header import header
from pipeline_run.timeline.markup import Markup, element
from pipeline_run.timeline.model import Timeline

_HERE = Path(__file__).parent / "html"


def page(timeline: Timeline) -> str:
    """The whole page."""
    bars = numbered(timeline)
    known = numbers(bars)
    style = (_HERE / "page.css").read_text(encoding="utf-8") + rules(timeline, known)
    script = (_HERE / "page.js").read_text(encoding="utf-8")
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", f"{timeline.outcome}: {timeline.run.pipeline}"),
        element("style", Markup(style)),
    )
    body = element(
        "body",
        element("a", "To the chart", class_="skip", href="#chart"),
        header(timeline),
        element("main", _chart(timeline, known), about(timeline), bar_entries(timeline, bars)),
        _footer(timeline),
        element("script", Markup(script)),
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _chart(timeline: Timeline, known: dict[int, int]) -> Markup:
    how = (
        "Choose a bar for its details. With the keyboard: Tab to the bars, arrow keys from one to "
        "the next, Enter to its links, Escape back."
    )
    return element(
        "section",
        element("h2", "What happened when", id="when"),
        element("p", how, class_="how"),
        chart(timeline, known),
        element(
            "div",
            id="panel",
            role="region",
            aria_label="Details of the bar",
            aria_live="polite",
            tabindex="-1",
        ),
        aria_labelledby="when",
    )


def _footer(timeline: Timeline) -> Markup:
    again = element("code", f"pipeline-run timeline {timeline.run.name} --html FILE")
    return element(
        "footer",
        element("p", f"As of {moment(timeline.now)}. All times are UTC. Made by ", again, "."),
    )
