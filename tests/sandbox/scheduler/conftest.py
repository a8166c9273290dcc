"""EventBridge's fixtures, because schedules have the same kinds of targets as rules."""

from tests.sandbox.eventbridge.conftest import client, machine, printer, role

__all__ = ["client", "machine", "printer", "role"]
