"""Draw runs for a terminal.

Marks carry the meaning and colors only support it, for people who cannot tell the colors apart and
for terminals without colors. Marks other than ASCII have a replacement in output.py.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

from codepipeline_orchestrator.text import cut, is_web_address
from pipeline_run.exits import Exit, exit_of
from pipeline_run.output import clock_time, duration, one_line, zone
from pipeline_run.reason import reason
from pipeline_run.stages import Stage
from pipeline_run.views import View

_INDENT, _BAR = 2, 30  # widths in columns
_OTHER_LINES = 10  # next to the stages, if each stage has its own line
_OTHER_COLUMNS = 32  # next to the names of stages in the table
_LONGEST_NAME = 30  # columns of a stage's name in a list
_MOST_LINES = 4  # of what the run waits for, or why it ended


_RUNNING, _WAITING, _GOOD, _BAD, _STOPPED = "●", "!", "✓", "✗", "■"
_STYLES = {
    _RUNNING: "cyan",
    _WAITING: "bold yellow",
    _GOOD: "green",
    _BAD: "bold red",
    _STOPPED: "yellow",
}
_NOT_YET = "dim"
_OF_EXIT = {Exit.GOOD: _GOOD, Exit.STOPPED: _STOPPED, Exit.SUPERSEDED: _STOPPED}


def picture(views: Sequence[View], width: int, height: int) -> RenderableType:
    """The runs, their targets and the targets' progress.

    A stage has its own line if there is only one run, and if the terminal has enough lines.
    """
    is_detailed = not views[1:] and len(views[0].stages) + _OTHER_LINES <= height
    parts: list[RenderableType] = []
    for view in views:
        parts += [*_run(view, width - _INDENT, is_detailed=is_detailed), Text()]
    if any(view.run.goes_on for view in views):
        ending = "The runs continue." if views[1:] else "The run continues."
        times = f"Times are in {zone(views[0].now)}."
        parts.append(Text(f"Ctrl-C stops watching. {ending} {times}", style="dim"))
    else:
        parts.pop()
    return Group(*parts)


def _run(view: View, width: int, *, is_detailed: bool) -> Iterator[RenderableType]:
    snapshot = view.snapshot.snapshot
    link = snapshot.link if snapshot else None
    target = snapshot.target if snapshot else view.run.pipeline
    yield _line(_mark(view), Text(one_line(target), style=_linked("bold", link)))
    yield _indented(_dim_line(f"run {view.run.name}"))
    if is_detailed and snapshot and snapshot.pipeline_execution_id:
        yield _indented(_dim_line(f"execution {snapshot.pipeline_execution_id}"))
    if view.stages:
        stages = _stage_table(view, width) if is_detailed else _stage_list(view.stages, width)
        yield _indented(stages)
    if view.run.goes_on:
        if not _is_outdated(view):
            yield from map(_indented, _progress(view, link, width))
    else:
        ending = ": ".join(each for each in (view.run.outcome, reason(view.run)) if each)
        yield _indented(_paragraph(ending, width, _STYLES[_mark(view)]))
    yield _indented(_times(view))


def _mark(view: View) -> str:
    if view.run.goes_on:
        return _WAITING if _waits_for_people(view) else _RUNNING
    return _OF_EXIT.get(exit_of(view.run.result), _BAD)


def _waits_for_people(view: View) -> bool:
    progress = view.snapshot.progress
    return progress is not None and progress.waits_for_people


def _is_outdated(view: View) -> bool:
    """Whether the stages show that the target has moved on since the run's last poll."""
    polled = view.snapshot.progress.stage if view.snapshot.progress else None
    running = {stage.name for stage in view.stages if stage.mark == _RUNNING}
    return polled is not None and bool(running) and polled not in running


def _progress(view: View, link: str | None, width: int) -> Iterator[RenderableType]:
    """What the run waits for, with a command and a link if someone has to act."""
    waits_for_people = _waits_for_people(view)
    told, read_at = view.told(with_ages=True), view.snapshot.read_at
    yield _paragraph(told, width, "bold" if waits_for_people else "")
    if read_at:
        yield Text(f"as of {clock_time(read_at)}", "dim")
    if view.snapshot.progress and view.snapshot.progress.approval:
        yield Text(one_line(f"To approve: pipeline-run approve {view.run.name}"))
    if waits_for_people and link:
        yield Text(one_line(link), style=_linked("dim", link), overflow="fold")


def _paragraph(text: str, width: int, style: str) -> Text:
    """A text whose other lines are indented, so that none of them looks like a stage."""
    shown = cut(one_line(text), _MOST_LINES * width)
    return Text("\n".join(textwrap.wrap(shown, max(width, 8), subsequent_indent="    ")), style)


def _stage_table(view: View, width: int) -> RenderableType:
    """A line for each stage: its mark and name, how long it took, and how long it usually takes."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=max(8, width - _OTHER_COLUMNS))
    table.add_column(no_wrap=True, justify="right")
    table.add_column(no_wrap=True, overflow="ellipsis")
    for stage in view.stages:
        usual = view.snapshot.stage_seconds.get(stage.name)
        is_open = stage.status is None or stage.mark == _RUNNING
        table.add_row(
            Text(stage.mark, _STYLES.get(stage.mark, _NOT_YET)),
            Text(one_line(stage.name), "" if stage.mark in _STYLES else _NOT_YET),
            Text(_stage_time(stage, view)),
            Text(f"usually {duration(usual)}" if usual and is_open else "", style="dim"),
        )
    return table


def _stage_time(stage: Stage, view: View) -> str:
    if stage.start is None:
        return ""
    return duration(((stage.end or view.run.stopped or view.now) - stage.start).total_seconds())


def _stage_list(stages: Iterable[Stage], width: int) -> Text:
    """The marks and names of all stages, in as many lines as necessary."""
    lines = [Text()]
    for stage in stages:
        name = _line(stage.mark, Text(one_line(stage.name)))
        name.truncate(min(_LONGEST_NAME, width), overflow="ellipsis")
        gap = "  " if lines[-1] else ""
        if lines[-1].cell_len + len(gap) + name.cell_len > width:
            lines.append(name)
        else:
            lines[-1].append(gap).append_text(name)
    return Text("\n").join(lines)


def _times(view: View) -> Text:
    """A bar with the percentage, the elapsed time, and the time that the target usually takes."""
    typical, percent = view.snapshot.typical_seconds, view.snapshot.percent(view.now)
    usual = f", usually {duration(typical)}" if typical else ""
    if not view.run.goes_on:
        return Text(f"took {duration(view.elapsed)}{usual}", style="dim")
    told = Text(f"{duration(view.elapsed)} so far{usual}")
    if percent is None:
        return told
    done = round(_BAR * percent / 100)
    bar = (("━" * done, "cyan"), ("─" * (_BAR - done), "dim"))
    return Text.assemble(*bar, f" {percent}%  ", told)


def _line(mark: str, text: Text) -> Text:
    """A mark and a text on one line, which is cut if it does not fit."""
    line = Text.assemble((mark, _STYLES.get(mark, _NOT_YET)), " ", text)
    line.no_wrap, line.overflow = True, "ellipsis"
    return line


def _dim_line(text: str) -> Text:
    return Text(one_line(text), "dim", no_wrap=True, overflow="ellipsis")


def _indented(part: RenderableType) -> RenderableType:
    return Padding(part, (0, 0, 0, _INDENT))


def _linked(style: str, link: str | None) -> Style:
    plain = Style.parse(style)
    return plain + Style(link=one_line(link)) if link and is_web_address(link) else plain
