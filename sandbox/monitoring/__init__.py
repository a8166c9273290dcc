"""CloudWatch: alarms and saved queries as resources of stacks, metrics, and the alarms' states."""

from __future__ import annotations

from sandbox.monitoring import alarm, query_definition
from sandbox.monitoring.evaluation import evaluate
from sandbox.monitoring.metrics import Datapoint, datapoints

__all__ = ["Datapoint", "datapoints", "evaluate", "install"]


def install() -> None:
    """Let stacks have these resources. Idempotent."""
    alarm.install()
    query_definition.install()
