"""CloudWatch alarms, metrics and saved queries, which moto does not fully support."""

from __future__ import annotations

from codepipeline_sandbox.cloudwatch import query_definition
from codepipeline_sandbox.cloudwatch.alarm import AlarmResource
from codepipeline_sandbox.cloudwatch.evaluation import evaluate
from codepipeline_sandbox.cloudwatch.metrics import Datapoint, datapoints

__all__ = ["Datapoint", "datapoints", "evaluate", "install"]


def install() -> None:
    """Register alarms and saved queries with CloudFormation. A second call changes nothing."""
    AlarmResource.install()
    query_definition.install()
