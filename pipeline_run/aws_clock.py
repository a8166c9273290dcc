"""AWS's time. The computer's own clock may be minutes off or may jump."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from pipeline_run.environment import Environment


class AwsClock:
    """Shows the time of AWS's responses, and keeps time from there without the computer's clock.

    Until the first response, shows the computer's time.
    """

    def __init__(self, around: Environment) -> None:
        self._around = around
        self._at_zero: float | None = None  # AWS's time when `ticks` was 0, in epoch seconds

    def set_by(self, response: Mapping[str, Any]) -> None:
        """Set the clock by a response of AWS. It never goes back.

        A response is late, and its date has no fraction of a second, so the latest time is closest.
        """
        try:
            sent = parsedate_to_datetime(response["ResponseMetadata"]["HTTPHeaders"]["date"])
        except (LookupError, ValueError):
            return  # a proxy has changed the header
        at_zero = sent.timestamp() - self._around.ticks()
        self._at_zero = max(at_zero, self._at_zero or at_zero)

    def now(self) -> datetime:
        """The time on AWS's side."""
        if self._at_zero is None:
            return self._around.now()
        return datetime.fromtimestamp(self._at_zero + self._around.ticks(), UTC)


def time_of(responses: Iterable[Mapping[str, Any]], around: Environment) -> datetime:
    """The time on AWS's side when it sent the newest of these responses."""
    clock = AwsClock(around)
    for response in responses:
        clock.set_by(response)
    return clock.now()
