"""Rounds times up, because Step Functions truncates the end of a wait to a whole second."""

from __future__ import annotations

from datetime import datetime, timedelta


def round_up(moment: datetime) -> datetime:
    """The time, rounded up to a whole second."""
    floor = moment.replace(microsecond=0)
    return floor if floor == moment else floor + timedelta(seconds=1)
