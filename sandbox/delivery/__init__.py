"""Amazon EventBridge: events to the targets of rules, and what schedules start."""

from __future__ import annotations

from sandbox.delivery.events import Events
from sandbox.delivery.installation import install

__all__ = ["Events", "install"]
