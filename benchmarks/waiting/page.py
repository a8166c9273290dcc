"""Generate the parts of docs/waiting.md that quote the committed results."""

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

PAGE = results.ROOT / "docs" / "waiting.md"
PICTURE = results.ROOT / "docs" / "pictures" / "waiting.svg"
_DELAYS = {
    "policy": "policy",
    "mean_delay_s": "mean",
    "standard_error_s": "±",
    "p50_delay_s": "p50",
    "p99_delay_s": "p99",
    "mean_delay_of_failures_s": "mean after failures",
    "wrong_outcomes": "wrong outcomes",
}
_COSTS = {
    "policy": "policy",
    "usd_per_1000_hours": "$/1,000 h",
    "aws_calls_per_hour": "AWS calls/h",
    "lambda_invocations_per_hour": "functions/h",
    "state_transitions_per_hour": "states/h",
    "polls_per_wait": "polls/wait",
    "max_history_events": "history events",
}


def with_figures(page: str) -> str:
    """Replace every generated part of the page with one made from the results."""
    rows = results.load(results.FIGURES)
    return rewritten(page, r"waiting, ([\w-]+)", lambda name: _made(name, rows))


def drawn() -> str:
    """Draw the picture for the world `history`."""
    rows = results.load(results.FIGURES)
    return picture.svg(_of("history", rows))


def write() -> None:
    """Write the generated parts of the page, and the picture."""
    PAGE.write_text(with_figures(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
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
    return (
        f"Delay in seconds over {rows[0]['waits']} waits:\n\n{_table(_DELAYS, rows)}\n"
        f"Cost and calls:\n\n{_table(_COSTS, rows)}"
    )


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
    return _paragraph(
        f"Averaged over {ours['waits']} waits, the action ends {ours['mean_delay_s']:.1f} seconds "
        f"after its target if events arrive, {polls['mean_delay_s']:.1f} seconds after it with "
        f"polling alone, and {waiter['mean_delay_s']:.1f} seconds after it with "
        f"aws-codepipeline-waiter. With events, the orchestrator makes {calls:.0%} as many AWS "
        f"calls as the waiter. With as many polls as `{POLLS.name}`, no polling policy could "
        f"average less than {least['mean_delay_s']:.1f} seconds, even if it knew the distribution "
        "of each pipeline's duration."
    )


def _seldom(rows: Sequence[Figures]) -> str:
    waits = waits_of("history", rows[0]["waits"])
    measured = peers.play_rule("events", partial(peers.events, every=900), waits)
    found = figures("events", "history", waits, measured)
    return _paragraph(
        "If `events-300` polled every 15 minutes instead of every 5, its mean delay in `history` "
        f"would be {found['mean_delay_s']:.2f} seconds, with {found['aws_calls_per_hour']:.2f} AWS "
        "calls per hour, because it would answer its job less often. A lost event would then cost "
        "up to 15 minutes."
    )


def _cold(rows: Sequence[Figures]) -> str:
    cold, warm = lone_wait(), _by(EVENTS.name, rows)["p50_delay_s"]
    return _paragraph(
        f"If no other run keeps the containers warm, a wait ends {cold:.1f} seconds after its "
        f"target. With warm containers, half of the waits in `history` end within {warm:.1f} "
        "seconds."
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
    lines = ["| figure | measured | limit | |", "| --- | ---: | ---: | --- |"]
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
        f"Prices are for us-east-1 on {prices.AS_OF}, without the free tier. Other calls are free. "
        "Every invocation is assumed to take "
        f"{prices.SECONDS_PER_INVOCATION * 1000:.0f} ms, with {prices.MEMORY_GB * 1024:.0f} MB for "
        f"the product and {prices.PEERS_MEMORY_GB * 1024:.0f} MB for the peers."
    )
    return f"{_paragraph(text)}\n{listed}"
