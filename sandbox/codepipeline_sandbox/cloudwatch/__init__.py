"""CloudWatch alarms, metrics and saved queries, which moto does not fully support."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codepipeline_sandbox.cloudwatch import query_definition
from codepipeline_sandbox.cloudwatch.alarm import AlarmResource
from codepipeline_sandbox.cloudwatch.evaluation import evaluate
from codepipeline_sandbox.cloudwatch.metrics import Datapoint, datapoints

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.patches import Patches

__all__ = ["Datapoint", "datapoints", "evaluate", "install"]


def install(patches: Patches) -> None:
    """Register alarms and saved queries with CloudFormation."""
    AlarmResource.install(patches)
    query_definition.install(patches)
