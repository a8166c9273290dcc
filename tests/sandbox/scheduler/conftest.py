"""The fixtures of EventBridge, whose events and targets schedules share."""

from tests.sandbox.eventbridge.conftest import client, machine, printer, role

__all__ = ["client", "machine", "printer", "role"]
