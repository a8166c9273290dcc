"""The progress of a target execution: its stage, its actions, and what it waits for."""

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
    """The disabled transition into the stage that an execution waits to enter."""

    by: str | None = None
    reason: str | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class RunningRule:
    """A rule of a stage's condition that has not ended."""

    condition: str  # BEFORE_ENTRY or ON_SUCCESS
    rule: str
    since: datetime | None = None


@dataclass(frozen=True)
class RunningAction:
    """An action that is in progress."""

    action: str
    since: datetime


@dataclass(frozen=True)
class Progress:
    """Where an execution is. While it waits to enter a stage, it has no actions."""

    stage: str
    # The actions in progress. None before the stage is entered.
    actions: tuple[str, ...] | None = None
    approval: PendingApproval | None = None
    transition: DisabledTransition | None = None
    behind: str | None = None  # the execution that occupies the stage
    waits: bool = False  # whether the execution waits to enter the stage for an unknown reason
    stopping: bool = False
    latest: RunningAction | None = None  # the running action that began last
    rule: RunningRule | None = None  # the rule in progress, if no action is
    # When it was read. Polls that do not read the progress keep this value.
    read_at: datetime | None = None

    @property
    def waits_for_people(self) -> bool:
        """Whether a person has to answer an approval or enable a transition."""
        return self.approval is not None or self.transition is not None

    @property
    def runs(self) -> bool:
        """Whether an action is in progress, and the execution is not being stopped."""
        return bool(self.actions) and not self.stopping


def worth_showing(before: Progress | None, now: Progress | None) -> bool:
    """Whether the progress shows a new stage or wait that people should see."""
    return now is not None and (before is None or _shown(before) != _shown(now))


def _shown(progress: Progress) -> tuple[object, ...]:
    return progress.stage, progress.approval, progress.transition, progress.behind, progress.rule
