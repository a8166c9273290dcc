"""The interface of an action's provider."""

from __future__ import annotations

from typing import Protocol


class Provider(Protocol):
    """Performs one run of an action, and calls the run's `succeed` or `fail` at the end."""

    def begin(self) -> None:
        """Start the work."""

    def abandon(self) -> None:
        """Cancel all timers, because the run has been abandoned."""
