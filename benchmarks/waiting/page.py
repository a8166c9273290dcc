"""What the README and docs/waiting.md quote: made from the committed results alone."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.waiting import picture, prices, results, table
from benchmarks.waiting.figures import BOUND, OURS, Figures
from benchmarks.waiting.targets import WAITER, targets
from docs.generated import rewritten

PAGES = [results.ROOT / "README.md", results.ROOT / "docs" / "waiting.md"]
PICTURE = results.ROOT / "docs" / "pictures" / "waiting.svg"
_SHORT = {
    "policy": "",
    "mean_delay_s": "mean delay (s)",
    "p95_delay_s": "95 % (s)",
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
    return picture.svg(_of("history", rows), results.load(results.CURVE))


def write() -> None:
    """Write the parts of the pages, and the picture."""
    for page in PAGES:
        page.write_text(with_figures(page.read_text(encoding="utf-8")), encoding="utf-8")
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(drawn(), encoding="utf-8")


def _made(name: str, rows: Sequence[Figures]) -> str:
    if name == "summary":
        return _summary(_of("history", rows))
    if name == "targets":
        return _targets(rows)
    if name == "prices":
        return _prices()
    return _world(_of(name, rows))


def _world(rows: Sequence[Figures]) -> str:
    count = rows[0]["waits"]
    return f"`{rows[0]['world']}`, {count} waits:\n\n{_table(table.COLUMNS, rows)}"


def _of(world: str, rows: Sequence[Figures]) -> list[Figures]:
    found = [row for row in rows if row["world"] == world]
    if not found:
        raise KeyError(world)
    return found


def _summary(rows: Sequence[Figures]) -> str:
    ours, waiter, least = (_by(name, rows) for name in (OURS, WAITER, BOUND))
    calls = ours["aws_calls_per_hour"] / waiter["aws_calls_per_hour"]
    text = (
        f"Over {ours['waits']} waits, the action ends {ours['mean_delay_s']:.1f} seconds after its "
        f"target on average; with\naws-codepipeline-waiter it is {waiter['mean_delay_s']:.1f} "
        f"seconds. It takes {calls:.0%} of the waiter's AWS calls. With as\nmany polls, knowing "
        "all about how long each pipeline takes as a whole, the least would be "
        f"{least['mean_delay_s']:.1f} seconds."
    )
    return f"{text}\n\n{_table(_SHORT, rows)}"


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
    sources = " and ".join(f"<{source}>" for source in prices.SOURCES)
    return (
        f"Prices are those of us-east-1 on {prices.AS_OF} ({sources}), without the free tier: "
        f"${prices.LAMBDA_REQUEST * 1e6:.2f} for a million invocations, "
        f"${prices.LAMBDA_ARM64_GB_SECOND:.10f} for a GB-second on arm64, "
        f"${prices.STATE_TRANSITION * 1000:.3f} for 1,000 state transitions; other calls are free. "
        f"An invocation is taken to last {prices.SECONDS_PER_INVOCATION * 1000:.0f} ms with "
        f"{prices.MEMORY_GB * 1024:.0f} MB, those of the peers with "
        f"{prices.PEERS_MEMORY_GB * 1024:.0f} MB.\n"
    )
