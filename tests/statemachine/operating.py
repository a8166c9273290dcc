"""What operators do with the deployed product."""

from __future__ import annotations

import json


def start_run(company, document, **more):
    """Start a run in Step Functions, and return its ARN."""
    return company.stepfunctions().start_execution(
        stateMachineArn=company.state_machine, input=json.dumps(document), **more
    )["executionArn"]


def throttle(company, logical_id, concurrency=0):
    """Limit a function to this many concurrent invocations."""
    company.stack.session.client("lambda").put_function_concurrency(
        FunctionName=company.stack.resource(logical_id), ReservedConcurrentExecutions=concurrency
    )
