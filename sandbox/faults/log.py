"""The journal: which fault struck what, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Strike:
    """One time that a fault struck. There are no credentials and no payloads in it."""

    time: float  # epoch seconds
    kind: str
    what: str  # service:Operation, or what was to be delivered
    account: str
    region: str
    function: str  # that called, or was to be invoked; empty if there is none
    seconds: float = 0.0

    def __str__(self) -> str:
        moment = datetime.fromtimestamp(self.time, UTC).isoformat(timespec="milliseconds")
        seconds = f" {self.seconds:g} s" if self.seconds else ""
        place = f"{self.account} {self.region} {self.function}".strip()
        return f"{moment} {self.kind}{seconds}: {self.what} ({place})"
