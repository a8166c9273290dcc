"""What tests read off the company and its runs."""

from __future__ import annotations

import json

from sandbox.company import SECOND


def executions(company, name="deploy", account=SECOND):
    """All executions of a pipeline, newest first."""
    listed = company.codepipeline(account).list_pipeline_executions(pipelineName=name)
    return listed["pipelineExecutionSummaries"]


def result(described):
    """The result document of a run, wherever it stands."""
    return json.loads(described["output"] if "output" in described else described["cause"])


def runs_of(company):
    """All runs, newest first."""
    listed = company.stepfunctions().list_executions(stateMachineArn=company.state_machine)
    return listed["executions"]


def jobs(payloads):
    """CodePipeline's jobs among the payloads of functions."""
    events = [json.loads(payload) for payload in payloads]
    return [event["CodePipeline.job"] for event in events if "CodePipeline.job" in event]
