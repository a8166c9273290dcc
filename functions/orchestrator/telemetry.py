"""Logs and metrics.

The log line of a run carries its name; `bind_run` puts it there. Handlers never log their event:
a job's event holds credentials.
"""

from __future__ import annotations

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

logger = Logger()


def bind_run(run: str) -> None:
    """Put the run's name on every line of this invocation, given the name or the ARN."""
    logger.append_keys(run=run.rpartition(":")[2])


def count(name: str, **dimensions: str) -> None:
    """Count one event as a CloudWatch metric, with dimensions.

    Written at once, not at the end of the invocation: a function that dies later has counted.
    """
    with single_metric(name=name, unit=MetricUnit.Count, value=1) as metric:
        for dimension, value in dimensions.items():
            metric.add_dimension(name=dimension, value=value)
