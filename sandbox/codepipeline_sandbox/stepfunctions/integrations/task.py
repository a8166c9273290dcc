"""The Task state's fields that an attempt needs."""

from __future__ import annotations

from typing import Any, Protocol


class TaskFields(Protocol):
    """The fields of a Task state that are evaluated for each attempt."""

    @property
    def arguments(self) -> Any:
        """The template of Arguments."""

    @property
    def timeout_seconds(self) -> Any:
        """The template of TimeoutSeconds."""

    @property
    def heartbeat_seconds(self) -> Any:
        """The template of HeartbeatSeconds."""
