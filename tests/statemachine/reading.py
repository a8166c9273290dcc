from __future__ import annotations

import json

from playground.company import SECOND


def executions(company, name="deploy", account=SECOND):
    """Return all executions of a pipeline, newest first."""
    listed = company.codepipeline(account).list_pipeline_executions(pipelineName=name)
    return listed["pipelineExecutionSummaries"]


def result(described):
    """Return the run's result document, which is its output or its cause."""
    return json.loads(described["output"] if "output" in described else described["cause"])


def runs_of(company):
    listed = company.stepfunctions().list_executions(stateMachineArn=company.state_machine)
    return listed["executions"]


def jobs(payloads):
    events = [json.loads(payload) for payload in payloads]
    return [event["CodePipeline.job"] for event in events if "CodePipeline.job" in event]
