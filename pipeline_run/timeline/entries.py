"""The sections of the page that describe the run and each bar."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline_run.output import duration, utc_clock_time
from pipeline_run.timeline.chart import spoken
from pipeline_run.timeline.header import duration_of_run, link
from pipeline_run.timeline.markup import Markup, element, timestamp
from pipeline_run.timeline.model import Bar, Row, Timeline

_LONG = 60  # characters; a longer text gets its own line


def about(timeline: Timeline) -> Markup:
    """The section with the names, IDs and times of the run and its target."""
    return element(
        "section",
        element("h2", "Run and target", id="about"),
        element("dl", _facts(timeline), class_="facts"),
        aria_labelledby="about",
    )


def _facts(timeline: Timeline) -> Iterator[Markup]:
    run = timeline.run
    facts = {
        "Target": timeline.target,
        "Execution": timeline.execution_id,
        "Started": timestamp(run.started),
        "Ended": timestamp(run.stopped) if run.stopped else None,
        "Took": duration_of_run(timeline),
        "Run": run.name,
    }
    for name, value in facts.items():
        if value:
            yield element("div", element("dt", name), element("dd", value))


def bar_entries(timeline: Timeline, bars: list[tuple[Row, Bar]]) -> Markup:
    """The list of all bars with their details and links, in order."""
    items = [_entry(number, row, bar, timeline) for number, (row, bar) in enumerate(bars)]
    return element(
        "section",
        element("h2", "Everything in order", id="all"),
        element("ol", items, class_="entries"),
        aria_labelledby="all",
    )


def _entry(number: int, row: Row, bar: Bar, timeline: Timeline) -> Markup:
    since = duration((bar.start - timeline.begin).total_seconds())
    status = element("span", bar.status, class_=f"status {bar.tone or 'plain'}")
    details = [("took", bar.took(timeline.now, utc_clock_time)), *bar.details]
    return element(
        "li",
        element("p", element("b", bar.name), f" {row.kind.value} ", status if bar.status else ""),
        element(
            "dl",
            _detail(
                "started", "after " if bar.started_by else "", timestamp(bar.start), f", +{since}"
            ),
            [_detail(name, text) for name, text in details],
        ),
        element("p", [link(*pair) for pair in bar.links], class_="links") if bar.links else "",
        id=f"d{number}",
        tabindex="-1",
        aria_label=spoken(row, bar, timeline),
    )


def _detail(name: str, *text: str) -> Markup:
    length = "long" if len(text[0]) > _LONG and text[1:] == () else "short"
    return element("div", element("dt", name), element("dd", *text), class_=length)
