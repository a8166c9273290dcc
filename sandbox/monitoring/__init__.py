"""CloudWatch alarms, metrics and saved queries, which moto does not fully support."""

from __future__ import annotations

from sandbox.monitoring import query_definition
from sandbox.monitoring.alarm import AlarmResource
from sandbox.monitoring.evaluation import evaluate
from sandbox.monitoring.metrics import Datapoint, datapoints

__all__ = ["Datapoint", "datapoints", "evaluate", "install"]


def install() -> None:
    """Register alarms and saved queries with CloudFormation. A second call changes nothing."""
    AlarmResource.install()
    query_definition.install()
