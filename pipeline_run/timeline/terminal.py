"""Print a timeline: the outcome, the failure, and a chart (on a terminal) or lines (elsewhere)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline_run.output import clock_time, counted, duration, moment, one_line, say
from pipeline_run.timeline.model import Bar, Row, RowKind, Timeline

_STYLES = {"bad": "bold red", "stopped": "yellow", "going": "cyan", "good": "green", "": "dim"}
# Rows that are only counted in line output, because they have many bars.
_COUNTED = {RowKind.POLL, RowKind.WAIT}
_MARKS = {"bad": "X", "stopped": "▒", "going": "━", "good": "━", "": "─"}
_BEGINS = {**_MARKS, "": "┼"}  # marks the start of the next bar
_LEAST, _LABEL = 20, 24  # columns: the chart's minimum, and the maximum of a row's name


def show(timeline: Timeline) -> None:
    """Print a chart on a terminal, or lines elsewhere."""
    console = Console()
    if console.is_terminal:
        for line in heading(timeline):
            say(line)  # no wrapping, so that links and commands can be copied
        console.print(terminal_chart(timeline, console.width), highlight=False)
    else:
        for line in lines(timeline):
            say(line)


def terminal_chart(timeline: Timeline, width: int) -> RenderableType:
    """The chart, which is as wide as the terminal."""
    table = Table.grid(padding=(0, 1))
    table.add_column(overflow="ellipsis", no_wrap=True, max_width=_LABEL)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    texts = [(row, _label(row), _told(row, timeline.now)) for row in timeline.rows]
    labels = min(_LABEL, max((label.cell_len for _, label, _ in texts), default=0))
    others = labels + max((told.cell_len for *_, told in texts), default=0) + 3  # 3 for the gaps
    for row, label, told in texts:
        chart = _chart(row.bars, timeline, max(_LEAST, width - others))
        table.add_row(label, chart, told)
    end = timeline.end
    span = f"{moment(timeline.begin)} to {clock_time(end)}"
    total = duration((end - timeline.begin).total_seconds())
    return Group(Text(), table, Text(), Text(f"{span}, {total}", style="dim"))


def heading(timeline: Timeline) -> Iterator[str]:
    """The outcome, what failed, what to do and the links."""
    yield f"{timeline.run.outcome}: {timeline.target}, run {timeline.run.name}"
    failure = timeline.run.failure
    if failure:
        place = ", ".join(
            f"{name} {failure[name]}" for name in ("stage", "action", "rule") if name in failure
        )
        yield f"  {'failed':>9}  {place}"
        for name in ("code", "message", "link", "logLink"):
            if failure.get(name):
                yield f"  {name.removesuffix('Link'):>9}  {failure[name]}"
    text, commands = timeline.advice
    yield from ("", text)
    for intro, command in commands:
        yield from (intro, f"  {command}")
    yield ""
    for name, link in (("execution", timeline.link), ("run", timeline.page_of_run)):
        if link:
            yield f"  {name:>9}  {link}"
    if timeline.note:
        yield f"  {'note':>9}  {timeline.note}"


def lines(timeline: Timeline) -> Iterator[str]:
    """The heading, and a line for each bar in order of start."""
    yield from heading(timeline)
    bars = [(bar, row) for row in timeline.rows for bar in row.bars if row.kind not in _COUNTED]
    for bar, row in sorted(bars, key=lambda pair: pair[0].start):
        since = duration((bar.start - timeline.begin).total_seconds())
        took = bar.length(timeline.now) if bar.as_of else bar.took(timeline.now)
        status = f"as of {clock_time(bar.as_of)}" if bar.as_of else bar.status
        text = (
            f"{moment(bar.start)}  {f'+{since}':>8}  {took:>8}  {row.kind:<8}  {bar.name}  {status}"
        )
        yield text.rstrip()
    hidden = [row for row in timeline.of_run if row.kind in _COUNTED]
    if hidden:
        told = " and ".join(counted(_number(row), row.kind.value) for row in hidden)
        yield f"Not listed: {told}. Use --html or --json to see them."


def _number(row: Row) -> int:
    return sum(bar.count for bar in row.bars)


def _label(row: Row) -> Text:
    indent = "  " if row.kind is RowKind.ACTION else ""
    return Text(one_line(f"{indent}{row.name}"), style="bold" if row.kind is RowKind.STAGE else "")


def _chart(bars: Sequence[Bar], timeline: Timeline, width: int) -> Text:
    """The bars as a line of characters. Every bar is at least one character wide."""
    cells, styles = [" "] * width, [""] * width
    for bar in sorted(bars, key=lambda each: each.tone == "bad"):  # draw failures on top
        first = _column(bar.start, timeline, width)
        last = max(first + 1, _column(bar.end or timeline.end, timeline, width))
        for column in range(first, min(last, width)):
            cells[column], styles[column] = _MARKS[bar.tone], _STYLES[bar.tone]
        if bars[1:]:
            cells[first] = _BEGINS[bar.tone]
    text = Text()
    for cell, style in zip(cells, styles, strict=True):
        text.append(cell, style)
    return text


def _column(time: datetime, timeline: Timeline, width: int) -> int:
    whole = (timeline.end - timeline.begin).total_seconds() or 1
    part = (time - timeline.begin).total_seconds() / whole
    return max(0, min(width - 1, int(part * width)))


def _told(row: Row, now: datetime) -> Text:
    last = row.bars[-1]
    if row.kind in {RowKind.STAGE, RowKind.ACTION}:
        again = f", {len(row.bars)} attempts" if row.bars[1:] else ""
        told = last.took(now) if last.as_of else f"{last.took(now)} {last.status}{again}"
        return Text(one_line(told), style=_STYLES[last.tone])
    return Text(str(_number(row)), style="dim")
