"""The chart of a timeline: rows of bars, each linked to its entry in the list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipeline_run.output import utc_clock_time
from pipeline_run.timeline.axis import Axis
from pipeline_run.timeline.chosen import chosen_bar
from pipeline_run.timeline.markup import Markup, element
from pipeline_run.timeline.model import Bar, Row, RowKind, Timeline

_ROOM = 16  # percent of the chart that a duration beside a bar needs on a phone
_NARROW = 22  # percent of the chart; in a narrower bar, a long duration has no room on a phone
_LEAST = 4  # percent of the chart; in a narrower bar, a duration has no room on any screen
_HEARD = {RowKind.STAGE: "Stage", RowKind.ACTION: "Action"}
# The number of each bar, by the bar's identity. The bar and its list entry share the number.
Numbers = Mapping[int, int]


@dataclass(frozen=True)
class _Drawing:
    """What all rows of a chart share."""

    timeline: Timeline
    known: Numbers
    axis: Axis
    chosen: Bar | None

    def span(self, bar: Bar) -> tuple[float, float]:
        """Where the bar begins and ends, in percent of the chart."""
        axis, end = self.axis, bar.end or self.timeline.end
        return axis.percent(bar.start), axis.percent(end)


def numbered(timeline: Timeline) -> list[tuple[Row, Bar]]:
    """All bars in order of start. A bar's number is its index in this list."""
    pairs = [(row, bar) for row in timeline.rows for bar in row.bars]
    return sorted(pairs, key=lambda pair: pair[1].start)


def numbers(bars: Iterable[tuple[Row, Bar]]) -> dict[int, int]:
    """Number the bars by identity, because two bars may be equal."""
    return {id(bar): number for number, (_, bar) in enumerate(bars)}


def chart(timeline: Timeline, known: Numbers) -> Markup:
    """The axis, the target's rows and the run's rows."""
    drawing = _Drawing(timeline, known, Axis(timeline.begin, timeline.end), chosen_bar(timeline))
    marks = element("div", _marks(drawing.axis), class_="axis", aria_hidden="true")
    return element(
        "div",
        element("div", element("span", class_="label"), marks, class_="row"),
        _group("Target pipeline", timeline.of_target, drawing),
        _group("Run", timeline.of_run, drawing),
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
    parts = [
        f"{_HEARD.get(row.kind, row.name)}: {bar.name}",
        bar.status,
        f"{'after' if bar.started_by else 'at'} {utc_clock_time(bar.start)} UTC",
        f"for {bar.took(timeline.now, utc_clock_time)}",
    ]
    return ", ".join(part for part in parts if part)


def _group(name: str, rows: Iterable[Row], drawing: _Drawing) -> list[Markup]:
    made = [_row(row, drawing) for row in rows]
    return [element("h3", name), *made] if made else []


def _row(row: Row, drawing: _Drawing) -> Markup:
    grid = [
        element("i", class_=f"mark m{number}", aria_hidden="true")
        for number, _ in enumerate(drawing.axis.marks())
    ]
    spans = [drawing.span(bar) for bar in row.bars]
    before = [0.0, *(end for _, end in spans)]
    after = [*(start for start, _ in spans[1:]), 100.0]
    bars = [
        _bar(row, bar, drawing, room=(start - left, right - end))
        for bar, left, (start, end), right in zip(row.bars, before, spans, after, strict=False)
    ]
    return element(
        "div",
        element("span", row.name, class_="label", title=row.name),
        element("div", grid, bars, class_="lane"),
        class_=f"row {row.kind}",
        role="group",
        aria_label=f"{_HEARD.get(row.kind, 'Run')}: {row.name}",
    )


def _bar(row: Row, bar: Bar, drawing: _Drawing, *, room: tuple[float, float]) -> Markup:
    """A bar. `room` is the free space before and after it, in percent of the chart."""
    start, end = drawing.span(bar)
    now = drawing.timeline.now
    inside = bar.name if row.kind is RowKind.PROGRESS else bar.took(now, utc_clock_time)
    before, after = room
    # Neighboring bars share the space between them, so a duration before a bar needs twice as much.
    side = "after" if after >= _ROOM else "before" if before >= 2 * _ROOM else ""
    is_narrow = row.kind in _HEARD and end - start < _NARROW
    chosen = " chosen" if bar is drawing.chosen else ""
    number = drawing.known[id(bar)]
    told = spoken(row, bar, drawing.timeline)
    return element(
        "a",
        element("span", inside if end - start >= _LEAST else "", class_="in", aria_hidden="true"),
        element("span", bar.length(now), class_=side, aria_hidden="true")
        if is_narrow and side
        else "",
        id=f"b{number}",
        class_=f"bar {bar.tone or 'plain'}{chosen}",
        href=f"#d{number}",
        title=told,
        aria_label=told,
    )


def _marks(axis: Axis) -> Iterator[Markup]:
    yield element("span", "0", class_="tick first")
    for number, (_, text) in enumerate(axis.marks()):
        yield element("span", f"+{text}", class_=f"tick m{number}")
