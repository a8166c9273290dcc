"""Where a target execution is in its pipeline: the stage, the actions, what it waits for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PendingApproval:
    """An approval action that waits for a person."""

    action: str
    since: datetime | None = None


@dataclass(frozen=True)
class DisabledTransition:
    """The disabled transition into the stage in front of which an execution waits."""

    by: str | None = None
    reason: str | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class RunningAction:
    """An action that is in progress."""

    action: str
    since: datetime


@dataclass(frozen=True)
class Progress:
    """Where an execution is. In front of a stage it has no actions."""

    stage: str
    actions: tuple[str, ...] | None = None  # in progress; None in front of the stage
    approval: PendingApproval | None = None
    transition: DisabledTransition | None = None
    behind: str | None = None  # the execution that occupies the stage
    waits: bool = False  # in front of the stage, for no reason that can be seen
    stopping: bool = False
    latest: RunningAction | None = None  # the one that began last
    seen: datetime | None = None  # when `latest` was read

    @property
    def waits_for_people(self) -> bool:
        """Whether somebody has to approve, or to enable a transition, before it goes on."""
        return self.approval is not None or self.transition is not None
