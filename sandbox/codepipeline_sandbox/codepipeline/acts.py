"""What a scripted action or rule does each time it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Act:
    """What happens in one run of an action. `duration` is in seconds."""

    duration: float = 3.0
    outcome: Literal["Succeeded", "Failed"] = "Succeeded"
    error_code: str | None = None
    error_message: str | None = None
    summary: str | None = None
    external_execution_id: str | None = None
    external_url: str | None = None
    log_stream_arn: str | None = None  # the log stream of the action's compute environment
    output_variables: Mapping[str, str] = field(default_factory=dict)
    change_identifier: str | None = None  # the change behind a source action's revision
    revision: str | None = None  # a source action's revision; the default is a random one


@dataclass
class Script:
    """The acts of one action, and the number of times the action has run."""

    acts: Sequence[Act]
    taken: int = 0

    def next(self) -> Act:
        """Return the act for the next run."""
        act = self.acts[min(self.taken, len(self.acts) - 1)]
        self.taken += 1
        return act
