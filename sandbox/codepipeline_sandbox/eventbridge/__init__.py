"""Amazon EventBridge: delivers events to the targets of rules, and fires schedules."""

from __future__ import annotations

from codepipeline_sandbox.eventbridge.events import Events
from codepipeline_sandbox.eventbridge.installation import install

__all__ = ["Events", "install"]
