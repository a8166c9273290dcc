"""Amazon EventBridge: delivers events to the targets of rules, and fires schedules."""

from __future__ import annotations

from sandbox.delivery.events import Events
from sandbox.delivery.installation import install

__all__ = ["Events", "install"]
