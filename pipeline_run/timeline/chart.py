"""The chart of a timeline: rows of bars, each linked to its entry in the list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pipeline_run.output import clock_time, duration
from pipeline_run.timeline.axis import Axis
from pipeline_run.timeline.markup import Markup, element
from pipeline_run.timeline.model import Bar, Row, RowKind, Timeline

_WIDE = 16  # percent of the chart; narrower bars have no room for a label
_HEARD = {RowKind.STAGE: "Stage", RowKind.ACTION: "Action"}
# The number of each bar, by the bar's identity. The bar and its list entry share the number.
Numbers = Mapping[int, int]


def numbered(timeline: Timeline) -> list[tuple[Row, Bar]]:
    """All bars in order of start. A bar's number is its index in this list."""
    pairs = [(row, bar) for row in timeline.rows for bar in row.bars]
    return sorted(pairs, key=lambda pair: pair[1].start)


def numbers(bars: Iterable[tuple[Row, Bar]]) -> dict[int, int]:
    """Number the bars by identity, because two bars may be equal."""
    return {id(bar): number for number, (_, bar) in enumerate(bars)}


def chart(timeline: Timeline, known: Numbers) -> Markup:
    """The axis, the target's rows and the run's rows."""
    axis = Axis(timeline.begin, timeline.end)
    marks = element("div", _marks(axis), class_="axis", aria_hidden="true")
    return element(
        "div",
        element("div", element("span", class_="label"), marks, class_="row"),
        _group("Target pipeline", timeline.of_target, timeline, known),
        _group("Run", timeline.of_run, timeline, known),
        class_="chart",
        id="chart",
    )


def rules(timeline: Timeline, known: Numbers) -> str:
    """The style rules that position bars and marks, so that no element needs inline styles."""
    axis = Axis(timeline.begin, timeline.end)
    places = [f".m{number}{{left:{place}%}}" for number, (place, _) in enumerate(axis.marks())]
    for row in timeline.rows:
        for bar in row.bars:
            left = axis.percent(bar.start)
            width = round(axis.percent(bar.end or timeline.end) - left, 3)
            # Short bars have a minimum width and must not extend beyond the chart.
            place = f"left:min({left}%,calc(100% - .45rem));width:{width}%"
            places.append(f"#b{known[id(bar)]}{{{place}}}")
    return "\n".join(places)


def spoken(row: Row, bar: Bar, timeline: Timeline) -> str:
    """A description of a bar, for screen readers and tooltips."""
    took = duration(bar.seconds(timeline.now))
    parts = [
        f"{_HEARD.get(row.kind, row.name)}: {bar.name}",
        bar.status,
        f"at {clock_time(bar.start)}",
        f"for {took}" if bar.end else f"for {took} so far",
    ]
    return ", ".join(part for part in parts if part)


def _group(name: str, rows: Iterable[Row], timeline: Timeline, known: Numbers) -> list[Markup]:
    made = [_row(row, timeline, known) for row in rows]
    return [element("h3", name), *made] if made else []


def _row(row: Row, timeline: Timeline, known: Numbers) -> Markup:
    axis = Axis(timeline.begin, timeline.end)
    grid = [
        element("i", class_=f"mark m{number}", aria_hidden="true")
        for number, _ in enumerate(axis.marks())
    ]
    bars = [_bar(row, bar, timeline, axis, known[id(bar)]) for bar in row.bars]
    return element(
        "div",
        element("span", row.name, class_="label", title=row.name),
        element("div", grid, bars, class_="lane"),
        class_=f"row {row.kind}",
        role="group",
        aria_label=f"{_HEARD.get(row.kind, 'Run')}: {row.name}",
    )


def _bar(row: Row, bar: Bar, timeline: Timeline, axis: Axis, number: int) -> Markup:
    end = bar.end or timeline.end
    width = axis.percent(end) - axis.percent(bar.start)
    told = duration(bar.seconds(timeline.now)) if width >= _WIDE else ""
    text = bar.name if row.kind is RowKind.PROGRESS and width >= _WIDE else told
    return element(
        "a",
        element("span", text, aria_hidden="true"),
        id=f"b{number}",
        class_=f"bar {bar.tone or 'plain'}",
        href=f"#d{number}",
        title=spoken(row, bar, timeline),
        aria_label=spoken(row, bar, timeline),
    )


def _marks(axis: Axis) -> Iterator[Markup]:
    yield element("span", "0", class_="tick first")
    for number, (_, text) in enumerate(axis.marks()):
        yield element("span", f"+{text}", class_=f"tick m{number}")
