"""Draw delay against AWS calls as an SVG for light and dark pages."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from benchmarks.waiting.figures import BOUND, Figures
from benchmarks.waiting.products import EVENTS, PRODUCTS

WIDTH, HEIGHT = 760, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 24, 20, 52
_CALLS, _DELAYS = (20.0, 1_000.0), (0.5, 60.0)  # ranges of the logarithmic scales
_CALL_MARKS = (20, 50, 100, 200, 500, 1_000)
_DELAY_MARKS = (0.5, 1, 2, 5, 10, 20, 50)
_LABELS = {
    "aws-sample": (0, -12, "middle"),
    "waiter": (0, 22, "middle"),
}  # All other labels are to the right of their point.
_BESIDE = (11, 5, "start")
_STYLE = """\
text { font: 13px system-ui, sans-serif; fill: #333 }
.grid { stroke: #ddd } .peer { fill: #767676 }
.bound { fill: #2a7de1 } .ours { fill: #d4380d } text.ours { font-weight: 700 }
@media (prefers-color-scheme: dark) {
  text { fill: #ddd } .grid { stroke: #444 } .peer { fill: #a0a0a0 }
  .bound { fill: #6cb0ff } .ours { fill: #ff8a5c }
}"""


def svg(rows: Sequence[Figures]) -> str:
    """Draw the policies of one world as points, including the bound."""
    parts = [*_grid()]
    for row in rows:
        parts += _point(row)
    title = "Mean delay against AWS calls per waited hour, both scales logarithmic"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
            f"<title>{title}</title>",
            f"<style>\n{_STYLE}\n</style>",
            *parts,
            "</svg>\n",
        ]
    )


def _grid() -> Iterator[str]:
    for calls in _CALL_MARKS:
        x = _x(calls)
        yield f'<path class="grid" d="M{x} {_TOP}V{HEIGHT - _BOTTOM}"/>'
        yield _text(f"{calls:,}", x, HEIGHT - _BOTTOM + 18, "middle")
    for seconds in _DELAY_MARKS:
        y = _y(seconds)
        yield f'<path class="grid" d="M{_LEFT} {y}H{WIDTH - _RIGHT}"/>'
        yield _text(f"{seconds:g} s", _LEFT - 8, y + 4, "end")
    yield _text("AWS calls per waited hour", (_LEFT + WIDTH - _RIGHT) / 2, HEIGHT - 10, "middle")
    yield _text("mean delay", _LEFT + 8, _TOP + 14, "start")


def _point(row: Figures) -> Iterator[str]:
    name = row["policy"]
    kind = _kind(name)
    x, y = _x(row["aws_calls_per_hour"]), _y(row["mean_delay_s"])
    right, down, anchor = _LABELS.get(name, _BESIDE)
    yield f'<circle class="{kind}" cx="{x}" cy="{y}" r="{7 if name == EVENTS.name else 5}"/>'
    yield _text(name, x + right, y + down, anchor, kind if kind != "peer" else "")


def _kind(policy: str) -> str:
    if policy in PRODUCTS:
        return "ours"
    return "bound" if policy == BOUND else "peer"


def _text(text: str, x: float, y: float, anchor: str, kind: str = "") -> str:
    of_kind = f' class="{kind}"' if kind else ""
    return f'<text{of_kind} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


def _x(calls: float) -> float:
    return round(_LEFT + _share(calls, _CALLS) * (WIDTH - _LEFT - _RIGHT), 1)


def _y(seconds: float) -> float:
    return round(HEIGHT - _BOTTOM - _share(seconds, _DELAYS) * (HEIGHT - _TOP - _BOTTOM), 1)


def _share(value: float, of: tuple[float, float]) -> float:
    low, high = map(math.log, of)
    return min(1.0, max(0.0, (math.log(value) - low) / (high - low)))
