"""Runs as DescribeExecution returns them."""

from __future__ import annotations

from datetime import UTC, datetime

from pipeline_run.runs import Run

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


def run_of(name="run-1", status="RUNNING", **more):
    """A run that started at START, with more fields of DescribeExecution's response."""
    return Run(
        {
            "executionArn": f"arn:aws:states:eu-west-1:111122223333:execution:machine:{name}",
            "name": name,
            "status": status,
            "startDate": START,
            "input": '{"pipelineName": "web"}',
            **more,
        }
    )
