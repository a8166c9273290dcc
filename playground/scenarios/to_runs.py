"""Performs and describes acts that affect runs of the product."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from playground.accounts import TOOLS
from playground.scenarios.waiting import Impossible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from playground.company import Company
    from playground.scenarios.model import Happening


_GUESS = "0" * 32  # an attacker's guess at the secret


def start(company: Company, details: Mapping[str, Any]) -> str | None:
    """Call StartExecution. With `claims`, the run gets the name of another run's job."""
    text = details["run"].text
    if "claims" not in details:
        company.stepfunctions().start_execution(stateMachineArn=company.state_machine, input=text)
        return None
    job = _job(company, details["claims"])
    digest = hashlib.sha256(_GUESS.encode()).hexdigest()
    claimed = json.dumps({"job": {"id": job, "secret": digest}, "input": json.loads(text)})
    company.stepfunctions().start_execution(
        stateMachineArn=company.state_machine, name=job, input=claimed
    )
    return f"someone starts a run named after run {details['claims']}'s job"


def abort(company: Company, details: Mapping[str, Any]) -> str:
    """Call StopExecution."""
    run = _arn(company, details["number"])
    cause = {"cause": details["reason"]} if "reason" in details else {}
    company.stepfunctions().stop_execution(executionArn=run, **cause)
    because = f": {details['reason']}" if "reason" in details else ""
    return f"someone stops run {details['number']}{because} (StopExecution)"


def redrive(company: Company, details: Mapping[str, Any]) -> str:
    """Call RedriveExecution."""
    run = _arn(company, details["number"])
    company.stepfunctions().redrive_execution(executionArn=run)
    return f"someone redrives run {details['number']} (RedriveExecution)"


def forge(company: Company, details: Mapping[str, Any]) -> str:
    """Invoke codepipeline_job with a forged event for the run's open job."""
    function = company.stack.resource("CodePipelineJobFunction")
    asked = {"FunctionName": function, "UserParameters": json.dumps(details["input"])}
    job = {
        "id": _job(company, details["number"]),
        "accountId": TOOLS,
        "data": {"actionConfiguration": {"configuration": asked}},
    }
    company.stack.session.client("lambda").invoke(
        FunctionName=function,
        InvocationType="Event",
        Payload=json.dumps({"CodePipeline.job": job}).encode(),
    )
    return f"someone forges an event for run {details['number']}'s job (Invoke)"


def answer(company: Company, details: Mapping[str, Any]) -> str:
    """Call PutJobSuccessResult for a run's job, with a token forged for another run."""
    name = _arn(company, details["claims"]).rpartition(":")[2]
    company.codepipeline().put_job_success_result(
        jobId=_job(company, details["number"]),
        continuationToken=json.dumps({"run": name, "secret": _GUESS, "n": 9}),
    )
    number, claimed = details["number"], details["claims"]
    return f"someone answers run {number}'s job with a token forged for run {claimed}"


def _job(company: Company, number: int) -> str:
    item = company.stack.session.client("dynamodb").get_item(
        TableName=company.stack.resource("JobsTable"),
        Key={"run": {"S": _arn(company, number).rpartition(":")[2]}},
    )
    if "Item" not in item:
        raise Impossible(f"run {number} has no job")
    return item["Item"]["job"]["S"]


_DEEDS: Mapping[str, Callable[[Company, Mapping[str, Any]], str | None]] = {
    "run": start,
    "abort": abort,
    "redrive": redrive,
    "forge": forge,
    "answer": answer,
}


def act(company: Company, happening: Happening) -> str | None:
    """Perform an act. Raises Impossible if the run does not exist."""
    return _DEEDS[happening.verb](company, happening.details)


def _arn(company: Company, number: int) -> str:
    pages = company.stepfunctions().get_paginator("list_executions")
    found = [
        run["executionArn"]
        for page in pages.paginate(stateMachineArn=company.state_machine)
        for run in page["executions"]
    ]
    if number > len(found):
        raise Impossible(f"run {number} does not exist yet")
    return found[-number]
