"""The chart's time axis and its marks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipeline_run.output import duration

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(each * _MINUTE for each in (1, 2, 5, 10, 15, 30)),
    *(each * _HOUR for each in (1, 2, 3, 6, 12)),
    *(each * _DAY for each in (1, 2, 7, 30, 120)),
)
_MOST = 5  # maximum number of marks, which must fit on a phone


class Axis:
    """Maps times to percentages of the chart's width."""

    def __init__(self, begin: datetime, end: datetime) -> None:
        self._begin = begin
        self._seconds = max((end - begin).total_seconds(), 1.0)

    def percent(self, time: datetime) -> float:
        """The position of a time."""
        part = (time - self._begin).total_seconds() / self._seconds
        return round(100 * min(1.0, max(0.0, part)), 3)

    def marks(self) -> Iterator[tuple[float, str]]:
        """Yield the position and the label of each mark."""
        step = next((each for each in _STEPS if self._seconds / each <= _MOST), _STEPS[-1])
        for number in range(1, int(self._seconds / step) + 1):
            # A mark too close to the end would extend beyond the chart.
            if (place := 100 * number * step / self._seconds) <= 100 - 100 / (2 * _MOST):
                yield round(place, 3), _short(number * step)


def _short(seconds: int) -> str:
    """A duration without zero parts: `2m` instead of `2m 00s`."""
    first, *rest = duration(seconds).split()
    return first if all(int(part[:-1]) == 0 for part in rest) else f"{first} {rest[0]}"
