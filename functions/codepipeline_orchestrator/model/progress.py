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

    @property
    def waits_for_people(self) -> bool:
        """Whether somebody has to approve, or to enable a transition, before it goes on."""
        return self.approval is not None or self.transition is not None

    @property
    def runs(self) -> bool:
        """Whether an action is in progress, and the execution is not being stopped."""
        return bool(self.actions) and not self.stopping


def worth_showing(before: Progress | None, now: Progress | None) -> bool:
    """Whether people who know where it was should see where it is now: another stage or wait."""
    return now is not None and (before is None or _shown(before) != _shown(now))


def _shown(progress: Progress) -> tuple[object, ...]:
    return progress.stage, progress.approval, progress.transition, progress.behind
