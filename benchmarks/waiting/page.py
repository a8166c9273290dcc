"""What the README and docs/waiting.md quote: made from the committed results alone."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from benchmarks.waiting import peers, picture, prices, results, table
from benchmarks.waiting.cold import lone_wait
from benchmarks.waiting.figures import BOUND, Figures, figures
from benchmarks.waiting.products import EVENTS, POLLS
from benchmarks.waiting.targets import targets
from benchmarks.waiting.worlds import waits_of
from docs.generated import rewritten
from docs.generated import table as markdown

PAGES = [results.ROOT / "README.md", results.ROOT / "docs" / "waiting.md"]
PICTURE = results.ROOT / "docs" / "pictures" / "waiting.svg"
_SHORT = {
    "policy": "",
    "mean_delay_s": "mean delay (s)",
    "p99_delay_s": "99 % (s)",
    "aws_calls_per_hour": "AWS calls an hour",
    "usd_per_1000_hours": "$ for 1,000 hours",
}


def with_figures(page: str) -> str:
    """The page with each generated part as the results have it."""
    rows = results.load(results.FIGURES)
    return rewritten(page, r"waiting, ([\w-]+)", lambda name: _made(name, rows))


def drawn() -> str:
    """The picture of the world `history`."""
    rows = results.load(results.FIGURES)
    return picture.svg(_of("history", rows))


def write() -> None:
    """Write the parts of the pages, and the picture."""
    for page in PAGES:
        page.write_text(with_figures(page.read_text(encoding="utf-8")), encoding="utf-8")
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(drawn(), encoding="utf-8")


def _made(name: str, rows: Sequence[Figures]) -> str:
    made: Mapping[str, Callable[[], str]] = {
        "summary": lambda: _summary(_of("history", rows)),
        "targets": lambda: _targets(rows),
        "prices": _prices,
        "seldom": lambda: _seldom(_of("history", rows)),
        "cold": lambda: _cold(_of("history", rows)),
    }
    return made[name]() if name in made else _world(_of(name, rows))


def _world(rows: Sequence[Figures]) -> str:
    count = rows[0]["waits"]
    return f"`{rows[0]['world']}`, {count} waits:\n\n{_table(table.COLUMNS, rows)}"


def _of(world: str, rows: Sequence[Figures]) -> list[Figures]:
    found = [row for row in rows if row["world"] == world]
    if not found:
        raise KeyError(world)
    return found


def _summary(rows: Sequence[Figures]) -> str:
    ours, polls, waiter, least = (
        _by(name, rows) for name in (EVENTS.name, POLLS.name, "waiter", BOUND)
    )
    calls = ours["aws_calls_per_hour"] / waiter["aws_calls_per_hour"]
    text = (
        f"Over {ours['waits']} waits, the action ends {ours['mean_delay_s']:.1f} seconds after "
        f"its target on average if events arrive, and {polls['mean_delay_s']:.1f} seconds after it "
        "by polling alone. With aws-codepipeline-waiter, that takes "
        f"{waiter['mean_delay_s']:.1f} seconds. With events, the product makes {calls:.0%} of the "
        "waiter's AWS calls. A polling policy that knew how long each pipeline takes could not do "
        f"better than {least['mean_delay_s']:.1f} seconds with as many polls."
    )
    return f"{_paragraph(text)}\n{_table(_SHORT, rows)}"


def _seldom(rows: Sequence[Figures]) -> str:
    """What the peer that events wake would come to if it looked less often."""
    waits = waits_of("history", rows[0]["waits"])
    measured = peers.play_rule("events", partial(peers.events, look=900), waits)
    found = figures("events", "history", waits, measured)
    return _paragraph(
        "With a look every 15 minutes instead of 5, `events-300` would have a mean delay of "
        f"{found['mean_delay_s']:.2f} seconds in `history`, and make "
        f"{found['aws_calls_per_hour']:.2f} AWS calls an hour: it would answer its job less often, "
        "and a lost event would cost up to 15 minutes."
    )


def _cold(rows: Sequence[Figures]) -> str:
    cold, warm = lone_wait(), _by(EVENTS.name, rows)["p50_delay_s"]
    return _paragraph(
        f"A lone wait, for which every container is cold, ends {cold:.1f} seconds after its "
        "target. With warm containers, half of the waits of `history` end within "
        f"{warm:.1f} seconds."
    )


def _paragraph(text: str) -> str:
    return f"{textwrap.fill(text, 100, break_on_hyphens=False)}\n"


def _by(policy: str, rows: Sequence[Figures]) -> Figures:
    return next(row for row in rows if row["policy"] == policy)


def _table(columns: dict[str, str], rows: Sequence[Figures]) -> str:
    cells = [list(columns.values()), ["---", *("---:" for _ in list(columns)[1:])]]
    cells += [[f"`{row['policy']}`", *_figures(columns, row)] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


def _figures(columns: dict[str, str], row: Figures) -> list[str]:
    return [table.shown(row[name]) for name in columns if name != "policy"]


def _targets(rows: Sequence[Figures]) -> str:
    lines = ["| figure | measured | at most | |", "| --- | ---: | ---: | --- |"]
    for each in targets(rows):
        verdict = "" if each.reached else "missed"
        lines.append(f"| {each.what} | {each.value:,.2f} | {each.most:,.2f} | {verdict} |")
    return "\n".join([*lines, ""])


def _prices() -> str:
    rows = [
        (f"{each.per:,} {each.what}", f"{each.dollars:,.4f}".rstrip("0").rstrip("."), each.source)
        for each in prices.PRICES
    ]
    listed = markdown(("what", "$", "source"), [(a, b, f"<{c}>") for a, b, c in rows])
    text = (
        f"Prices are those of us-east-1 on {prices.AS_OF}, without the free tier. Other calls are "
        "free. Every invocation is taken to last "
        f"{prices.SECONDS_PER_INVOCATION * 1000:.0f} ms, with {prices.MEMORY_GB * 1024:.0f} MB for "
        f"the product and {prices.PEERS_MEMORY_GB * 1024:.0f} MB for the peers."
    )
    return f"{_paragraph(text)}\n{listed}"
