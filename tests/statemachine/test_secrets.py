from __future__ import annotations

import json

import pytest
from moto.sts.models import sts_backends

from codepipeline_sandbox.codepipeline import Act
from playground.company import REGION, ROOT, SECOND, THIRD, TOOLS
from tests.statemachine.reading import jobs, runs_of

ACCOUNTS = (TOOLS, SECOND, THIRD)
LOG_EVENTS = {"POWERTOOLS_LOGGER_LOG_EVENT": "true"}


@pytest.fixture
def asked_to_log_events(cloud, company):
    client = cloud.session(TOOLS, REGION).client("lambda")
    for function in functions(client):
        client.update_function_configuration(
            FunctionName=function["FunctionName"],
            Environment={"Variables": {**function["Environment"]["Variables"], **LOG_EVENTS}},
        )
    settings = [function["Environment"]["Variables"] for function in functions(client)]
    assert len(settings) == len(list((ROOT / "functions").glob("*.py")))
    assert all(LOG_EVENTS.items() <= variables.items() for variables in settings)


def functions(client):
    return [
        one
        for page in client.get_paginator("list_functions").paginate()
        for one in page["Functions"]
    ]


@pytest.mark.usefixtures("asked_to_log_events")
def test_no_credential_is_in_any_history_log_message_event_or_token(
    cloud, company, target, world, payloads
):
    good = target(Act(900), name="good")
    long = target(Act(3_600), name="long")
    bad = target(Act(60, "Failed"), name="bad", account=THIRD)
    company.add_pipeline(
        "release",
        {
            "Go": [
                company.waiting_action("Good", good),
                company.waiting_action("Aborted", {**long, "onAbort": "stop"}),
                company.waiting_action("Bad", bad),
                company.waiting_action("Missing", {**good, "pipelineName": "missing"}),
                company.waiting_action("Mistake", '{"pipelinName": 1}'),
                company.waiting_action("Denied", {**good, "externalId": "wrong"}),
            ]
        },
    )

    company.start("release")
    world.run(until=world.now + 1_000)
    (going_on,) = [one for one in runs_of(company) if one["status"] == "RUNNING"]
    company.stepfunctions().stop_execution(executionArn=going_on["executionArn"])
    world.run()

    credentials = job_credentials(payloads) | role_credentials()
    assert len(credentials) > 20
    written = everything_written(cloud, company, payloads)
    assert len(written) > 100_000
    assert [secret for secret in credentials if secret in written] == []
    # The search finds the jobs' ids, so it would also find a credential.
    assert all(one["id"] in written for one in jobs(payloads))


def job_credentials(payloads):
    return {
        value for job in jobs(payloads) for value in job["data"]["artifactCredentials"].values()
    }


def role_credentials():
    return {
        secret
        for account in ACCOUNTS
        for backend in sts_backends[account].values()
        for role in backend.assumed_roles
        for secret in (role.access_key_id, role.secret_access_key, role.session_token)
    }


def everything_written(cloud, company, payloads):
    stepfunctions = company.stepfunctions()
    texts = [line.text for line in cloud.functions.log_lines]
    texts += [json.dumps(event) for event in cloud.events.log]
    texts += [payload for payload in payloads if "CodePipeline.job" not in payload]
    texts += [job["data"].get("continuationToken", "") for job in jobs(payloads)]
    for run in runs_of(company):
        pages = stepfunctions.get_paginator("get_execution_history").paginate(
            executionArn=run["executionArn"], includeExecutionData=True
        )
        texts += [json.dumps(page["events"], default=str) for page in pages]
    for account, pipeline in ((TOOLS, "release"), (SECOND, "good"), (THIRD, "bad")):
        codepipeline = company.codepipeline(account)
        listed = codepipeline.list_action_executions(pipelineName=pipeline)
        texts.append(json.dumps(listed["actionExecutionDetails"], default=str))
        state = codepipeline.get_pipeline_state(name=pipeline)
        texts.append(json.dumps(state["stageStates"], default=str))
    return "\n".join(texts)
