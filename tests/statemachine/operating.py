from __future__ import annotations

import json


def start_run(company, document, **more):
    return company.stepfunctions().start_execution(
        stateMachineArn=company.state_machine, input=json.dumps(document), **more
    )["executionArn"]


def throttle(company, logical_id, concurrency=0):
    """Reserve this much concurrency for the function. With 0, the function cannot run."""
    company.stack.session.client("lambda").put_function_concurrency(
        FunctionName=company.stack.resource(logical_id), ReservedConcurrentExecutions=concurrency
    )
